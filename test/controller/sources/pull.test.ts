import { describe, expect, it } from 'vitest';
import { pull } from '../../../src/controller/sources/pull.js';

/** An iterable that gives what it is told to, and says what was done with it. */
function manual() {
  const calls: string[] = [];
  let give: (name: string) => void = () => undefined;
  const iterable: AsyncIterable<string> = {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        calls.push('next');
        return new Promise((resolve) => {
          give = (value) => resolve({ done: false, value });
        });
      },
      return: () => {
        calls.push('return');
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
  return { calls, iterable, give: (name: string) => give(name) };
}

describe('pull', () => {
  it('takes nothing any more once the signal has aborted, not even what came just before', async () => {
    const { calls, iterable, give } = manual();
    const stop = new AbortController();
    const taken: string[] = [];
    const pulled = pull(iterable, stop.signal, (item) => taken.push(item));
    give('a');
    stop.abort();
    await pulled;
    expect([taken, calls]).toEqual([[], ['next', 'return']]);
  });

  it('lets the iterator return where an item is not taken, and passes the error on', async () => {
    const { calls, iterable, give } = manual();
    const pulled = pull(iterable, new AbortController().signal, () => {
      throw new Error('not taken');
    });
    give('a');
    await expect(pulled).rejects.toThrow('not taken');
    expect(calls).toEqual(['next', 'return']);
  });

  it('throws what the iterator throws as it returns', async () => {
    const { iterable } = manual();
    const stop = new AbortController();
    const failing = {
      [Symbol.asyncIterator]: () => ({
        ...iterable[Symbol.asyncIterator](),
        return: () => Promise.reject(new Error('not closed')),
      }),
    };
    const pulled = pull(failing, stop.signal, () => undefined);
    stop.abort();
    await expect(pulled).rejects.toThrow('not closed');
  });
});
