import type { Client } from '../../client/index.js';
import { type ApiObject, isConflict, isNotFound, keyOf } from '../../core/index.js';
import type { AnyResource, ObjectOf } from '../../resources/index.js';

/** How often it is tried, where others write the same object at the same time. */
const TRIES = 5;

/**
 * Gives an object the finalizers that `change` makes of the newest state; writes nothing where they are as they were.
 *
 * The write counts only for the state that `change` saw, and touches nothing else.
 *
 * @returns The object as it is then; undefined where it is gone.
 * @throws ApiError Conflict where 5 tries in a row met one.
 */
export async function setFinalizers<R extends AnyResource>(
  client: Client,
  resource: R,
  object: ObjectOf<R>,
  change: (newest: ObjectOf<R>) => readonly string[],
): Promise<ObjectOf<R> | undefined> {
  const first: ApiObject = object;
  const key = keyOf(first);
  try {
    for (let newest = object, attempt = 1; ; attempt += 1) {
      const { uid, resourceVersion, finalizers: present = [] }: ApiObject['metadata'] = newest.metadata;
      // another object of the same name
      if (uid !== first.metadata.uid) return undefined;
      // it adds some or removes some, never both
      const finalizers = change(newest);
      if (finalizers.length === present.length) return newest;
      try {
        const patch = { metadata: { finalizers, resourceVersion } };
        return await client.patch(resource, key, { type: 'merge', patch });
      } catch (error) {
        if (!isConflict(error) || attempt === TRIES) throw error;
      }
      newest = await client.get(resource, key);
    }
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
