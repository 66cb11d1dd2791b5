import { describe, expect, it } from 'vitest';
import { type Lane, microtaskExecutor } from '../../src/core/index.js';

const a: Lane = { kind: 'watch', name: 'a' };
const b: Lane = { kind: 'handler', name: 'b' };

describe('microtaskExecutor', () => {
  it('never runs a task in the stack of the caller', async () => {
    let ran = false;
    microtaskExecutor.execute(a, () => {
      ran = true;
    });
    expect(ran).toBe(false);
    await Promise.resolve();
    expect(ran).toBe(true);
  });

  it('runs the tasks of a lane in the order in which they were scheduled, also by tasks', async () => {
    const log: string[] = [];
    const run = (lane: Lane, name: string): void => {
      microtaskExecutor.execute(lane, () => log.push(name));
    };
    microtaskExecutor.execute(a, () => {
      log.push('a1');
      run(a, 'a4');
      log.push('a1 ends');
    });
    run(a, 'a2');
    run(b, 'b1');
    run(a, 'a3');
    run(b, 'b2');
    await microtaskExecutor.answer(a, () => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    expect(log.filter((name) => name.startsWith('a'))).toEqual(['a1', 'a1 ends', 'a2', 'a3', 'a4']);
    expect(log.filter((name) => name.startsWith('b'))).toEqual(['b1', 'b2']);
  });

  it('lets what a task throws be an uncaught error of the process, and goes on', async () => {
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const uncaught: unknown[] = [];
    process.once('uncaughtException', (error) => uncaught.push(error));
    const error = new Error('thrown by a task');
    let ran = false;
    try {
      microtaskExecutor.execute(a, () => {
        throw error;
      });
      microtaskExecutor.execute(a, () => {
        ran = true;
      });
      await new Promise((resolve) => setImmediate(resolve));
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const listener of listeners) process.on('uncaughtException', listener);
    }
    expect(uncaught).toEqual([error]);
    expect(ran).toBe(true);
  });

  it('does the work of an answer at once, and hands over the result later', async () => {
    const log: string[] = [];
    const answer = microtaskExecutor.answer(a, () => {
      log.push('worked');
      return 42;
    });
    log.push('called');
    void answer.then(() => log.push('answered'));
    log.push('after');
    expect(await answer).toBe(42);
    expect(log).toEqual(['worked', 'called', 'after', 'answered']);
  });

  it('rejects the answer with what the work threw, and never throws it itself', async () => {
    const error = new Error('no');
    const answer = microtaskExecutor.answer(a, () => {
      throw error;
    });
    await expect(answer).rejects.toBe(error);
  });
});
