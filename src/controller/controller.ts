import type { SelectOptions } from '../client/index.js';
import type { Owned } from '../core/index.js';
import type { Indexers } from '../informer/index.js';
import type { AnyResource } from '../resources/index.js';
import type { RateLimiterFactory } from '../workqueue/index.js';
import type { LeaderElectionOptions } from './manager/leader-election-options.js';
import type { ReadYourWrites } from './own-writes/index.js';
import type { Predicate } from './predicates/index.js';
import type { Reconciler } from './reconcile.js';
import type { ReconcileRequest, RequestTarget } from './request.js';
import type { Source } from './sources/index.js';

/**
 * In which stores a controller looks for objects of a kind.
 *
 * - `home`: in that of the manager's client.
 * - `added`: in those that were added to the manager.
 * - `every`: in all of them.
 */
export type StoreChoice = 'home' | 'added' | 'every';

/** A kind that a controller caches, and what events about its objects ask for. */
export interface WatchedKind {
  readonly resource: AnyResource;
  readonly stores: StoreChoice;
  /** Which objects of the kind. */
  readonly selection: SelectOptions;
  readonly indexers: Indexers<Owned, string> | undefined;
  /** A change that one of them does not pass asks for nothing. */
  readonly predicates: readonly Predicate<unknown>[];
  /** What a change asks for, of the object before and of that after. */
  readonly targets: (object: Owned, from: EventOrigin) => Iterable<RequestTarget>;
}

/** Where an event comes from. */
export interface EventOrigin {
  /** The store; undefined for the manager's own. */
  readonly store: string | undefined;
}

/** Something other than a kind that asks for reconciles. */
export interface WatchedSource {
  readonly name: string;
  readonly source: Source<unknown>;
  readonly targets: (item: unknown) => Iterable<RequestTarget>;
}

/** How a controller runs. */
export interface ControllerOptions {
  /** How many keys are reconciled at the same time, never one key twice; 1 unless given. */
  readonly concurrency?: number | undefined;
  /** How long a key that failed waits; 5 ms doubling to 1,000 s for each key unless given. */
  readonly rateLimiter?: RateLimiterFactory | undefined;
  /**
   * How many milliseconds a reconcile may take; no limit unless given.
   *
   * Then its signal aborts, it counts as failed and is tried again, and whatever it still writes is refused.
   */
  readonly reconcileTimeout?: number | undefined;
  /** How what a reconcile writes gets into its cache; `wait` unless given. See {@link ReadYourWrites}. */
  readonly readYourWrites?: ReadYourWrites | undefined;
  /**
   * The flow of a request, such as the namespace of its key: flows take turns, so that one with much to do does not hold up the others.
   *
   * Without it the stores are the flows.
   */
  readonly flowOf?: ((request: ReconcileRequest) => string) | undefined;
  /**
   * Whether the controller needs the manager's leadership, where that has one; true unless given. With options, it has a leadership of its
   * own.
   */
  readonly leaderElection?: LeaderElectionOptions | boolean | undefined;
}

/**
 * A controller, as its builder described it.
 *
 * Immutable and without state: any number of managers may run it, at once or one after another.
 */
export interface Controller {
  readonly name: string;
  /** The kind that it reconciles. */
  readonly resource: AnyResource;
  /** In which stores it reconciles that. */
  readonly stores: StoreChoice;
  /** That kind first, then the others. */
  readonly kinds: readonly WatchedKind[];
  readonly sources: readonly WatchedSource[];
  readonly options: ControllerOptions;
  readonly reconcile: Reconciler<unknown>;
}
