import { measureBurst } from './burst.js';
import { controllerRows } from './controller.js';
import { measure, table } from './harness.js';
import { informerRows } from './informer.js';
import { measureElection } from './leader-election.js';
import { lmdbRows } from './lmdb.js';
import { countLeaves, makePod } from './pods.js';
import { patchRows } from './patch.js';
import { queueRows } from './queue.js';
import { measureLargestCluster } from './largest-cluster.js';
import { measureRuntime } from './runtime.js';
import { measureScale } from './scale.js';
import { measureScheduler } from './scheduler.js';
import { selectorRows } from './selectors.js';
import { storageRows } from './storage.js';
import { storeRows } from './store.js';

// `npm run bench` runs everything, `npm run bench -- store queue` two of the suites; `scale` (which takes 2 GB of heap),
// `burst`, `largest-cluster`, `election`, `runtime` and `scheduler` are no tables of rates
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
const others: Readonly<Record<string, () => Promise<void>>> = {
  burst: measureBurst,
  election: measureElection,
  'largest-cluster': measureLargestCluster,
  runtime: measureRuntime,
  scale: measureScale,
  scheduler: measureScheduler,
};
const asked = process.argv.slice(2);
const names = [...Object.keys(suites), ...Object.keys(others)];
const unknown = asked.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`Expected some of ${names.join(', ')}, got ${unknown.join(', ')}`);
  process.exit(1);
}
console.log(JSON.stringify({ node: process.version, podLeaves: countLeaves(makePod(0)) }));
const chosen = Object.entries(suites).filter(([name]) => asked.length === 0 || asked.includes(name));
if (chosen.length > 0) console.log(table(await measure(chosen.flatMap(([, rows]) => rows()))));
for (const [name, run] of Object.entries(others)) if (asked.length === 0 || asked.includes(name)) await run();
