import { expect, it } from 'vitest';
import { SeededRandom, VirtualClock } from '../../src/core/index.js';
import { Repeater } from '../../src/informer/repeater.js';

it('repeats after a period that is up to a tenth longer or shorter by chance, until it is stopped', async () => {
  const clock = new VirtualClock();
  let repeats = 0;
  const repeater = new Repeater(clock, new SeededRandom(1), 100_000, () => void (repeats += 1));
  expect(clock.timers).toBe(0);
  repeater.start();
  repeater.start();
  const periods: number[] = [];
  for (let turn = 0; turn < 200; turn += 1) {
    periods.push(clock.untilNext as number);
    await clock.next();
  }
  expect(repeats).toBe(200);
  expect(Math.min(...periods)).toBeGreaterThanOrEqual(90_000);
  expect(Math.min(...periods)).toBeLessThan(92_000);
  expect(Math.max(...periods)).toBeLessThanOrEqual(110_000);
  expect(Math.max(...periods)).toBeGreaterThan(108_000);
  repeater.stop();
  expect(clock.timers).toBe(0);
});
