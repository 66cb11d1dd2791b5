import { ApiError, type Clock } from '../core/index.js';

/**
 * The answer of a request that may take `limit` milliseconds, and no longer than until `signal` aborts.
 *
 * The request gets a signal that aborts then; whether it heeds it or not, this rejects: with ApiError Timeout, or with the reason of
 * `signal`. No timer and no listener is left behind.
 */
export function withinTime<T>(
  clock: Clock,
  limit: number,
  signal: AbortSignal | undefined,
  request: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const controller = new AbortController();
    const giveUp = (reason: unknown): void => {
      release();
      controller.abort(reason);
      reject(reason);
    };
    const abort = (): void => giveUp(signal?.reason);
    const timer = clock.setTimer(limit, () =>
      giveUp(
        new ApiError({
          reason: 'Timeout',
          message: `expected an answer within ${limit} milliseconds, got none`,
          ambiguous: true,
        }),
      ),
    );
    const release = (): void => {
      timer.cancel();
      signal?.removeEventListener('abort', abort);
    };
    signal?.addEventListener('abort', abort, { once: true });
    // a request that throws is one that failed
    const answer = (async () => request(controller.signal))();
    void answer.then(resolve, reject).finally(release);
  });
}
