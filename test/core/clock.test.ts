import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  formatMicroTime,
  formatTime,
  parseTime,
  sleep,
  systemClock,
  type Timer,
  VirtualClock,
} from '../../src/core/index.js';

afterEach(() => {
  vi.useRealTimers();
});

/** A clock, and what its timers wrote down with the time at which they fired. */
function recorder(): {
  clock: VirtualClock;
  log: string[];
  set: (name: string, delay: number) => Timer;
} {
  const clock = new VirtualClock();
  const log: string[] = [];
  return {
    clock,
    log,
    set: (name, delay) => clock.setTimer(delay, () => log.push(`${name}@${clock.monotonic()}`)),
  };
}

describe('VirtualClock', () => {
  it('stands still until it is told to move', async () => {
    const clock = new VirtualClock();
    expect(clock.now()).toBe(Date.UTC(2026, 0, 1));
    expect(clock.monotonic()).toBe(0);
    await clock.advance(1_500);
    expect(clock.now()).toBe(Date.UTC(2026, 0, 1) + 1_500);
    expect(clock.monotonic()).toBe(1_500);
    expect(new VirtualClock(0).now()).toBe(0);
  });

  it('fires timers in order of time, equal times in the order in which they were set', async () => {
    const { clock, log, set } = recorder();
    set('c', 30);
    set('a', 10);
    set('b1', 20);
    set('b2', 20);
    set('b3', 20);
    await clock.advance(100);
    expect(log).toEqual(['a@10', 'b1@20', 'b2@20', 'b3@20', 'c@30']);
    expect(clock.monotonic()).toBe(100);
  });

  it('fires what is due at the very end, and nothing later', async () => {
    const { clock, log, set } = recorder();
    set('at', 10);
    set('after', 10.5);
    await clock.advance(10);
    expect(log).toEqual(['at@10']);
    expect(clock.timers).toBe(1);
    expect(clock.untilNext).toBe(0.5);
  });

  it('never fires a timer in the stack of its caller, not even one without delay', async () => {
    const { clock, log, set } = recorder();
    set('now', 0);
    set('past', -5);
    expect(log).toEqual([]);
    await clock.advance(0);
    expect(log).toEqual(['now@0', 'past@0']);
    expect(clock.monotonic()).toBe(0);
  });

  it('never goes back', async () => {
    const clock = new VirtualClock();
    await clock.advance(10);
    await clock.advance(-5);
    expect(clock.monotonic()).toBe(10);
  });

  it('fires timers that timers set, at their own time', async () => {
    const { clock, log, set } = recorder();
    clock.setTimer(10, () => {
      set('second', 5);
      set('late', 50);
    });
    set('between', 12);
    await clock.advance(20);
    expect(log).toEqual(['between@12', 'second@15']);
  });

  it('lets everything that a timer set going run before the next one fires', async () => {
    const clock = new VirtualClock();
    const log: string[] = [];
    clock.setTimer(10, () => {
      void (async () => {
        for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
        log.push(`first done at ${clock.monotonic()}`);
      })();
    });
    clock.setTimer(10, () => log.push('second'));
    await clock.advance(10);
    expect(log).toEqual(['first done at 10', 'second']);
  });

  it('runs what is under way before it moves', async () => {
    const { clock, log, set } = recorder();
    void Promise.resolve().then(() => set('late', 5));
    await clock.advance(5);
    expect(log).toEqual(['late@5']);
  });

  it('counts the timers that wait, and forgets those that are cancelled', async () => {
    const { clock, log, set } = recorder();
    const first = set('first', 10);
    set('second', 20);
    expect([clock.timers, clock.untilNext]).toEqual([2, 10]);
    first.cancel();
    first.cancel();
    expect([clock.timers, clock.untilNext]).toEqual([1, 20]);
    await clock.advance(20);
    first.cancel();
    expect(log).toEqual(['second@20']);
    expect([clock.timers, clock.untilNext]).toEqual([0, undefined]);
  });

  it('counts no timer twice that is cancelled after it fired', async () => {
    const { clock, set } = recorder();
    const fired = set('fired', 1);
    set('waits', 10);
    await clock.advance(1);
    fired.cancel();
    expect(clock.timers).toBe(1);
  });

  it('lets a timer cancel another that is due at the same time', async () => {
    const { clock, log, set } = recorder();
    clock.setTimer(10, () => second.cancel());
    const second = set('second', 10);
    await clock.advance(10);
    expect(log).toEqual([]);
  });

  it('moves to the next timer, one at a time', async () => {
    const { clock, log, set } = recorder();
    set('b', 20);
    set('a', 10);
    expect(await clock.next()).toBe(true);
    expect(log).toEqual(['a@10']);
    expect(await clock.next()).toBe(true);
    expect(await clock.next()).toBe(false);
    expect(log).toEqual(['a@10', 'b@20']);
    expect(clock.monotonic()).toBe(20);
  });

  it('never fires a timer whose delay is infinite', async () => {
    const { clock, log, set } = recorder();
    set('never', Number.POSITIVE_INFINITY);
    expect(await clock.next()).toBe(false);
    await clock.advance(1_000_000);
    expect(log).toEqual([]);
    expect(clock.monotonic()).toBe(1_000_000);
  });

  it('passes on what a timer throws', async () => {
    const clock = new VirtualClock();
    clock.setTimer(5, () => {
      throw new Error('no');
    });
    await expect(clock.advance(10)).rejects.toThrow('no');
    expect([clock.timers, clock.monotonic()]).toEqual([0, 5]);
  });

  it('refuses a delay that is no number, and an endless advance', async () => {
    const clock = new VirtualClock();
    expect(() => clock.setTimer(Number.NaN, () => undefined)).toThrow(
      new RangeError('Expected a delay in milliseconds, got NaN'),
    );
    await expect(clock.advance(Number.NaN)).rejects.toThrow(RangeError);
    await expect(clock.advance(Number.POSITIVE_INFINITY)).rejects.toThrow(
      'Expected a finite duration in milliseconds, got Infinity',
    );
    expect(clock.timers).toBe(0);
  });
});

