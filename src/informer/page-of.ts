import type { ObjectKey } from '../core/index.js';
import type { Indexable } from './indexable.js';
import { lowerBound } from './lower-bound.js';
import { compareText } from './ordered-view.js';

/** Which part of a list is wanted. */
export interface PageOptions {
  /** At most so many objects; all unless given, and for 0. */
  readonly limit?: number | undefined;
  /** Only what comes behind this key, which need not be that of an object: that of the last one had goes on from there. */
  readonly after?: ObjectKey | undefined;
}

/**
 * The wanted part of the objects that match, out of all in their order; frozen.
 *
 * @throws RangeError for a limit that is none.
 */
export function pageOf<T extends Indexable>(
  objects: readonly T[],
  { limit = 0, after }: PageOptions,
  matches?: (object: T) => boolean,
): readonly T[] {
  if (!Number.isSafeInteger(limit) || limit < 0) {
    throw new RangeError(`limit: expected a whole number, 0 or more, got ${limit}`);
  }
  if (limit === 0 && after === undefined && matches === undefined) return objects;
  const start =
    after === undefined ? 0 : lowerBound(objects, ({ metadata }) => compareKeys(metadata, after) <= 0);
  const most = limit === 0 ? objects.length : limit;
  if (matches === undefined) return Object.freeze(objects.slice(start, start + most));
  const page: T[] = [];
  for (let index = start; index < objects.length && page.length < most; index += 1) {
    const object = objects[index] as T;
    if (matches(object)) page.push(object);
  }
  return Object.freeze(page);
}

function compareKeys(a: ObjectKey, b: ObjectKey): number {
  return compareText(a.namespace ?? '', b.namespace ?? '') || compareText(a.name, b.name);
}
