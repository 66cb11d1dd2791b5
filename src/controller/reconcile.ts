import type { Client } from '../client/index.js';
import type { Clock, Logger, ObjectKey, Random } from '../core/index.js';
import type { ControllerCache } from './controller-cache.js';
import type { EventRecorder } from './events/event-recorder.js';
import type { Reason } from './reason.js';
import type { ReconcileRequest } from './request.js';

/** One of the stores that a controller works with, for one reconcile. */
export interface StoreAccess {
  /** Reads go to the server; writes name the controller as their field manager, and are stamped with the reconcile. */
  readonly client: Client;
  /** What the controller watches there, without asking the server; never older than what the controller wrote itself. */
  readonly cache: ControllerCache;
}

/** What a reconcile has to work with. `O` is the object that the controller is for. */
export interface ReconcileContext<O> extends ReconcileRequest, StoreAccess {
  readonly key: ObjectKey;
  /** The store that the object is in; undefined for the manager's own. */
  readonly store: string | undefined;
  /** The object as the cache had it when the reconcile began; undefined when it is gone. */
  readonly object: O | undefined;
  /**
   * Reads go to the server; writes name the controller as their field manager, and resolve once `cache` shows them.
   *
   * It is this reconcile's own: once that was cut short (by its time-out, a lost lease or the end of the manager), writes are refused.
   */
  readonly client: Client;
  /** What the controller watches, without asking the server; never older than what the controller wrote itself. */
  readonly cache: ControllerCache;
  /** `cache` as it is now, for reads that belong together while it goes on; good until the reconcile ends. */
  readonly snapshot: () => ControllerCache;
  /** `client` and `cache` of another store; without a name for the manager's own. @throws TypeError where there is no such store. */
  readonly at: (store?: string) => StoreAccess;
  /** The names of the added stores that the controller looks at. */
  readonly stores: readonly string[];
  /** Says which controller, key and reconcile it is about. */
  readonly log: Logger;
  /** Tells people what happened, in Events that name the controller; see {@link EventRecorder}. */
  readonly recorder: EventRecorder;
  /** Aborts when the manager stops, the lease is lost, or the reconcile has taken too long: its reason says which. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly random: Random;
  /** Why it runs: the first few of what asked for it. */
  readonly reasons: readonly Reason[];
  /** Names this reconcile in logs and traces; no other of the manager has it. */
  readonly reconcileId: string;
  /** 1 for the first try, one more for each that failed in a row. */
  readonly attempt: number;
}

/**
 * What came of a reconcile: nothing, or when to look again.
 *
 * It replaces what an earlier reconcile of the key wished for. Throw to try again with growing delays; throw {@link TerminalError} where
 * trying again cannot help.
 */
export type ReconcileResult =
  | {
      /** Milliseconds. */
      readonly requeueAfter: number;
    }
  | undefined
  // oxlint-disable-next-line typescript/no-invalid-void-type -- a reconciler that returns nothing is the usual one
  | void;

/** Makes the world match what an object wants; called again and again, so it must be idempotent. */
export type Reconciler<O> = (context: ReconcileContext<O>) => Promise<ReconcileResult>;

/** A reconciler with a state of its own, such as connections: it is shared by all managers that run the controller. */
export interface ReconcilerObject<O> {
  reconcile(context: ReconcileContext<O>): Promise<ReconcileResult>;
}

/** A failure that trying again cannot mend: it is reported, and the key waits for the next event. */
export class TerminalError extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'TerminalError';
  }
}

/** A reconcile took longer than the controller allows: it was cut short, and will be tried again. */
export class ReconcileTimeoutError extends Error {
  /** In milliseconds. */
  readonly timeout: number;

  constructor(what: string, timeout: number) {
    super(`${what}: expected a reconcile of at most ${timeout} milliseconds`);
    this.name = 'ReconcileTimeoutError';
    this.timeout = timeout;
  }
}
