import { ApiError, type Clock, sleep } from '../../core/index.js';

/** How long is waited before something is tried again, in milliseconds. */
const PAUSE = 20;

/** Whether an error says that what was asked is out of reach for now. */
export function isUnavailable(error: unknown): boolean {
  return error instanceof ApiError && (error.reason === 'ServiceUnavailable' || error.reason === 'Timeout');
}

/** Does work, again and again until it is within reach. @throws What the work throws at last, after `patience` milliseconds. */
export async function untilAvailable<T>(clock: Clock, patience: number, work: () => Promise<T>): Promise<T> {
  const start = clock.monotonic();
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isUnavailable(error) || clock.monotonic() - start > patience) throw error;
      await sleep(clock, PAUSE);
    }
  }
}