describe('systemClock', () => {
  const LONGEST = 2 ** 31 - 1;

  it('waits longer than the platform can, in several steps', () => {
    vi.useFakeTimers();
    const delays = vi.spyOn(globalThis, 'setTimeout');
    const task = vi.fn();
    systemClock.setTimer(2 * LONGEST + 1_000, task);
    vi.advanceTimersByTime(2 * LONGEST + 999);
    expect(task).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(task).toHaveBeenCalledTimes(1);
    expect(delays.mock.calls.map(([, delay]) => delay)).toEqual([LONGEST, LONGEST, 1_000]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('cancels a timer in any of its steps', () => {
    vi.useFakeTimers();
    const task = vi.fn();
    const timer = systemClock.setTimer(LONGEST + 1_000, task);
    vi.advanceTimersByTime(LONGEST + 1);
    timer.cancel();
    timer.cancel();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(LONGEST);
    expect(task).not.toHaveBeenCalled();
  });

  it('fires equal times in the order in which they were set, never in the stack of the caller', () => {
    vi.useFakeTimers();
    const log: string[] = [];
    systemClock.setTimer(0, () => log.push('a'));
    systemClock.setTimer(-10, () => log.push('b'));
    expect(log).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(log).toEqual(['a', 'b']);
  });

  it('lets the process end only where it is told to', () => {
    const unref = vi.spyOn(Object.getPrototypeOf(setTimeout(() => undefined, 0)) as NodeJS.Timeout, 'unref');
    systemClock.setTimer(1_000, () => undefined).cancel();
    systemClock.setTimer(1_000, () => undefined, { keepAlive: true }).cancel();
    expect(unref).not.toHaveBeenCalled();
    systemClock.setTimer(1_000, () => undefined, { keepAlive: false }).cancel();
    expect(unref).toHaveBeenCalledTimes(1);
    unref.mockRestore();
  });

  it('refuses a delay that is no number', () => {
    expect(() => systemClock.setTimer(Number.NaN, () => undefined)).toThrow(RangeError);
  });

  it('tells the time of the machine', () => {
    vi.useFakeTimers({ now: 1_000 });
    expect(systemClock.now()).toBe(1_000);
    const before = systemClock.monotonic();
    vi.advanceTimersByTime(5);
    expect(systemClock.monotonic() - before).toBe(5);
  });
});

describe('sleep', () => {
  it('waits as long as it is told', async () => {
    const clock = new VirtualClock();
    let awake = false;
    const sleeping = sleep(clock, 100).then(() => {
      awake = true;
    });
    await clock.advance(99);
    expect(awake).toBe(false);
    await clock.advance(1);
    expect(awake).toBe(true);
    await sleeping;
  });

  it('rejects with the reason of the signal, and leaves no timer', async () => {
    const clock = new VirtualClock();
    const abort = new AbortController();
    const sleeping = sleep(clock, 100, abort.signal);
    expect(clock.timers).toBe(1);
    const reason = new Error('enough');
    abort.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    expect(clock.timers).toBe(0);
  });

  it('sets no timer where the signal has aborted already', async () => {
    const clock = new VirtualClock();
    const reason = new Error('before');
    await expect(sleep(clock, 100, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(clock.timers).toBe(0);
  });

  it('leaves no listener on the signal once it is over', async () => {
    const clock = new VirtualClock();
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    const sleeping = sleep(clock, 10, signal);
    await clock.advance(10);
    await sleeping;
    expect(removed.mock.calls[0]?.[1]).toBe(added.mock.calls[0]?.[1]);
  });

  it('rejects a delay that is no number', async () => {
    await expect(sleep(new VirtualClock(), Number.NaN)).rejects.toThrow(RangeError);
  });
});

describe('times', () => {
  it('are written as Kubernetes writes them', () => {
    const moment = Date.UTC(2026, 1, 3, 4, 5, 6, 789);
    expect(formatTime(moment)).toBe('2026-02-03T04:05:06Z');
    expect(formatMicroTime(moment)).toBe('2026-02-03T04:05:06.789000Z');
  });

  it('read back what was written', () => {
    const moment = Date.UTC(2026, 1, 3, 4, 5, 6, 789);
    expect(parseTime(formatMicroTime(moment))).toBe(moment);
    expect(parseTime(formatTime(moment))).toBe(moment - 789);
  });

  it.each([
    ['2026-01-01T00:00:00Z', Date.UTC(2026, 0, 1)],
    ['2026-01-01T02:00:00+02:00', Date.UTC(2026, 0, 1)],
    ['2025-12-31T23:30:00.5-00:30', Date.UTC(2026, 0, 1, 0, 0, 0, 500)],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
  ])('reads %s', (text, moment) => {
    expect(parseTime(text)).toBe(moment);
  });

  it.each([
    '',
    'yesterday',
    '2026-01-01',
    '2026-01-01T00:00:00',
    '2026-01-01 00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:60Z',
    '2026-01-01T00:00:00.Z',
    '2026-01-01T00:00:00+99:00',
    ' 2026-01-01T00:00:00Z',
    '2026-01-01T00:00:00Z\n',
  ])('takes %j for no time', (text) => {
    expect(parseTime(text)).toBeUndefined();
  });
});
