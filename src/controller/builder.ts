import { type ObjectKey, preview, validateName } from '../core/index.js';
import type { AnyResource, ObjectOf } from '../resources/index.js';
import type { Controller, ControllerOptions } from './controller.js';
import type { Predicate } from './predicates/index.js';
import type { Reconciler } from './reconcile.js';

/** A controller that has a name and lacks the kind that it is for. */
export interface NamedController {
  /** The kind that the controller reconciles: every event about an object of it asks for that object. */
  for<R extends AnyResource>(
    resource: R,
    options?: WatchedKindOptions<ObjectOf<NoInfer<R>>>,
  ): ControllerBuilder<ObjectOf<R>>;
}

/** Which events about objects of a kind count. */
export interface WatchedKindOptions<O> {
  /** An event that one of them does not pass asks for nothing. All events count unless given. */
  readonly predicates?: readonly Predicate<O>[] | undefined;
}

/** A controller in the making; every step gives a new builder. `O` is the object that it is for. */
export interface ControllerBuilder<O> {
  /** Events about objects of this kind ask for the object that controls them, before and after the event. */
  owns<R extends AnyResource>(
    resource: R,
    options?: WatchedKindOptions<ObjectOf<NoInfer<R>>> & { readonly matchEveryOwner?: boolean },
  ): ControllerBuilder<O>;
  /** Events about objects of this kind ask for the objects that `map` names, before and after the event. */
  watches<R extends AnyResource>(
    resource: R,
    options: WatchedKindOptions<ObjectOf<NoInfer<R>>> & {
      readonly map: (object: ObjectOf<NoInfer<R>>) => Iterable<ObjectKey>;
    },
  ): ControllerBuilder<O>;
  /** How the controller runs. @throws RangeError for a concurrency that is no whole number above 0. */
  options(options: ControllerOptions): ControllerBuilder<O>;
  /** The controller, done. */
  reconcile(reconciler: Reconciler<O>): Controller;
}

/**
 * Begins a controller.
 *
 * @param name - A DNS label, unique in a manager: it names the controller in logs, metrics and field ownership.
 * @throws TypeError when the name is none.
 *
 * @example
 * ```ts
 * const websites = controller('website')
 *   .for(Website)
 *   .owns(Deployment)
 *   .reconcile(async ({ object, client }) => {
 *     if (!object) return;
 *     // make the world match object.spec
 *   });
 * ```
 */
export function controller(name: string): NamedController {
  if (typeof name !== 'string' || validateName('dns1123label', name).length > 0) {
    throw new TypeError(`controller: name: expected a DNS label such as 'website', got ${preview(name)}`);
  }
  return {
    for: (resource, options) => {
      expectResource(name, 'for', resource);
      const predicates = checkPredicates(name, 'for', options?.predicates);
      return build({ name, resource, predicates, owned: [], mapped: [], options: {} });
    },
  };
}

type Unfinished = Omit<Controller, 'reconcile'>;

function build<O>(unfinished: Unfinished): ControllerBuilder<O> {
  const { name } = unfinished;
  return Object.freeze<ControllerBuilder<O>>({
    owns(resource, options) {
      expectResource(name, 'owns', resource);
      const predicates = checkPredicates(name, 'owns', options?.predicates);
      const owned = { resource, matchEveryOwner: options?.matchEveryOwner === true, predicates };
      return build({ ...unfinished, owned: [...unfinished.owned, owned] });
    },
    watches(resource, { map, predicates }) {
      expectResource(name, 'watches', resource);
      if (typeof map !== 'function') {
        throw new TypeError(`controller ${name}: watches: map: expected a function, got ${preview(map)}`);
      }
      const mapped = {
        resource,
        map: map as (object: unknown) => Iterable<ObjectKey>,
        predicates: checkPredicates(name, 'watches', predicates),
      };
      return build({ ...unfinished, mapped: [...unfinished.mapped, mapped] });
    },
    options(options) {
      const { concurrency } = options;
      if (concurrency !== undefined && (!Number.isSafeInteger(concurrency) || concurrency < 1)) {
        throw new RangeError(
          `controller ${name}: concurrency: expected a whole number above 0, got ${preview(concurrency)}`,
        );
      }
      return build({ ...unfinished, options: { ...unfinished.options, ...options } });
    },
    reconcile(reconciler) {
      if (typeof reconciler !== 'function') {
        throw new TypeError(`controller ${name}: reconcile: expected a function, got ${preview(reconciler)}`);
      }
      return Object.freeze({ ...unfinished, reconcile: reconciler as Reconciler<unknown> });
    },
  });
}

function expectResource(name: string, step: string, resource: AnyResource | undefined): void {
  if (typeof resource !== 'object' || resource === null || typeof resource.kind !== 'string') {
    throw new TypeError(
      `controller ${name}: ${step}: expected a resource, as defineResource makes, got ${preview(resource)}`,
    );
  }
}

function checkPredicates(
  name: string,
  step: string,
  predicates: readonly Predicate<never>[] = [],
): readonly Predicate<unknown>[] {
  const list: unknown = predicates;
  if (!Array.isArray(list) || !list.every((predicate) => typeof predicate === 'function')) {
    throw new TypeError(
      `controller ${name}: ${step}: predicates: expected a list of functions, got ${preview(list)}`,
    );
  }
  return Object.freeze([...list] as Predicate<unknown>[]);
}
