import { type ObjectKey, preview, validateName } from '../core/index.js';
import type { AnyResource, ObjectOf } from '../resources/index.js';
import type { Controller, ControllerOptions } from './controller.js';
import type { Reconciler } from './reconcile.js';

/** A controller that has a name and lacks the kind that it is for. */
export interface NamedController {
  /** The kind that the controller reconciles: every event about an object of it asks for that object. */
  for<R extends AnyResource>(resource: R): ControllerBuilder<ObjectOf<R>>;
}

/** A controller in the making; every step gives a new builder. `O` is the object that it is for. */
export interface ControllerBuilder<O> {
  /** Events about objects of this kind ask for the object that controls them, before and after the event. */
  owns(resource: AnyResource, options?: { readonly matchEveryOwner?: boolean }): ControllerBuilder<O>;
  /** Events about objects of this kind ask for the objects that `map` names, before and after the event. */
  watches<R extends AnyResource>(
    resource: R,
    options: { readonly map: (object: ObjectOf<NoInfer<R>>) => Iterable<ObjectKey> },
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
    for: (resource) => {
      expectResource(name, 'for', resource);
      return build({ name, resource, owned: [], mapped: [], options: {} });
    },
  };
}

type Unfinished = Omit<Controller, 'reconcile'>;

function build<O>(unfinished: Unfinished): ControllerBuilder<O> {
  const { name } = unfinished;
  return Object.freeze<ControllerBuilder<O>>({
    owns(resource, options) {
      expectResource(name, 'owns', resource);
      const owned = { resource, matchEveryOwner: options?.matchEveryOwner === true };
      return build({ ...unfinished, owned: [...unfinished.owned, owned] });
    },
    watches(resource, { map }) {
      expectResource(name, 'watches', resource);
      if (typeof map !== 'function') {
        throw new TypeError(`controller ${name}: watches: map: expected a function, got ${preview(map)}`);
      }
      const mapped = { resource, map: map as (object: unknown) => Iterable<ObjectKey> };
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
