import type { Watch } from './watch.js';

/** The same watch; `tell` is told once of what it answers with first: of an event or its end without an error, or of its error. */
export function measuredWatch<O>(
  watch: Watch<O>,
  tell: { answered(): void; failed(error: unknown): void },
): Watch<O> {
  let isFirst = true;
  const first = async (): ReturnType<Watch<O>['next']> => {
    try {
      const result = await watch.next();
      if (isFirst) tell.answered();
      return result;
    } catch (error) {
      if (isFirst) tell.failed(error);
      throw error;
    } finally {
      isFirst = false;
    }
  };
  const measured: Watch<O> = {
    next: () => (isFirst ? first() : watch.next()),
    return: () => watch.return(),
    stop: () => watch.stop(),
    [Symbol.asyncIterator]: () => measured,
    [Symbol.asyncDispose]: () => watch[Symbol.asyncDispose](),
  };
  return measured;
}
