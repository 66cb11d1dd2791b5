import type { ControllerRunner } from '../runner/controller-runner.js';
import { checkServed } from './check-served.js';
import type { ManagedStore } from './managed-store.js';
import type { Stores } from './stores.js';

/**
 * Fills the caches of controllers from some of the stores, and waits until the controllers have heard of everything; a store that is
 * taken out meanwhile is left out.
 *
 * @throws ApiError NotFound for a kind that a store does not serve, naming it.
 */
export async function fillCaches(
  runners: readonly ControllerRunner[],
  from: readonly ManagedStore[],
  stores: Stores,
): Promise<void> {
  await Promise.all(
    from.map(async (store) => {
      try {
        await checkServed(store, runners);
        if (!stores.has(store)) return;
        for (const runner of runners) runner.watch(store);
        await store.informers.start();
      } catch (error) {
        if (stores.has(store)) throw error;
      }
    }),
  );
  await Promise.all(runners.map((runner) => runner.synced()));
}
