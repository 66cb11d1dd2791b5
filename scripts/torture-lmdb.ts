import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildDisk } from './torture/disk-shim.js';
import { runCycles } from './torture/lmdb-cycles.js';
import { openFolder, write } from './torture/lmdb-writer.js';

// Kills processes that write to an LMDB storage, and looks what is left:
//   npx tsx scripts/torture-lmdb.ts kill --cycles 1000
//   npx tsx scripts/torture-lmdb.ts power --cycles 1000    (what was not synchronised is lost; Linux with gcc)
//   npx tsx scripts/torture-lmdb.ts power --cycles 100 --no-sync    (must lose something)
// The other commands are those of its children.
const [command = '', ...rest] = process.argv.slice(2);
if (command === 'write') {
  const [path = '', log = '', seed = '0', sync = 'true'] = rest;
  await write({ path, log, seed: Number(seed), sync: sync === 'true' });
} else if (command === 'hold') {
  // until it is killed
  if ((await openFolder(rest[0] ?? '', true)) !== undefined) setInterval(() => {}, 1 << 30);
} else if (command === 'kill' || command === 'power') {
  const { values } = parseArgs({
    args: rest,
    options: {
      cycles: { type: 'string', default: '100' },
      seed: { type: 'string', default: '1' },
      'no-sync': { type: 'boolean', default: false },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'keelson-shim-'));
  try {
    const shim = command === 'power' ? buildDisk(folder) : undefined;
    if (command === 'power' && shim === undefined) throw new Error('power needs Linux and gcc');
    const sync = !values['no-sync'];
    const start = performance.now();
    const result = await runCycles({
      cycles: Number(values.cycles),
      seed: Number(values.seed),
      sync,
      disaster: shim === undefined ? { kind: 'kill' } : { kind: 'power', shim, written: sync ? 30 : 0 },
      report: (cycle, { broken, acknowledged, open, happened }) => {
        if ((cycle + 1) % 20 === 0) console.log({ cycles: cycle + 1, broken, acknowledged, open, happened });
      },
    });
    console.log({ command, ...values, seconds: Math.round((performance.now() - start) / 1_000), ...result });
    process.exitCode = result.broken > 0 === sync ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
} else {
  console.error(`Expected kill or power, got ${JSON.stringify(command)}`);
  process.exitCode = 1;
}
