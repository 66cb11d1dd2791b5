import { describe, expect, it } from 'vitest';
import { ApiError, type Executor, microtaskExecutor, VirtualClock } from '../../src/core/index.js';
import { Background } from '../../src/store/background.js';
import type { Steps } from '../../src/store/steps.js';

function setUp(): { background: Background; clock: VirtualClock; errors: unknown[]; seen: string[] } {
  const clock = new VirtualClock();
  const errors: unknown[] = [];
  return {
    background: new Background(clock, microtaskExecutor, (error) => errors.push(error)),
    clock,
    errors,
    seen: [],
  };
}

/** A step that waits for nothing. */
function step(work: () => void): () => Steps<void> {
  return function* (): Steps<void> {
    yield* [];
    work();
  };
}

/** A step that says so when it runs. */
function saying(seen: string[], name: string): () => Steps<void> {
  return step(() => seen.push(name));
}

describe('background work', () => {
  it('begins in the order in which it was added, never in the stack of who adds it', async () => {
    const { background, seen } = setUp();
    background.add(
      step(() => {
        seen.push('a');
        background.add(saying(seen, 'c'));
      }),
    );
    background.add(saying(seen, 'b'));
    expect(seen).toEqual([]);
    await background.idle();
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  it('has each step as a hand-over of its own', () => {
    const tasks: (() => void)[] = [];
    const executor: Executor = { ...microtaskExecutor, execute: (_lane, task) => tasks.push(task) };
    const background = new Background(new VirtualClock(), executor, () => undefined);
    const seen: string[] = [];
    for (const name of ['a', 'b']) background.add(saying(seen, name));
    tasks.shift()?.();
    expect(seen).toEqual(['a']);
    tasks.shift()?.();
    expect(seen).toEqual(['a', 'b']);
    expect(tasks).toEqual([]);
  });

  it('has several steps under way where they wait, but not more than 64', async () => {
    const { background, clock, seen } = setUp();
    let underWay = 0;
    let most = 0;
    for (let index = 0; index < 200; index += 1) {
      background.add(function* (): Steps<void> {
        underWay += 1;
        most = Math.max(most, underWay);
        yield new Promise<void>((resolve) => clock.setTimer(10, resolve));
        underWay -= 1;
        seen.push('done');
      });
    }
    const idle = background.idle();
    await clock.advance(100);
    await idle;
    expect(most).toBe(64);
    expect(seen).toHaveLength(200);
  });

  it('is over for a step that was overtaken', async () => {
    const { background, clock, errors, seen } = setUp();
    background.add(
      step(() => {
        throw ApiError.notFound({ group: '', plural: 'pods', kind: 'Pod' }, 'a');
      }),
    );
    background.add(function* (): Steps<void> {
      yield Promise.reject(ApiError.conflict({ group: '', plural: 'pods', kind: 'Pod' }, 'a', 'no'));
    });
    background.add(saying(seen, 'next'));
    await background.idle();
    expect(seen).toEqual(['next']);
    expect(errors).toEqual([]);
    expect(clock.timers).toBe(0);
  });

  it('is tried again, a second later, where the storage cannot carry it out now', async () => {
    const { background, clock, errors, seen } = setUp();
    let failures = 3;
    background.add(function* (): Steps<void> {
      yield Promise.resolve();
      failures -= 1;
      if (failures >= 0) throw ApiError.serviceUnavailable('not now');
      seen.push('done');
    });
    const idle = background.idle().then(() => seen.push('idle'));
    await clock.advance(2_999);
    expect(seen).toEqual([]);
    await clock.advance(1);
    await idle;
    expect(seen).toEqual(['done', 'idle']);
    expect(errors).toEqual([]);
    expect(clock.timers).toBe(0);
  });

  it('tells of other errors, and goes on', async () => {
    const { background, errors, seen } = setUp();
    const [first, second] = [new Error('first'), new Error('second')];
    background.add(
      step(() => {
        throw first;
      }),
    );
    background.add(function* (): Steps<void> {
      yield Promise.reject(second);
    });
    background.add(saying(seen, 'next'));
    await background.idle();
    expect(errors).toEqual([first, second]);
    expect(seen).toEqual(['next']);
  });

  it('is idle once it is closed, with no timer, and takes no more', async () => {
    const { background, clock, errors, seen } = setUp();
    let fail = (_error: Error): void => undefined;
    background.add(
      step(() => {
        throw ApiError.serviceUnavailable('not now');
      }),
    );
    background.add(function* (): Steps<void> {
      yield new Promise<void>((_, reject) => {
        fail = reject;
      });
    });
    await clock.advance(0);
    expect(clock.timers).toBe(1);
    const idle = background.idle();
    background.add(saying(seen, 'waited'));
    background.close();
    background.add(saying(seen, 'late'));
    await idle;
    await background.idle();
    expect(clock.timers).toBe(0);
    fail(ApiError.serviceUnavailable('closed'));
    await clock.advance(10_000);
    expect(clock.timers).toBe(0);
    expect(seen).toEqual([]);
    expect(errors).toEqual([]);
  });
});
