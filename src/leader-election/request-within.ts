import { ApiError, type Clock, withinTime } from '../core/index.js';

/**
 * The answer of a request that may take `limit` milliseconds, and no longer than until `signal` aborts.
 *
 * The request gets a signal that aborts then; whether it heeds it or not, this rejects: with ApiError Timeout, or with the reason of
 * `signal`.
 */
export function requestWithin<T>(
  clock: Clock,
  limit: number,
  signal: AbortSignal | undefined,
  request: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const expired = (): Error =>
    new ApiError({
      reason: 'Timeout',
      message: `expected an answer within ${limit} milliseconds, got none`,
      ambiguous: true,
    });
  return withinTime({ clock, limit, signal, expired }, (own) => unlessAborted(own, request));
}

/** As the request answers; rejects at once when the signal aborts, which is its own and needs nobody to let go of it. */
function unlessAborted<T>(signal: AbortSignal, request: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener('abort', abort, { once: true });
    request(signal).then(resolve, reject);
  });
}
