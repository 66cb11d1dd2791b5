import { describe, expect, it, vi } from 'vitest';
import { HealthChecks } from '../../../src/controller/health/index.js';
import { VirtualClock } from '../../../src/core/index.js';

/** A check that ends when it is told to. */
function slow(name: string) {
  const runs: { readonly signal: AbortSignal; end(): void; fail(error: unknown): void }[] = [];
  const check = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      runs.push({ signal, end: resolve, fail: reject });
    });
  return { check: { name, check }, runs };
}

describe('HealthChecks', () => {
  it('says that a process without checks answers', async () => {
    const checks = new HealthChecks({ clock: new VirtualClock() });
    expect(await checks.run()).toEqual({
      healthy: true,
      results: [{ name: 'ping', state: 'ok' }],
      unknown: [],
    });
    expect(await checks.runOne('ping')).toEqual({ name: 'ping', state: 'ok' });
    expect(await checks.runOne('other')).toBeUndefined();
  });

  it('runs all, in the order in which they were added, and says which failed with what', async () => {
    const checks = new HealthChecks({ clock: new VirtualClock() });
    const broken = new Error('no route');
    checks.add({ name: 'b', check: () => undefined });
    checks.add({
      name: 'database',
      check: () => {
        throw broken;
      },
    });
    checks.add({ name: 'a', check: async () => Promise.reject('a text') });
    expect(await checks.run()).toEqual({
      healthy: false,
      results: [
        { name: 'b', state: 'ok' },
        { name: 'database', state: 'failed', error: broken },
        { name: 'a', state: 'failed', error: 'a text' },
      ],
      unknown: [],
    });
    expect(await checks.runOne('database')).toEqual({ name: 'database', state: 'failed', error: broken });
    expect((await checks.runOne('ping'))?.state).toBe('ok');
  });

  it('leaves out what is excluded, and says what is unknown', async () => {
    const checks = new HealthChecks({ clock: new VirtualClock() });
    const check = vi.fn(() => {
      throw new Error('no');
    });
    checks.add({ name: 'a', check });
    expect(await checks.run({ exclude: ['x', 'a', 'a', '__proto__'] })).toEqual({
      healthy: true,
      results: [{ name: 'a', state: 'excluded' }],
      unknown: ['x', '__proto__'],
    });
    expect(check).not.toHaveBeenCalled();
  });

  it('cuts a check that hangs, aborts its signal, and leaves no timer', async () => {
    const clock = new VirtualClock();
    const checks = new HealthChecks({ clock });
    const { check, runs } = slow('stuck');
    checks.add(check);
    checks.add({ name: 'fine', check: () => undefined });
    const report = checks.run({ timeout: 1_000 });
    await clock.advance(999);
    expect(runs[0]?.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(runs[0]?.signal.aborted).toBe(true);
    expect((await report).healthy).toBe(false);
    expect((await report).results.map(({ state }) => state)).toEqual(['failed', 'ok']);
    expect((await report).results[0]?.error).toEqual(
      new Error('health check stuck: expected it done within 1000 ms'),
    );
    expect(clock.timers).toBe(0);
  });

  it('does not begin a check again that has not ended', async () => {
    const clock = new VirtualClock();
    const checks = new HealthChecks({ clock });
    const { check, runs } = slow('stuck');
    checks.add(check);
    const both = Promise.all([checks.run({ timeout: 1_000 }), checks.runOne('stuck', { timeout: 9_000 })]);
    await clock.advance(1_000);
    const [first, second] = await both;
    expect([first.healthy, second?.state]).toEqual([false, 'failed']);
    expect((await checks.run()).healthy).toBe(false);
    expect(runs).toHaveLength(1);
    // it fails late, which nobody hears of, and can then be asked again
    runs[0]?.fail(new Error('late'));
    await clock.advance(0);
    const again = checks.run();
    await clock.advance(0);
    runs[1]?.end();
    expect((await again).healthy).toBe(true);
    expect(clock.timers).toBe(0);
  });

  it('begins a check anew after one that threw at once', async () => {
    const checks = new HealthChecks({ clock: new VirtualClock() });
    let broken = true;
    checks.add({
      name: 'a',
      check: () => {
        if (broken) throw new Error('no');
      },
    });
    expect((await checks.run()).healthy).toBe(false);
    broken = false;
    expect((await checks.run()).healthy).toBe(true);
  });

  it('forgets a check that is disposed of, and only that', async () => {
    const checks = new HealthChecks({ clock: new VirtualClock() });
    const first = checks.add({ name: 'a', check: () => undefined });
    expect(() => checks.add({ name: 'a', check: () => undefined })).toThrow(
      new TypeError('health check: name: expected one that is not taken, got "a"'),
    );
    first[Symbol.dispose]();
    checks.add({ name: 'a', check: () => undefined });
    first[Symbol.dispose]();
    expect((await checks.run()).results).toEqual([{ name: 'a', state: 'ok' }]);
  });

  it.each([
    ['', 'expected a name'],
    ['a b', 'expected a name'],
    ['/a', 'expected a name'],
    ['a\n[+]b ok', 'expected a name'],
    [7, 'expected a name'],
  ])('refuses the name %j', (name, message) => {
    const checks = new HealthChecks({ clock: new VirtualClock() });
    expect(() => checks.add({ name: name as string, check: () => undefined })).toThrow(message);
  });

  it('refuses what is no check and no time', async () => {
    const checks = new HealthChecks({ clock: new VirtualClock() });
    expect(() => checks.add({ name: 'a' } as never)).toThrow(
      'health check a: check: expected a function, got undefined',
    );
    for (const timeout of [0, -1, Number.NaN, '5' as never]) {
      await expect(checks.run({ timeout })).rejects.toThrow(RangeError);
      await expect(checks.runOne('ping', { timeout })).rejects.toThrow(RangeError);
    }
  });
});
