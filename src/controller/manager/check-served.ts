import { ApiError, isNotFound } from '../../core/index.js';
import type { AnyResource } from '../../resources/index.js';
import type { ControllerRunner } from '../runner/controller-runner.js';
import type { ManagedStore } from './managed-store.js';

/**
 * Makes sure that a store serves every kind that controllers watch there: one that is not would leave its controller waiting for ever.
 *
 * @throws ApiError NotFound naming controller, kind and store.
 */
export async function checkServed(store: ManagedStore, runners: readonly ControllerRunner[]): Promise<void> {
  const wanted = new Map<AnyResource, string>();
  for (const runner of runners) {
    for (const resource of runner.resources(store.name)) wanted.set(resource, runner.controller.name);
  }
  for (const [resource, controller] of wanted) {
    try {
      await store.client.list(resource, { limit: 1, resourceVersion: '0' });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      const where = store.name === undefined ? 'a server' : `a store ${store.name}`;
      throw new ApiError({
        reason: 'NotFound',
        message: `controller ${controller}: expected ${where} that serves ${resource.kind} in ${resource.apiVersion}: ${error.message}`,
        details: error.details,
        cause: error,
      });
    }
  }
}
