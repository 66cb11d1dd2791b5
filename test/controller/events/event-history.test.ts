import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ApiError, type Client, intercept, type ObjectOf } from '../../../src/index.js';
import { Event } from '../../../src/resources/kinds/index.js';
import { lamp, makeWorld } from './world.js';

/** What the server does with one write. */
type Fate = 'takes it' | 'is gone' | 'rejects it' | 'loses the answer';

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      object: fc.constantFrom('a', 'b', 'c'),
      note: fc.constantFrom('one', 'two', 'three'),
      times: fc.integer({ min: 1, max: 30 }),
    }),
  },
  { weight: 4, arbitrary: fc.constantFrom(0, 100, 2_000, 60_000, 359_999, 360_000, 1_800_000) },
);

/** What the server does with one write after another, of some of its kinds of trouble. */
const fates = fc.subarray<Fate>(['is gone', 'loses the answer', 'rejects it']).chain((troubles) =>
  fc.array(fc.constantFrom<Fate>('takes it', 'takes it', ...troubles), {
    minLength: 10,
    maxLength: 60,
    size: 'max',
  }),
);

it('tells of every event once, or counts it as dropped, whatever the server does', async () => {
  const seen = { runs: 0, without: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }),
      fates,
      fc.nat(),
      async (steps, planned, seed) => {
        // the last state of every object there ever was, as the server answered with it
        const stored = new Map<string, ObjectOf<typeof Event>>();
        const remaining = [...planned];
        const write = async <T>(send: () => Promise<T>): Promise<T> => {
          const next = remaining.shift() ?? 'takes it';
          if (next === 'is gone') throw ApiError.serviceUnavailable('the server is gone');
          if (next === 'rejects it') throw ApiError.forbidden(Event, 'a', 'no');
          const answer = await send();
          const event = answer as ObjectOf<typeof Event>;
          stored.set(event.metadata.name, event);
          if (next === 'loses the answer') throw ApiError.timeout('no answer');
          return answer;
        };
        const wrap = (client: Client): Client =>
          intercept(client, {
            create: (next, resource, object, options) => write(() => next(resource, object, options)),
            patch: (next, resource, key, patch, options) => write(() => next(resource, key, patch, options)),
          });
        const { store, sink, clock, drops } = makeWorld(wrap, seed);
        const recorder = sink.recorder('lamps');
        let recorded = 0;
        for (const action of steps) {
          if (typeof action === 'number') await clock.advance(action);
          else
            for (let turn = 0; turn < action.times; turn += 1) {
              recorder.normal(lamp(action.object), 'Lit', action.note);
              recorded += 1;
            }
        }
        // every fate has been met by then
        await clock.advance(7_200_000);
        await sink.stop();
        await store.close();

        const told = Array.from(stored.values(), ({ series }) => series?.count ?? 1);
        const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
        const dropped = sum(Object.values(drops));
        // of an object that was rejected half way, what was written before the answer was lost is counted as dropped too
        expect(sum(told) + dropped).toBeGreaterThanOrEqual(recorded);
        if (!planned.includes('loses the answer')) expect(sum(told) + dropped).toBe(recorded);
        if (!planned.includes('rejects it')) expect([sum(told), dropped]).toEqual([recorded, 0]);
        expect(told.every((count) => count > 0)).toBe(true);
        expect(clock.timers).toBe(0);
        seen.runs += 1;
        if (dropped === 0) seen.without += 1;
      },
    ),
    { seed: 20_261_121, numRuns: 100 },
  );
  expect(Math.min(seen.without, seen.runs - seen.without)).toBeGreaterThan(seen.runs / 10);
});
