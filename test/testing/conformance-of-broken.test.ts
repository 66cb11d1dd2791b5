import { describe, expect, it } from 'vitest';
import { SeededRandom, VirtualClock } from '../../src/core/index.js';
import type { Storage, StorageChange } from '../../src/store/index.js';
import {
  type ConformanceCase,
  SimulatedStorage,
  storageConformance,
  storeConformance,
} from '../../src/testing/index.js';
import { brokenStorage, DEFECTS, type Defect } from './broken-storage.js';

interface Under {
  readonly storage: Storage;
  readonly clock: VirtualClock;
  readonly log: () => readonly StorageChange[];
  readonly loseAnswer: () => void;
  readonly disturb: (choice: number) => void;
  readonly heal: () => void;
}

/** A shared storage in memory with a defect, on a clock that stands still. */
function makeCreate(make: () => Defect): () => Promise<Under> {
  let made = 0;
  return async () => {
    made += 1;
    const clock = new VirtualClock();
    const storage = new SimulatedStorage({ clock, random: new SeededRandom(made) });
    storage.setLatency('changed', { least: 0, most: 20 });
    return {
      storage: brokenStorage(storage, make()),
      clock,
      log: () => storage.log,
      loseAnswer: () => storage.failNext('commit', 'happens'),
      disturb: (choice) => storage.failNext('commit', choice < 0.5 ? 'happens' : 'vanishes'),
      heal: () => storage.heal(),
    };
  };
}

/** The names of the first case that fails; undefined where none does. */
async function firstFailure(cases: readonly ConformanceCase[]): Promise<string | undefined> {
  for (const { name, run } of cases) {
    try {
      await run();
    } catch {
      return name;
    }
  }
  return undefined;
}

const TIMEOUT = 60_000;
const common = { shared: true, shrinks: false, patience: 1_000, runs: 30 };

describe('the suite for storages', () => {
  it(
    'finds nothing wrong with a storage that is right',
    async () => {
      const cases = storageConformance({ ...common, create: makeCreate(() => ({})) });
      expect(await firstFailure(cases)).toBeUndefined();
    },
    TIMEOUT,
  );

  for (const [name, { make }] of Object.entries(DEFECTS)) {
    it(
      `finds a storage that ${name}`,
      async () => {
        expect(await firstFailure(storageConformance({ ...common, create: makeCreate(make) }))).toBeDefined();
      },
      TIMEOUT,
    );
  }
});

describe('the suite for stores', () => {
  const options = { ...common, durable: true, losesAnswers: true, waits: true, patience: 200_000 };

  it(
    'finds nothing wrong with a store on a storage that is right',
    async () => {
      expect(
        await firstFailure(storeConformance({ ...options, create: makeCreate(() => ({})) })),
      ).toBeUndefined();
    },
    TIMEOUT,
  );

  for (const [name, { make, stores }] of Object.entries(DEFECTS)) {
    if (!stores) continue;
    it(
      `finds a store on a storage that ${name}`,
      async () => {
        expect(await firstFailure(storeConformance({ ...options, create: makeCreate(make) }))).toBeDefined();
      },
      TIMEOUT,
    );
  }
});
