import { describe, expect, it } from 'vitest';
import { SeededRandom, VirtualClock } from '../../src/core/index.js';
import {
  SimulatedStorage,
  type SimulatedStorageOptions,
  storageConformance,
  type StorageUnderTest,
} from '../../src/testing/index.js';

const TIMEOUT = 60_000;

/** A fresh simulated storage on a clock that stands still. */
function makeCreate(options: SimulatedStorageOptions, disturbs = false): () => Promise<StorageUnderTest> {
  let made = 0;
  return async () => {
    made += 1;
    const clock = new VirtualClock();
    const random = new SeededRandom(made);
    const storage = new SimulatedStorage({ clock, random, ...options });
    const under = { storage, clock, log: () => storage.log };
    if (!disturbs) return under;
    return {
      ...under,
      disturb: (choice) => {
        const session = storage.sessions[random.integer(Math.max(1, storage.sessions.length))];
        if (session === undefined) return;
        const acts = [
          () => storage.pause(),
          () => storage.disconnect(session),
          () => storage.reconnect(session),
          () => storage.lose(session),
          () => storage.failNext('commit', 'refused'),
          () => storage.failNext('commit', 'happens'),
          () => storage.failNext('commit', 'vanishes'),
          () => storage.failNext('commit', 'late'),
          () => storage.failNext('load'),
          () => storage.compact(),
          () => storage.setLatency('changed', { least: 0, most: 50 }),
          () => storage.setLatency('commit', { least: 0, most: 50 }),
        ];
        acts[Math.floor(choice * acts.length)]?.();
      },
      heal: () => storage.heal(),
    };
  };
}

const kinds: readonly [string, SimulatedStorageOptions][] = [
  ['shared', {}],
  ['shared, with gaps', { gaps: true }],
  ['shared and slow', { latency: { least: 0, most: 20 } }],
  ['exclusive', { shared: false }],
  ['exclusive and slow', { shared: false, latency: { least: 1, most: 5 } }],
];

for (const [name, options] of kinds) {
  const shared = options.shared !== false;
  describe(`a simulated storage that is ${name}`, () => {
    for (const { name: rule, run } of storageConformance({ create: makeCreate(options), shared, runs: 60 })) {
      it(rule, () => expect(run()).resolves.toBeUndefined(), TIMEOUT);
    }
  });
  describe(`a simulated storage that is ${name}, and disturbed,`, () => {
    const cases = storageConformance({ create: makeCreate(options, true), shared, runs: 150 });
    const random = cases.at(-1);
    if (random !== undefined) it(random.name, () => expect(random.run()).resolves.toBeUndefined(), TIMEOUT);
  });
}
