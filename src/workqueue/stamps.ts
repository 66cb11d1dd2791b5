import type { Clock } from '../core/index.js';

/**
 * A monotonic clock that is read at most once in a synchronous stretch of code.
 *
 * It is never ahead of the clock, and behind by no more than the stretch has lasted. Reading the machine's clock costs more
 * than all the rest of adding an item; this makes the stamps of many items together as cheap as one.
 */
export function stamps(clock: Clock): () => number {
  let stamp = 0;
  let fresh = false;
  const settled = Promise.resolve();
  const expire = (): void => {
    fresh = false;
  };
  return () => {
    if (!fresh) {
      stamp = clock.monotonic();
      fresh = true;
      void settled.then(expire);
    }
    return stamp;
  };
}
