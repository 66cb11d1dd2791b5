/** Compresses every `*.jsonl` of the folder given as argument into `test/conformance/vectors/`, always to the same bytes. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Where a gzip header names the operating system, and the value for "unknown". */
const OS_BYTE = 9;
const OS_UNKNOWN = 255;

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new TypeError('Expected a folder of *.jsonl files as argument');

for (const name of readdirSync(folder).toSorted()) {
  if (!name.endsWith('.jsonl')) continue;
  const packed = gzipSync(readFileSync(join(folder, name)), { level: 9 });
  packed[OS_BYTE] = OS_UNKNOWN;
  writeFileSync(new URL(`../test/conformance/vectors/${name}.gz`, import.meta.url), packed);
  process.stdout.write(`${name}: ${packed.length} bytes\n`);
}
