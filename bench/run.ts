import { controllerRows } from './controller.js';
import { measure, table } from './harness.js';
import { informerRows } from './informer.js';
import { lmdbRows } from './lmdb.js';
import { countLeaves, makePod } from './pods.js';
import { patchRows } from './patch.js';
import { queueRows } from './queue.js';
import { measureScale } from './scale.js';
import { selectorRows } from './selectors.js';
import { storageRows } from './storage.js';
import { storeRows } from './store.js';

// `npm run bench` runs everything, `npm run bench -- store queue` two of the suites; `scale` is no table of rates and takes 2 GB of heap
const suites = {
  store: storeRows,
  queue: queueRows,
  informer: informerRows,
  controller: controllerRows,
  patch: patchRows,
  selectors: selectorRows,
  storage: storageRows,
  lmdb: lmdbRows,
};
const SCALE = 'scale';
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => name !== SCALE && !Object.hasOwn(suites, name));
if (unknown.length > 0) {
  console.error(`Expected some of ${[...Object.keys(suites), SCALE].join(', ')}, got ${unknown.join(', ')}`);
  process.exit(1);
}
console.log(JSON.stringify({ node: process.version, podLeaves: countLeaves(makePod(0)) }));
const chosen = Object.entries(suites).filter(([name]) => asked.length === 0 || asked.includes(name));
if (chosen.length > 0) console.log(table(await measure(chosen.flatMap(([, rows]) => rows()))));
if (asked.length === 0 || asked.includes(SCALE)) await measureScale();
