import type { ObjectKey } from '../core/index.js';
import type { AnyResource } from '../resources/index.js';
import type { RateLimiterFactory } from '../workqueue/index.js';
import type { Predicate } from './predicates/index.js';
import type { Reconciler } from './reconcile.js';

/** A kind whose objects lead to the objects that own them. */
export interface OwnedKind {
  readonly resource: AnyResource;
  /** Every owner counts, not only the controller. */
  readonly matchEveryOwner: boolean;
  /** A change that one of them does not pass asks for nothing. */
  readonly predicates: readonly Predicate<unknown>[];
}

/** A kind whose objects lead to others by a function. */
export interface MappedKind {
  readonly resource: AnyResource;
  readonly map: (object: unknown) => Iterable<ObjectKey>;
  /** A change that one of them does not pass asks for nothing. */
  readonly predicates: readonly Predicate<unknown>[];
}

/** How a controller runs. */
export interface ControllerOptions {
  /** How many keys are reconciled at the same time, never one key twice; 1 unless given. */
  readonly concurrency?: number;
  /** How long a key that failed waits; 5 ms doubling to 1,000 s for each key unless given. */
  readonly rateLimiter?: RateLimiterFactory;
}

/**
 * A controller, as its builder described it.
 *
 * Immutable and without state: any number of managers may run it, at once or one after another.
 */
export interface Controller {
  readonly name: string;
  readonly resource: AnyResource;
  /** A change of an object of {@link resource} that one of them does not pass asks for nothing. */
  readonly predicates: readonly Predicate<unknown>[];
  readonly owned: readonly OwnedKind[];
  readonly mapped: readonly MappedKind[];
  readonly options: ControllerOptions;
  readonly reconcile: Reconciler<unknown>;
}
