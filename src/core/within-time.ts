import type { Clock } from './clock.js';

/** How long some work may take, and who else may end it. */
export interface TimeLimit {
  readonly clock: Clock;
  /** Milliseconds. */
  readonly limit: number;
  /** What the work fails with when its time is up. */
  readonly expired: () => Error;
  /** Aborts the signal of the work; the work itself decides when it ends. */
  readonly signal?: AbortSignal | undefined;
  /** Told of what the work failed with after its time was up; nobody is unless given. */
  readonly onLateError?: ((error: unknown) => void) | undefined;
}

/**
 * Does some work, which gets a signal that aborts when its time is up.
 *
 * Rejects then, whether the work ends or not; else answers as the work does. No timer and no listener is left behind.
 */
export function withinTime<T>(limits: TimeLimit, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { clock, limit, expired, signal, onLateError } = limits;
  const ending = new AbortController();
  return new Promise<T>((resolve, reject) => {
    let isLate = false;
    const abort = (): void => ending.abort(signal?.reason);
    const timer = clock.setTimer(limit, () => {
      isLate = true;
      release();
      const error = expired();
      ending.abort(error);
      reject(error);
    });
    const release = (): void => {
      timer.cancel();
      signal?.removeEventListener('abort', abort);
    };
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
    // work that throws is work that failed
    const answer = (async () => work(ending.signal))();
    answer.then(
      (result) => {
        release();
        resolve(result);
      },
      (error: unknown) => {
        release();
        if (isLate) onLateError?.(error);
        reject(error);
      },
    );
  });
}
