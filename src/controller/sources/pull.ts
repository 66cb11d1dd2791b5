/**
 * Gives every item of an iterable to `take`, one at a time, until there is none left or the signal aborts.
 *
 * Then the iterator is asked to return, and waited for; the item that is under way is let go. What the iterable throws before that
 * is thrown, and what it throws as it returns.
 */
export async function pull<T>(
  iterable: AsyncIterable<T>,
  signal: AbortSignal,
  take: (item: T) => void,
): Promise<void> {
  const iterator = iterable[Symbol.asyncIterator]();
  // ends the wait for an item; set while there is one. One for all items: racing each with the signal would leave something behind
  let letGo: (() => void) | undefined;
  const abort = (): void => letGo?.();
  const next = (): Promise<IteratorResult<T> | undefined> =>
    new Promise((resolve, reject) => {
      letGo = () => resolve(undefined);
      iterator.next().then(resolve, reject);
    });
  // whether the iterator has to return: one that has ended or thrown is over
  let isOpen = true;
  signal.addEventListener('abort', abort, { once: true });
  try {
    while (!signal.aborted) {
      isOpen = false;
      const result = await next();
      if (result?.done === true) return;
      isOpen = true;
      if (result !== undefined && !signal.aborted) take(result.value);
    }
  } finally {
    signal.removeEventListener('abort', abort);
    if (isOpen) await iterator.return?.();
  }
}
