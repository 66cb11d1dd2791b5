import type { Client, WriteOptions } from '../../client/index.js';
import type { JsonObject, ObjectKey } from '../../core/index.js';
import { createJsonMergePatch } from '../../patch/index.js';
import type { AnyResource, ObjectOf } from '../../resources/index.js';
import { createOrChange } from './create-or-change.js';
import type { Mutation, MutationResult } from './mutation.js';

/**
 * Creates an object, or patches it where it is not as `mutate` wants it: as {@link createOrUpdate}, but it sends only what the mutation
 * changes, so that it does not collide with those who change other fields.
 *
 * A merge patch replaces lists whole. So a patch with a list in it counts only for the revision that it was made from: nobody's item
 * gets lost, and the mutation runs again where there is a newer one.
 *
 * @throws TypeError where the mutation changes name, namespace or status; ApiError as get, create and patch do.
 * Source: `controllerutil.CreateOrPatch` in controller-runtime; RFC 7396.
 *
 * @example
 * ```ts
 * await createOrPatch(client, Website, key, (draft) => {
 *   draft.metadata.labels = { ...draft.metadata.labels, tier: 'web' };
 * });
 * ```
 */
export function createOrPatch<R extends AnyResource>(
  client: Client,
  resource: R,
  key: ObjectKey,
  mutate: Mutation<NoInfer<R>>,
  options: WriteOptions = {},
): Promise<MutationResult<ObjectOf<R>>> {
  const patch = (before: ObjectOf<R>, after: ObjectOf<R>): Promise<ObjectOf<R>> =>
    client.patch(resource, key, { type: 'merge', patch: patchBetween(before, after) }, options);
  return createOrChange(client, resource, key, mutate, patch, options);
}

/** The merge patch from one state to the next, bound to the first where it replaces a list. */
function patchBetween(
  before: { readonly metadata: { readonly resourceVersion: string } },
  after: object,
): JsonObject {
  const patch = createJsonMergePatch(before, after);
  if (!hasList(patch)) return patch;
  const { resourceVersion } = before.metadata;
  return { ...patch, metadata: { ...(patch['metadata'] as JsonObject | undefined), resourceVersion } };
}

function hasList(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) || Object.values(value).some(hasList);
}
