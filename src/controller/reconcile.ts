import type { Client } from '../client/index.js';
import type { Clock, Logger, ObjectKey, Random } from '../core/index.js';
import type { ControllerCache } from './controller-cache.js';
import type { EventRecorder } from './events/event-recorder.js';

/**
 * What a controller is asked to look at: the name of an object, and nothing of what happened to it.
 *
 * That is what makes a controller level-triggered: however many events there were, it compares what is wanted with what is.
 */
export interface ReconcileRequest {
  readonly key: ObjectKey;
}

/** What a reconcile has to work with. `O` is the object that the controller is for. */
export interface ReconcileContext<O> {
  readonly key: ObjectKey;
  /** The object as the cache has it; undefined when it is gone. */
  readonly object: O | undefined;
  /** Reads go to the server; writes name the controller as their field manager, and resolve once `cache` shows them. */
  readonly client: Client;
  /** What the controller watches, without asking the server; never older than what it wrote itself. */
  readonly cache: ControllerCache;
  /** Says which controller and key it is about. */
  readonly log: Logger;
  /** Tells people what happened, in Events that name the controller; see {@link EventRecorder}. */
  readonly recorder: EventRecorder;
  /** Aborts when the manager stops. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly random: Random;
  /** 1 for the first try, one more for each that failed in a row. */
  readonly attempt: number;
}

/**
 * What came of a reconcile: nothing, or when to look again.
 *
 * Throw to try again with growing delays; throw {@link TerminalError} where trying again cannot help.
 */
export type ReconcileResult =
  | {
      /** Milliseconds. Replaces an earlier such wish. */
      readonly requeueAfter: number;
    }
  | undefined
  // oxlint-disable-next-line typescript/no-invalid-void-type -- a reconciler that returns nothing is the usual one
  | void;

/** Makes the world match what an object wants; called again and again, so it must be idempotent. */
export type Reconciler<O> = (context: ReconcileContext<O>) => Promise<ReconcileResult>;

/** A failure that trying again cannot mend: it is reported, and the key waits for the next event. */
export class TerminalError extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'TerminalError';
  }
}
