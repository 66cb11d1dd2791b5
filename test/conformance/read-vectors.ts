import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/**
 * The cases of `vectors/<name>.jsonl.gz`, one a line.
 *
 * @throws Error when there is no such file, or no case in it.
 */
export function readVectors<T>(name: string): T[] {
  const packed = readFileSync(new URL(`./vectors/${name}.jsonl.gz`, import.meta.url));
  const lines = gunzipSync(packed).toString('utf8').split('\n');
  const cases = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as T);
  if (cases.length === 0) throw new Error(`Expected cases in the vectors ${JSON.stringify(name)}, got none`);
  return cases;
}
