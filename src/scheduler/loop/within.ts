import type { Clock } from '../../core/index.js';

/** For how long something may go on. */
interface Limit {
  /** What goes on, for the error. */
  readonly what: string;
  /** In milliseconds. */
  readonly time: number;
  /** Ends it before. */
  readonly signal: AbortSignal;
}

/**
 * What `work` comes to. Rejects as soon as the time is up or the signal aborts, whatever becomes of the work: the signal that it is
 * given aborts then, too.
 *
 * A limit of the work's own that is as long comes first. No timer is left behind.
 */
export function within<T>(
  clock: Clock,
  { what, time, signal }: Limit,
  work: (signal: AbortSignal) => T | Promise<T>,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    signal.throwIfAborted();
    const own = new AbortController();
    const working = Promise.resolve(work(own.signal));
    const giveUp = (reason: unknown): void => {
      end();
      reject(reason);
      own.abort(reason);
    };
    const abort = (): void => giveUp(signal.reason);
    const timer = clock.setTimer(time, () => giveUp(new Error(`${what} did not end within ${time} ms`)), {
      keepAlive: false,
    });
    const end = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', abort);
    };
    signal.addEventListener('abort', abort, { once: true });
    // the work may have ended it all at once
    if (signal.aborted) abort();
    working.then(resolve, reject).finally(end);
  });
}
