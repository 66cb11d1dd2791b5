import type { LabelSelector, ObjectKey } from '../core/index.js';
import type { PageOptions } from './page-of.js';

/** Which objects a lister lists. */
export interface ListerOptions extends PageOptions {
  /** All namespaces unless given. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | LabelSelector | undefined;
}

/**
 * A cache to read from, at once and for nothing.
 *
 * Objects are frozen and shared, never copied. Lists are ordered by namespace and then name, frozen, and snapshots: what changes later does
 * not show in them.
 */
export interface Lister<O, I extends string = never> {
  /** The object of a key; undefined where the cache has none. */
  get(key: ObjectKey): O | undefined;
  /** The same for a key that is written as `formatKey` does, as in `namespace/name`: the fastest way where there is one already. */
  getByKey(key: string): O | undefined;
  /** @throws ApiError BadRequest for a malformed label selector; RangeError for a limit that is no number of objects. */
  list(options?: ListerOptions): readonly O[];
  /** The objects that an index finds under a value. @throws TypeError where there is no such index. */
  byIndex(name: I, value: string): readonly O[];
}

/** A lister of what may also be written, without the writing. */
export function readOnly<O, I extends string>(cache: Lister<O, I>): Lister<O, I> {
  return Object.freeze({
    get: (key: ObjectKey) => cache.get(key),
    getByKey: (key: string) => cache.getByKey(key),
    list: (options?: ListerOptions) => cache.list(options),
    byIndex: (name: I, value: string) => cache.byIndex(name, value),
  });
}
