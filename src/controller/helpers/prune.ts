import type { Client } from '../../client/index.js';
import {
  type ApiObject,
  isConflict,
  isControlledBy,
  isNotFound,
  keyOf,
  type Owner,
} from '../../core/index.js';
import type { AnyResource } from '../../resources/index.js';

/** How often it is tried, where others write the same object at the same time. */
const TRIES = 5;

/**
 * Deletes an object if its owner still controls it; false where it does not, or where the object is gone or on its way already.
 *
 * The deletion counts only for the state that was looked at, so that an object which has just changed hands stays.
 *
 * @throws ApiError Conflict where 5 tries in a row met one.
 */
export async function prune(
  client: Client,
  resource: AnyResource,
  object: ApiObject,
  owner: Owner,
): Promise<boolean> {
  const key = keyOf(object);
  try {
    for (let newest = object, attempt = 1; ; attempt += 1) {
      const { uid, resourceVersion, deletionTimestamp } = newest.metadata;
      if (!isControlledBy(newest, owner) || deletionTimestamp !== undefined) return false;
      try {
        await client.delete(resource, key, { preconditions: { uid, resourceVersion } });
        return true;
      } catch (error) {
        if (!isConflict(error) || attempt === TRIES) throw error;
      }
      newest = await client.get(resource, key);
    }
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}
