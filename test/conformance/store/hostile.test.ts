import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SeededRandom, systemClock } from '../../../src/core/index.js';
import { lmdbStorage } from '../../../src/store/storage/lmdb/index.js';
import { SimulatedStorage } from '../../../src/testing/index.js';
import { describeHostile } from './hostile.js';

describeHostile('in memory', () => ({ open: () => undefined }));

describeHostile('on LMDB', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keelson-hostile-'));
  return {
    open: () => lmdbStorage({ path: join(folder, 'store') }),
    isDurable: true,
    dispose: async () => rmSync(folder, { recursive: true, force: true }),
  };
});

describeHostile('on a simulated storage', () => {
  const storage = new SimulatedStorage({ clock: systemClock, random: new SeededRandom(1) });
  return { open: () => storage, isDurable: true };
});
