import { describe, expect, it } from 'vitest';
import { SeededRandom, VirtualClock } from '../../../src/core/index.js';
import {
  SimulatedStorage,
  type SimulatedStorageOptions,
  storeConformance,
  type StoreUnderTest,
} from '../../../src/testing/index.js';

const TIMEOUT = 60_000;

/** A fresh simulated storage on a clock that stands still. */
function makeCreate(options: SimulatedStorageOptions, disturbs = false): () => Promise<StoreUnderTest> {
  let made = 0;
  return async () => {
    made += 1;
    const clock = new VirtualClock();
    const random = new SeededRandom(made);
    const storage = new SimulatedStorage({ clock, random, ...options });
    const under = { storage, clock, loseAnswer: () => storage.failNext('commit', 'happens') };
    if (!disturbs) return under;
    return {
      ...under,
      disturb: (choice) => {
        const session = storage.sessions[random.integer(Math.max(1, storage.sessions.length))];
        if (session === undefined) return;
        const acts = [
          () => storage.pause(),
          () => storage.disconnect(session),
          () => storage.disconnect(session),
          () => storage.reconnect(session),
          () => storage.failNext('commit', 'refused'),
          () => storage.failNext('commit', 'happens'),
          () => storage.failNext('commit', 'vanishes'),
          () => storage.failNext('commit', 'late'),
          () => storage.failNext('newest'),
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
const common = { waits: true, durable: true, losesAnswers: true, patience: 600_000 };

for (const [name, options] of kinds) {
  const shared = options.shared !== false;
  describe(`a store on a simulated storage that is ${name}`, () => {
    const create = makeCreate(options);
    for (const { name: rule, run } of storeConformance({ ...common, create, shared, runs: 60 }))
      it(rule, () => expect(run()).resolves.toBeUndefined(), TIMEOUT);
  });
  describe(`a store on a simulated storage that is ${name}, and disturbed,`, () => {
    const create = makeCreate(options, true);
    const cases = storeConformance({ ...common, create, shared, disturbs: true, runs: 100 });
    const random = cases.at(-1);
    if (random !== undefined) it(random.name, () => expect(random.run()).resolves.toBeUndefined(), TIMEOUT);
  });
}
