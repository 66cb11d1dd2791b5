import type { Client, WriteOptions } from '../../client/index.js';
import { isAlreadyExists, isConflict, isNotFound, type ObjectKey } from '../../core/index.js';
import type { AnyResource, ObjectOf } from '../../resources/index.js';
import { mutateNew, mutateStored, type Mutation, type MutationResult } from './mutation.js';

/** How often a mutation is tried, where others write the same object at the same time. */
const TRIES = 5;

/** How a mutation of a stored object is written. */
export type WriteChange<R extends AnyResource> = (
  before: ObjectOf<R>,
  after: ObjectOf<R>,
) => Promise<ObjectOf<R>>;

/**
 * Creates the object of a key, or changes it.
 *
 * Where somebody else was faster, it reads the object again and mutates that, at once and up to 5 times in all.
 */
export async function createOrChange<R extends AnyResource>(
  client: Client,
  resource: R,
  key: ObjectKey,
  mutate: Mutation<R>,
  writeChange: WriteChange<R>,
  options: WriteOptions,
): Promise<MutationResult<ObjectOf<R>>> {
  const { signal } = options;
  for (let attempt = 1; ; attempt += 1) {
    const found = await getIfThere(client, resource, key, signal);
    try {
      if (found === undefined) {
        const object = await client.create(resource, mutateNew(resource, key, mutate), options);
        return { object, operation: 'created' };
      }
      const wanted = mutateStored(resource, found, mutate);
      if (wanted === found) return { object: found, operation: 'none' };
      const object = await writeChange(found, wanted);
      return { object, operation: revisionOf(object) === revisionOf(found) ? 'none' : 'updated' };
    } catch (error) {
      const raced = found === undefined ? isAlreadyExists(error) : isConflict(error) || isNotFound(error);
      if (!raced || attempt === TRIES) throw error;
    }
  }
}

async function getIfThere<R extends AnyResource>(
  client: Client,
  resource: R,
  key: ObjectKey,
  signal: AbortSignal | undefined,
): Promise<ObjectOf<R> | undefined> {
  try {
    return await client.get(resource, key, { signal });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function revisionOf(object: { readonly metadata: { readonly resourceVersion: string } }): string {
  return object.metadata.resourceVersion;
}
