import { type Owned, preview, validateName } from '../core/index.js';
import type { Indexers } from '../informer/index.js';
import type { AnyResource, ObjectOf } from '../resources/index.js';
import { checkOptions, checkWatched } from './check-definition.js';
import type { Controller, ControllerOptions, WatchedKind, WatchedSource } from './controller.js';
import type { Predicate } from './predicates/index.js';
import type { ReconcileContext, Reconciler, ReconcileResult, ReconcilerObject } from './reconcile.js';
import { itself, ownersOf, type RequestTarget } from './request.js';
import type { Source } from './sources/index.js';
import type { CachedKindOptions, WatchedKindOptions, WatchTargets } from './watch-options.js';

/** A controller that has a name and lacks the kind that it is for. */
export interface NamedController {
  /** The kind that the controller reconciles: every event about an object of it asks for that object. */
  for<R extends AnyResource>(
    resource: R,
    options?: WatchedKindOptions<ObjectOf<NoInfer<R>>>,
  ): ControllerBuilder<ObjectOf<R>>;
}

/** A controller in the making; every step gives a new builder. `O` is the object that it is for. */
export interface ControllerBuilder<O> {
  /** Events about objects of this kind ask for the object that controls them, before and after the event. */
  owns<R extends AnyResource>(
    resource: R,
    options?: WatchedKindOptions<ObjectOf<NoInfer<R>>> & {
      /** Every owner counts, not only the controller; false unless given. */
      readonly matchEveryOwner?: boolean | undefined;
    },
  ): ControllerBuilder<O>;
  /** Events about objects of this kind ask for the objects that a function, or their owners, name. */
  watches<R extends AnyResource>(
    resource: R,
    options: WatchedKindOptions<ObjectOf<NoInfer<R>>> & WatchTargets<ObjectOf<NoInfer<R>>>,
  ): ControllerBuilder<O>;
  /** Caches objects of this kind for the reconciler to read; events about them ask for nothing. */
  reads<R extends AnyResource>(
    resource: R,
    options?: CachedKindOptions<ObjectOf<NoInfer<R>>>,
  ): ControllerBuilder<O>;
  /** Whatever comes from something other than the store asks for the objects that `keys` names. See {@link Source}. */
  watchesSource<T>(
    source: Source<T>,
    options: {
      readonly keys: (item: T) => Iterable<RequestTarget>;
      /** For logs and reasons; `source` unless given. */
      readonly name?: string | undefined;
    },
  ): ControllerBuilder<O>;
  /** How the controller runs. @throws RangeError or TypeError for an option that makes no sense. */
  options(options: ControllerOptions): ControllerBuilder<O>;
  /** The controller, done: with a function, or with an object that has one, such as an instance of a class. */
  reconcile(reconciler: Reconciler<O> | ReconcilerObject<O>): Controller;
  /** The controller, done, with a function that is only called for objects that are there. */
  reconcileObject(
    reconciler: (object: O, context: ReconcileContext<O>) => Promise<ReconcileResult>,
  ): Controller;
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
  return Object.freeze<NamedController>({
    for(resource, options) {
      const unfinished = {
        name,
        resource,
        stores: options?.stores ?? 'home',
        kinds: [],
        sources: [],
        options: {},
      };
      return withKind(unfinished, 'for', resource, options, itself);
    },
  });
}

type Unfinished = Omit<Controller, 'reconcile'>;

function build<O>(unfinished: Unfinished): ControllerBuilder<O> {
  const { name } = unfinished;
  return Object.freeze<ControllerBuilder<O>>({
    owns(resource, options) {
      const matchEveryOwner = options?.matchEveryOwner === true;
      return withKind(unfinished, 'owns', resource, options, (object) =>
        ownersOf(object, unfinished.resource, matchEveryOwner),
      );
    },
    watches(resource, options) {
      return withKind(
        unfinished,
        'watches',
        resource,
        options,
        targetsOf(name, options as WatchTargets<Owned>),
      );
    },
    reads(resource, options) {
      return withKind(unfinished, 'reads', resource, options, () => []);
    },
    watchesSource(source, { keys, name: sourceName = 'source' }) {
      const expected = `controller ${name}: watchesSource`;
      if (source === undefined || source === null || !['object', 'function'].includes(typeof source)) {
        throw new TypeError(
          `${expected}: expected an async iterable, a function that makes one, or { emitter, event }, got ${preview(source)}`,
        );
      }
      if (typeof keys !== 'function') {
        throw new TypeError(`${expected}: keys: expected a function, got ${preview(keys)}`);
      }
      const watched = { name: sourceName, source, targets: keys } as unknown as WatchedSource;
      return build({ ...unfinished, sources: [...unfinished.sources, watched] });
    },
    options(options) {
      checkOptions(name, options);
      return build({ ...unfinished, options: { ...unfinished.options, ...options } });
    },
    reconcile(reconciler) {
      const reconcile =
        typeof reconciler === 'object' && typeof reconciler?.reconcile === 'function'
          ? reconciler.reconcile.bind(reconciler)
          : reconciler;
      if (typeof reconcile !== 'function') {
        throw new TypeError(
          `controller ${name}: reconcile: expected a function, or an object with the method reconcile, got ${preview(reconciler)}`,
        );
      }
      return finish(unfinished, reconcile as Reconciler<unknown>);
    },
    reconcileObject(reconciler) {
      if (typeof reconciler !== 'function') {
        throw new TypeError(
          `controller ${name}: reconcileObject: expected a function, got ${preview(reconciler)}`,
        );
      }
      return finish(unfinished, async (context) =>
        context.object === undefined
          ? undefined
          : reconciler(context.object as O, context as ReconcileContext<O>),
      );
    },
  });
}

function finish(unfinished: Unfinished, reconcile: Reconciler<unknown>): Controller {
  return Object.freeze({ ...unfinished, reconcile });
}

/** The controller with one kind more. */
function withKind<O>(
  unfinished: Unfinished,
  step: string,
  resource: AnyResource,
  options: WatchedKindOptions<never> | undefined,
  targets: WatchedKind['targets'],
): ControllerBuilder<O> {
  checkWatched(unfinished.name, step, resource, options);
  const { namespace, labelSelector, fieldSelector, indexers, predicates = [] } = options ?? {};
  const kind: WatchedKind = Object.freeze({
    resource,
    stores: options?.stores ?? unfinished.stores,
    selection: { namespace, labelSelector, fieldSelector },
    indexers: indexers as Indexers<Owned, string> | undefined,
    predicates: Object.freeze([...predicates] as Predicate<unknown>[]),
    targets,
  });
  return build({ ...unfinished, kinds: [...unfinished.kinds, kind] });
}

function targetsOf(name: string, { map, key, ownerOf }: WatchTargets<Owned>): WatchedKind['targets'] {
  if (typeof map === 'function') return map;
  if (typeof key === 'function') {
    return (object, from) => {
      const target = key(object, from);
      return target === undefined ? [] : [target];
    };
  }
  if (typeof ownerOf === 'object' && ownerOf !== null && typeof ownerOf.kind === 'string') {
    return (object) => ownersOf(object, ownerOf, true);
  }
  const got = preview(map ?? key ?? ownerOf);
  throw new TypeError(
    `controller ${name}: watches: expected a function as map or key, or a resource as ownerOf, got ${got}`,
  );
}
