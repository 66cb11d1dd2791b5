import type { Client } from '../../client/index.js';
import { isConflict, sleep } from '../../core/index.js';

/** client-go's `retry.DefaultRetry`: for conflicts among a few writers. */
const STEPS = 5;
const DELAY = 10;
const JITTER = 0.1;

/**
 * Calls `work` until it meets no conflict, up to 5 times, 10 to 11 ms apart by the client's clock.
 *
 * `work` must read the object anew each time: to send the same update again meets the same conflict. Other errors come through at once,
 * and the last conflict where all tries meet one.
 *
 * @param options - `signal` ends the waiting: the promise rejects with its reason.
 * Source: `retry.RetryOnConflict` with `retry.DefaultRetry` in client-go.
 *
 * @example
 * ```ts
 * await retryOnConflict(client, async () => {
 *   const site = await client.get(Website, key);
 *   return client.update(Website, edit(site, (draft) => { draft.spec.replicas += 1; }));
 * });
 * ```
 */
export async function retryOnConflict<T>(
  client: Pick<Client, 'clock' | 'random'>,
  work: () => Promise<T>,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<T> {
  const { clock, random } = client;
  for (let step = 1; ; step += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isConflict(error) || step === STEPS) throw error;
    }
    await sleep(clock, DELAY * (1 + JITTER * random.next()), options.signal);
  }
}
