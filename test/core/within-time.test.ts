import { describe, expect, it } from 'vitest';
import { VirtualClock, withinTime } from '../../src/core/index.js';

const never = (): Promise<never> => new Promise(() => undefined);
const expired = (): Error => new Error('too late');

describe('withinTime', () => {
  it('answers as the work does, and leaves no timer behind', async () => {
    const clock = new VirtualClock();
    await expect(withinTime({ clock, limit: 10, expired }, async () => 'done')).resolves.toBe('done');
    const failed = withinTime({ clock, limit: 10, expired }, () => {
      throw new Error('at once');
    });
    await expect(failed).rejects.toThrow('at once');
    expect(clock.timers).toBe(0);
  });

  it('rejects when the time is up, whether the work heeds its signal or not', async () => {
    const clock = new VirtualClock();
    let own: AbortSignal | undefined;
    const failed = withinTime({ clock, limit: 10, expired }, (signal) => {
      own = signal;
      return never();
    });
    const seen = expect(failed).rejects.toThrow('too late');
    await clock.advance(9);
    expect(own?.aborted).toBe(false);
    await clock.advance(1);
    await seen;
    expect(own?.reason).toEqual(expired());
    expect(clock.timers).toBe(0);
  });

  it('tells of what the work fails with later', async () => {
    const clock = new VirtualClock();
    const late: unknown[] = [];
    const onLateError = (error: unknown): number => late.push(error);
    const failed = withinTime(
      { clock, limit: 10, expired, onLateError },
      (signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('ended')))),
    );
    const seen = expect(failed).rejects.toThrow('too late');
    await clock.advance(10);
    await seen;
    await clock.advance(0);
    expect(late).toEqual([new Error('ended')]);
  });

  it('hands an abort on, and leaves it to the work when to end', async () => {
    const clock = new VirtualClock();
    const stop = new AbortController();
    let own: AbortSignal | undefined;
    let end: ((value: string) => void) | undefined;
    const work = withinTime({ clock, limit: 10, expired, signal: stop.signal }, (signal) => {
      own = signal;
      return new Promise<string>((resolve) => {
        end = resolve;
      });
    });
    stop.abort(new Error('stop'));
    expect(own?.reason).toEqual(new Error('stop'));
    end?.('after all');
    await expect(work).resolves.toBe('after all');
    expect(clock.timers).toBe(0);
  });

  it('begins with an aborted signal where that has aborted before', async () => {
    const clock = new VirtualClock();
    const signal = AbortSignal.abort(new Error('stop'));
    const aborted = withinTime({ clock, limit: 10, expired, signal }, async (own) => own.aborted);
    await expect(aborted).resolves.toBe(true);
  });
});
