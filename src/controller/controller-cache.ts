import type { ObjectKey } from '../core/index.js';
import type { Lister, ListerOptions } from '../informer/index.js';
import type { AnyResource, ObjectOf } from '../resources/index.js';

/** Where a controller finds the objects of a kind; undefined for one that it does not cache. */
export type Listers = (resource: AnyResource) => Lister<object, string> | undefined;

/**
 * What a controller knows of a store without asking: the objects of the kinds that it is for, owns, watches and reads.
 *
 * Synchronous. The objects are frozen and shared. They may be a moment older than the server's, but never older than a write of this
 * controller that has resolved.
 */
export class ControllerCache {
  readonly #controller: string;
  readonly #listers: Listers;
  readonly #onUncached: (resource: AnyResource) => void;

  /** @param onUncached - Told of a read of a kind that the controller does not cache, before it fails. */
  constructor(controller: string, listers: Listers, onUncached: (resource: AnyResource) => void) {
    this.#controller = controller;
    this.#listers = listers;
    this.#onUncached = onUncached;
  }

  /** The object with this key; undefined where there is none. @throws TypeError for a kind that the controller does not cache. */
  get<R extends AnyResource>(resource: R, key: ObjectKey): ObjectOf<R> | undefined {
    return this.#lister(resource).get(key) as ObjectOf<R> | undefined;
  }

  /** The objects of a kind, ordered by namespace, then name. @throws TypeError for a kind that the controller does not cache. */
  list<R extends AnyResource>(resource: R, options?: ListerOptions): readonly ObjectOf<R>[] {
    return this.#lister(resource).list(options) as readonly ObjectOf<R>[];
  }

  /**
   * The objects of a kind that an index finds under a value; see `indexers` in the builder.
   *
   * @throws TypeError for a kind that the controller does not cache, and an index that is none.
   */
  byIndex<R extends AnyResource>(resource: R, index: string, value: string): readonly ObjectOf<R>[] {
    return this.#lister(resource).byIndex(index, value) as readonly ObjectOf<R>[];
  }

  #lister(resource: AnyResource): Lister<object, string> {
    const lister = this.#listers(resource);
    if (lister !== undefined) return lister;
    this.#onUncached(resource);
    throw new TypeError(
      `controller ${this.#controller}: expected a kind that it is for, owns, watches or reads, got ${resource.kind} in ${resource.apiVersion}`,
    );
  }
}
