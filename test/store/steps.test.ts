import { describe, expect, it } from 'vitest';
import { run, type Steps, wait } from '../../src/store/steps.js';

describe('steps', () => {
  it('run in one go where nothing makes them wait', () => {
    function* add(): Steps<number> {
      return (yield* wait(1)) + (yield* wait(2));
    }
    expect(run(add())).toBe(3);
  });

  it('throw at once what they throw before they first wait', () => {
    // oxlint-disable-next-line require-yield -- it throws before
    function* fail(): Steps<number> {
      throw new RangeError('no');
    }
    expect(() => run(fail())).toThrow(RangeError);
  });

  it('wait for promises, and for nothing else', async () => {
    function* add(): Steps<number> {
      return (yield* wait(Promise.resolve(1))) + (yield* wait(2)) + (yield* wait(3));
    }
    const result = run(add());
    expect(result).toBeInstanceOf(Promise);
    expect(await result).toBe(6);
  });

  it('get what they waited for as an error where it failed, and may go on', async () => {
    const seen: unknown[] = [];
    function* recover(): Steps<string> {
      try {
        yield* wait(Promise.reject(new Error('one')));
      } catch (error) {
        seen.push((error as Error).message);
      }
      try {
        yield Promise.reject(new Error('two'));
      } catch (error) {
        seen.push((error as Error).message);
        yield Promise.resolve();
      }
      return 'done';
    }
    expect(await run(recover())).toBe('done');
    expect(seen).toEqual(['one', 'two']);
  });

  it('reject with what they throw later, after what they do at their end', async () => {
    const seen: string[] = [];
    function* fail(): Steps<void> {
      try {
        yield Promise.resolve();
        throw new RangeError('no');
      } finally {
        seen.push('end');
      }
    }
    await expect(run(fail())).rejects.toThrow(RangeError);
    expect(seen).toEqual(['end']);
  });
});
