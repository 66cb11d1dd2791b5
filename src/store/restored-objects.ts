import { ApiError, deepFreeze, preview } from '../core/index.js';
import type { Kind } from './kind.js';
import type { Kinds } from './kinds.js';
import { seal, type StoredObject } from './stored-object.js';

/** How much newer a restored store is than what its clients may have seen: as many writes as may have come after the backup. */
const GAP = 1_000_000_000;

/** The revision of a restored store: after all that were given out before, by the store or by that of the backup, and after it was made. */
export function restoredRevision(current: number, backedUp: number): number {
  return Math.max(current, backedUp) + GAP;
}

/**
 * The objects of a backup, by their kinds, as they are at a revision.
 *
 * @throws ApiError BadRequest naming what is no object or one of a kind that the store does not serve, has no name or uid, or is there twice.
 */
export function restoredObjects(
  kinds: Kinds,
  objects: readonly StoredObject[],
  revision: number,
): ReadonlyMap<Kind, readonly StoredObject[]> {
  const resourceVersion = String(revision);
  const result = new Map<Kind, StoredObject[]>();
  const keys = new Map<Kind, Set<string>>();
  objects.forEach((object, index) => {
    if (typeof object !== 'object' || object === null) throw refused(index, preview(object));
    const kind = kinds.find(object);
    if (kind === undefined) {
      throw refused(
        index,
        `a ${preview(object.kind)} of ${preview(object.apiVersion)}, which the store does not serve`,
      );
    }
    const { metadata } = object;
    for (const field of ['name', 'uid', 'creationTimestamp'] as const) {
      if (typeof metadata?.[field] !== 'string' || metadata[field] === '') {
        throw refused(index, `a ${object.kind} whose metadata.${field} is ${preview(metadata?.[field])}`);
      }
    }
    if (kind.namespaced !== (typeof metadata.namespace === 'string')) {
      throw refused(index, `a ${object.kind} whose metadata.namespace is ${preview(metadata.namespace)}`);
    }
    const key = `${metadata.namespace ?? ''}/${metadata.name}`;
    const known = keys.get(kind) ?? new Set();
    keys.set(kind, known);
    if (known.has(key)) throw refused(index, `a second ${object.kind} with the name ${preview(key)}`);
    known.add(key);
    // what is frozen itself is taken to be so in all of its parts
    const sealed = seal({ ...deepFreeze(object), metadata: { ...metadata } }, resourceVersion);
    const list = result.get(kind) ?? [];
    list.push(sealed);
    result.set(kind, list);
  });
  return result;
}

function refused(index: number, got: string): ApiError {
  return ApiError.badRequest(`expected objects that the store can hold, got ${got}`, `objects[${index}]`);
}
