import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/core/index.js';
import { storeConformance } from '../../../src/testing/index.js';

const TIMEOUT = 60_000;

describe('a store in memory', () => {
  const create = async (): Promise<{ readonly clock: VirtualClock }> => ({ clock: new VirtualClock() });
  for (const { name, run } of storeConformance({ create, waits: true, patience: 600_000, runs: 100 }))
    it(name, () => expect(run()).resolves.toBeUndefined(), TIMEOUT);
});
