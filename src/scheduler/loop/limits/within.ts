import { Life } from './life.js';
import type { TimeLimit } from './time-limit.js';

/** For how long something may go on. */
interface Bounds {
  /** What goes on, for the error. */
  readonly what: () => string;
  readonly limit: TimeLimit;
  /** Ends it before. */
  readonly life: Life;
}

/**
 * What `work` comes to; at once where that is undefined. Rejects as soon as the time is up or the life has ended, whatever becomes of the
 * work: the life of its own that it is given ends then, too.
 *
 * A limit of the work's own that is as long comes first. No timer is left behind.
 *
 * @throws Why the life has ended, if it has; what `work` throws.
 */
export function within<T>(
  { what, limit, life }: Bounds,
  work: (own: Life) => T | Promise<T>,
): T | Promise<T> {
  life.throwIfEnded();
  const own = new Life();
  const working = work(own);
  if (working === undefined) return working;
  return new Promise<T>((resolve, reject) => {
    const leave = (): void => {
      limit.remove(late);
      life.leave(giveUp);
    };
    const giveUp = (reason: unknown): void => {
      leave();
      reject(reason);
      own.end(reason);
    };
    const late = (): void => giveUp(new Error(`${what()} did not end within ${limit.time} ms`));
    limit.add(late);
    // the work may have ended it all at once
    life.listen(giveUp);
    Promise.resolve(working).then(
      (result) => {
        leave();
        resolve(result);
      },
      (error: unknown) => {
        leave();
        reject(error);
      },
    );
  });
}
