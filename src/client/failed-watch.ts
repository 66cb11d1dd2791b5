import type { ApiError } from '../core/index.js';
import type { Watch } from './watch.js';

/** A watch that could not begin: its first `next()` says why. */
export function failedWatch(error: ApiError): Watch<never> {
  let ended = false;
  const done = { value: undefined, done: true } as const;
  const stop = (): void => {
    ended = true;
  };
  const watch: Watch<never> = {
    next: async () => {
      if (ended) return done;
      stop();
      throw error;
    },
    return: async () => {
      stop();
      return done;
    },
    stop,
    [Symbol.asyncIterator]: () => watch,
    [Symbol.asyncDispose]: async () => stop(),
  };
  return watch;
}
