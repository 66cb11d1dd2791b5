import type { Client, WriteOptions } from '../../client/index.js';
import type { ObjectKey } from '../../core/index.js';
import type { AnyResource, ObjectOf } from '../../resources/index.js';
import { createOrChange } from './create-or-change.js';
import type { Mutation, MutationResult } from './mutation.js';

/**
 * Creates an object, or updates it where it is not as `mutate` wants it.
 *
 * It reads from the server, and writes nothing where the mutation changes nothing. Where others create, change or delete the object at
 * the same time, the mutation runs again on what is there then, up to 5 times in all.
 *
 * Prefer `client.apply`, which needs no read: this one is for what depends on the object as it is.
 *
 * @throws TypeError where the mutation changes name, namespace or status; ApiError as get, create and update do.
 * Source: `controllerutil.CreateOrUpdate` in controller-runtime.
 *
 * @example
 * ```ts
 * const { operation } = await createOrUpdate(client, ConfigMap, { name: 'a', namespace: 'default' }, (draft) => {
 *   draft.data = { ...draft.data, mode: 'fast' };
 * });
 * ```
 */
export function createOrUpdate<R extends AnyResource>(
  client: Client,
  resource: R,
  key: ObjectKey,
  mutate: Mutation<NoInfer<R>>,
  options: WriteOptions = {},
): Promise<MutationResult<ObjectOf<R>>> {
  const update = (_before: ObjectOf<R>, after: ObjectOf<R>): Promise<ObjectOf<R>> =>
    client.update(resource, after, options);
  return createOrChange(client, resource, key, mutate, update, options);
}
