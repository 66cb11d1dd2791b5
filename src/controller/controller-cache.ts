import type { ObjectKey } from '../core/index.js';
import type { Informer, ListerOptions } from '../informer/index.js';
import type { AnyResource, ObjectOf } from '../resources/index.js';

/**
 * What a controller knows without asking: the objects of the kinds that it is for, owns and watches.
 *
 * Synchronous. The objects are frozen and shared. They may be a moment older than the server's, but never older than a write of this
 * controller that has resolved.
 */
export class ControllerCache {
  readonly #controller: string;
  readonly #informers: ReadonlyMap<AnyResource, Informer<unknown, never>>;

  constructor(controller: string, informers: ReadonlyMap<AnyResource, Informer<unknown, never>>) {
    this.#controller = controller;
    this.#informers = informers;
  }

  /** The object with this key; undefined where there is none. @throws TypeError for a kind that the controller does not watch. */
  get<R extends AnyResource>(resource: R, key: ObjectKey): ObjectOf<R> | undefined {
    return this.#lister(resource).get(key) as ObjectOf<R> | undefined;
  }

  /** The objects of a kind, ordered by namespace, then name. @throws TypeError for a kind that the controller does not watch. */
  list<R extends AnyResource>(resource: R, options?: ListerOptions): readonly ObjectOf<R>[] {
    return this.#lister(resource).list(options) as readonly ObjectOf<R>[];
  }

  #lister(resource: AnyResource): Informer<unknown, never>['lister'] {
    const informer = this.#informers.get(resource);
    if (informer !== undefined) return informer.lister;
    throw new TypeError(
      `controller ${this.#controller}: expected a kind that it is for, owns or watches, got ${resource.kind} in ${resource.apiVersion}`,
    );
  }
}
