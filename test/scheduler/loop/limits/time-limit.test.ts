import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../../src/core/index.js';
import { TimeLimit } from '../../../../src/scheduler/loop/limits/time-limit.js';

describe('a time limit', () => {
  test('tells of each when its time is up, with one timer for all', async () => {
    const clock = new VirtualClock();
    const limit = new TimeLimit(clock, 100);
    const late: string[] = [];
    limit.add(() => late.push('a'));
    await clock.advance(40);
    limit.add(() => late.push('b'));
    expect(clock.timers).toBe(1);
    await clock.advance(59);
    expect(late).toEqual([]);
    await clock.advance(1);
    expect(late).toEqual(['a']);
    expect(clock.untilNext).toBe(40);
    await clock.advance(40);
    expect(late).toEqual(['a', 'b']);
    expect(clock.timers).toBe(0);
  });

  test('says nothing of what has ended, and leaves no timer', async () => {
    const clock = new VirtualClock();
    const limit = new TimeLimit(clock, 100);
    const late: string[] = [];
    const [a, b] = ['a', 'b'].map((name) => (): void => void late.push(name)) as [() => void, () => void];
    limit.add(a);
    await clock.advance(50);
    limit.add(b);
    limit.remove(a);
    limit.remove(a);
    await clock.advance(99);
    expect(late).toEqual([]);
    limit.remove(b);
    expect(clock.timers).toBe(0);
    await clock.advance(100);
    expect(late).toEqual([]);
  });

  test('comes after timers of the same moment that were set when it began', async () => {
    const clock = new VirtualClock();
    const limit = new TimeLimit(clock, 100);
    const late: string[] = [];
    for (const name of ['a', 'b']) {
      clock.setTimer(100, () => late.push(`own ${name}`));
      limit.add(() => late.push(name));
    }
    await clock.advance(100);
    expect(late).toEqual(['own a', 'own b', 'a', 'b']);
  });

  test('may be asked for more by what is late, and ends what is removed then', async () => {
    const clock = new VirtualClock();
    const limit = new TimeLimit(clock, 100);
    const late: string[] = [];
    const b = (): void => void late.push('b');
    limit.add(() => {
      late.push('a');
      limit.remove(b);
      limit.add(() => late.push('next'));
    });
    limit.add(b);
    await clock.advance(100);
    expect(late).toEqual(['a']);
    expect(clock.timers).toBe(1);
    await clock.advance(100);
    expect(late).toEqual(['a', 'next']);
    expect(clock.timers).toBe(0);
  });

  test('holds for all alike, whatever comes and goes', async () => {
    const step = fc.record({ pause: fc.nat(60), takes: fc.integer({ min: 1, max: 200 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const clock = new VirtualClock();
        const limit = new TimeLimit(clock, 100);
        const late: (readonly [number, number])[] = [];
        const expected: (readonly [number, number])[] = [];
        for (const [index, { pause, takes }] of steps.entries()) {
          await clock.advance(pause);
          const began = clock.monotonic();
          const tell = (): void => void late.push([index, clock.monotonic()]);
          if (takes > 100) expected.push([index, began + 100]);
          // what ends at the very moment has been in time
          clock.setTimer(takes, () => limit.remove(tell));
          limit.add(tell);
        }
        await clock.advance(1_000);
        const inTime = steps.flatMap(({ takes }, index) => (takes === 100 ? [index] : []));
        expect(late.filter(([index]) => !inTime.includes(index))).toEqual(expected);
        expect(late.filter(([index]) => inTime.includes(index))).toEqual([]);
        expect(clock.timers).toBe(0);
      }),
      { seed: 20_261_122, numRuns: 200 },
    );
  });
});
