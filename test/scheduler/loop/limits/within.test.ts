import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../../src/core/index.js';
import { Life } from '../../../../src/scheduler/loop/limits/life.js';
import { TimeLimit } from '../../../../src/scheduler/loop/limits/time-limit.js';
import { within } from '../../../../src/scheduler/loop/limits/within.js';

function world() {
  const clock = new VirtualClock();
  const life = new Life();
  return { clock, life, bounds: { what: () => 'the work', limit: new TimeLimit(clock, 100), life } };
}

const never = (): Promise<never> => new Promise(() => undefined);

describe('within', () => {
  test('answers as the work does, and leaves no timer', async () => {
    const { clock, bounds } = world();
    expect(await within(bounds, () => Promise.resolve('done'))).toBe('done');
    await expect(within(bounds, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(clock.timers).toBe(0);
  });

  test('answers at once where there is nothing to wait for', () => {
    const { clock, bounds } = world();
    expect(within<void>(bounds, () => undefined)).toBeUndefined();
    expect(clock.timers).toBe(0);
    expect(() =>
      within<void>(bounds, () => {
        throw new Error('failed');
      }),
    ).toThrow('failed');
  });

  test('ends what takes too long', async () => {
    const { clock, bounds } = world();
    let own: Life | undefined;
    const result = within(bounds, (life) => {
      own = life;
      return never();
    });
    const failed = expect(result).rejects.toThrow('the work did not end within 100 ms');
    await clock.advance(100);
    await failed;
    expect(own?.hasEnded).toBe(true);
    expect(clock.timers).toBe(0);
  });

  test('ends with the life around it, be it ended by the work itself', async () => {
    for (const isAtOnce of [true, false]) {
      const { clock, life, bounds } = world();
      const reason = new Error('over');
      let signal: AbortSignal | undefined;
      const result = within(bounds, (own) => {
        signal = own.signal;
        if (isAtOnce) life.end(reason);
        return never();
      });
      const failed = expect(result).rejects.toBe(reason);
      life.end(reason);
      await failed;
      expect(signal?.reason).toBe(reason);
      expect(clock.timers).toBe(0);
    }
  });

  test('begins nothing after the end', () => {
    const { life, bounds } = world();
    life.end(new Error('over'));
    let began = false;
    expect(() =>
      within<void>(bounds, () => {
        began = true;
      }),
    ).toThrow('over');
    expect(began).toBe(false);
  });
});
