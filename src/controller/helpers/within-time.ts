import type { Clock } from '../../core/index.js';

/** How long some work may take, and who else may end it. */
export interface TimeLimit {
  /** What is to be done, for the error. */
  readonly what: string;
  readonly clock: Clock;
  /** Milliseconds. */
  readonly limit: number;
  /** Aborts the signal of the work; the work itself decides when it ends. */
  readonly signal: AbortSignal;
  /** Told what the work failed with after its time was up. */
  readonly onLateError: (error: unknown) => void;
}

/**
 * Does some work, which gets a signal that aborts when its time is up.
 *
 * Rejects then, whether the work ends or not; else answers as the work does.
 */
export function withinTime<T>(limits: TimeLimit, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { what, clock, limit, signal, onLateError } = limits;
  const ending = new AbortController();
  return new Promise<T>((resolve, reject) => {
    let late = false;
    const abort = (): void => ending.abort(signal.reason);
    const timer = clock.setTimer(limit, () => {
      late = true;
      signal.removeEventListener('abort', abort);
      const error = new Error(`${what}: expected it done within ${limit} ms`);
      ending.abort(error);
      reject(error);
    });
    const settled = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', abort);
    };
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    const run = async (): Promise<T> => work(ending.signal);
    run().then(
      (result) => {
        settled();
        resolve(result);
      },
      (error: unknown) => {
        settled();
        if (late) onLateError(error);
        reject(error);
      },
    );
  });
}
