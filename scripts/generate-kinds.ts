import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { makeCatalog } from './kinds/catalog.js';
import { checkKindRules } from './kinds/describe-kind.js';
import { emitGroup } from './kinds/emit-group.js';
import { emitIndex } from './kinds/emit-index.js';
import { readSchemaData } from './kinds/schema-data.js';

/**
 * Writes src/resources/kinds/ from scripts/data/k8s-schema.json.
 *
 * `--check` writes nothing, names the files that differ from what would be written, and exits with 1 if there are any.
 */
const folder = new URL('../src/resources/kinds/', import.meta.url);
const check = process.argv.includes('--check');

const catalog = makeCatalog(readSchemaData(new URL('data/k8s-schema.json', import.meta.url)));
checkKindRules(catalog);
const wanted = new Map(catalog.groups.map((group) => [`${group.file}.ts`, emitGroup(group, catalog)]));
wanted.set('index.ts', emitIndex(catalog));

mkdirSync(folder, { recursive: true });
const present = new Map(
  readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]),
);
const stale = [...wanted].filter(([name, text]) => present.get(name) !== text).map(([name]) => name);
const extra = [...present.keys()].filter((name) => !wanted.has(name));

if (check) {
  for (const name of [...stale, ...extra])
    process.stderr.write(`src/resources/kinds/${name} is stale: run npm run generate\n`);
  process.exitCode = stale.length + extra.length > 0 ? 1 : 0;
} else {
  for (const name of stale) writeFileSync(new URL(name, folder), wanted.get(name) as string);
  for (const name of extra) rmSync(new URL(name, folder));
}
