import type { Client } from '../../client/index.js';
import { type Logger, type MetricsProvider, preview } from '../../core/index.js';
import type { Controller } from '../controller.js';
import type { ReconcileTracer } from '../tracing.js';
import type { LeaderElectionOptions } from './leader-election-options.js';
import type { Runnable } from './runnable.js';

/** What a manager runs, and on what. */
export interface ManagerOptions {
  /** The manager's own store: leases and events are written there. Its clock, randomness and executor are those of all. */
  readonly client: Client;
  readonly controllers?: readonly Controller[] | undefined;
  readonly runnables?: readonly Runnable[] | undefined;
  /** More stores, by name: see {@link StoreChoice}. More can be added later. */
  readonly stores?: Readonly<Record<string, Client>> | undefined;
  /** One process of all with this option leads, or each has its shards; without it, every process works. */
  readonly leaderElection?: LeaderElectionOptions | undefined;
  /** How many reconciles of all controllers together run at the same time; no limit unless given. */
  readonly concurrency?: number | undefined;
  /** How long a stop waits for running reconciles, and so does the end of a term, in milliseconds; 30,000 unless given. */
  readonly gracefulShutdownTimeout?: number | undefined;
  readonly logger?: Logger | undefined;
  readonly metrics?: MetricsProvider | undefined;
  /** Told of every reconcile, and of its writes. */
  readonly tracer?: ReconcileTracer | undefined;
}

/** @throws TypeError or RangeError for an option that makes no sense. */
export function checkManagerOptions({ concurrency, gracefulShutdownTimeout }: ManagerOptions): void {
  if (concurrency !== undefined && !(concurrency >= 1)) {
    throw new RangeError(`Manager: concurrency: expected 1 or more, got ${preview(concurrency)}`);
  }
  if (gracefulShutdownTimeout !== undefined && !(gracefulShutdownTimeout >= 0)) {
    throw new RangeError(
      `Manager: gracefulShutdownTimeout: expected 0 milliseconds or more, got ${preview(gracefulShutdownTimeout)}`,
    );
  }
}

/** @throws TypeError for what is no controller. */
export function checkController(controller: Controller): void {
  if (typeof controller?.reconcile === 'function' && typeof controller.name === 'string') return;
  throw new TypeError(`Manager: controllers: expected what .reconcile() gives, got ${preview(controller)}`);
}

/** @throws TypeError for what is no runnable. */
export function checkRunnable(runnable: Runnable): void {
  if (typeof runnable?.run === 'function' && typeof runnable.name === 'string') return;
  throw new TypeError(`Manager: runnables: expected { name, run }, got ${preview(runnable)}`);
}
