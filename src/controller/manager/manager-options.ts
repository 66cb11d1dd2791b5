import type { Client } from '../../client/index.js';
import { type Logger, type MetricsProvider, preview, validateName } from '../../core/index.js';
import { checkOptions } from '../check-definition.js';
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
export function checkManagerOptions(options: ManagerOptions): void {
  if (!isObject(options)) throw new TypeError(`Manager: expected { client }, got ${preview(options)}`);
  const { client, controllers = [], runnables = [], stores = {}, logger, metrics, tracer } = options;
  checkClient('client', client);
  for (const [option, list] of Object.entries({ controllers, runnables })) {
    if (Array.isArray(list)) continue;
    throw new TypeError(`Manager: ${option}: expected a list of ${option}, got ${preview(list)}`);
  }
  if (!isObject(stores) || Array.isArray(stores)) {
    throw new TypeError(`Manager: stores: expected clients by name, got ${preview(stores)}`);
  }
  expectMethods('logger', logger, ['debug', 'info', 'warn', 'error']);
  expectMethods('metrics', metrics, ['counter', 'gauge', 'histogram']);
  expectMethods('tracer', tracer, ['began']);
  checkNumbers(options);
}

/** @throws TypeError for what is no client. */
export function checkClient(option: string, client: Client): void {
  if (isObject(client) && typeof client.list === 'function' && isObject(client.clock)) return;
  throw new TypeError(`Manager: ${option}: expected a client, got ${preview(client)}`);
}

function checkNumbers({ concurrency, gracefulShutdownTimeout }: ManagerOptions): void {
  if (concurrency !== undefined && !(typeof concurrency === 'number' && concurrency >= 1)) {
    throw new RangeError(`Manager: concurrency: expected 1 or more, got ${preview(concurrency)}`);
  }
  if (
    gracefulShutdownTimeout !== undefined &&
    !(typeof gracefulShutdownTimeout === 'number' && gracefulShutdownTimeout >= 0)
  ) {
    throw new RangeError(
      `Manager: gracefulShutdownTimeout: expected 0 milliseconds or more, got ${preview(gracefulShutdownTimeout)}`,
    );
  }
}

/** @throws TypeError for what is no controller; as its builder for an option that makes no sense. */
export function checkController(controller: Controller): void {
  const { name, resource, kinds, sources, options, reconcile } = controller ?? {};
  const isWhole =
    typeof reconcile === 'function' &&
    typeof name === 'string' &&
    validateName('dns1123label', name).length === 0 &&
    isObject(resource) &&
    Array.isArray(kinds) &&
    Array.isArray(sources) &&
    isObject(options);
  if (!isWhole) {
    throw new TypeError(`Manager: controllers: expected what .reconcile() gives, got ${preview(controller)}`);
  }
  // one that somebody put together may have any
  checkOptions(name, options);
}

/** @throws TypeError for what is no runnable. */
export function checkRunnable(runnable: Runnable): void {
  if (typeof runnable?.run === 'function' && typeof runnable.name === 'string') return;
  throw new TypeError(`Manager: runnables: expected { name, run }, got ${preview(runnable)}`);
}

function expectMethods(option: string, value: object | undefined, methods: readonly string[]): void {
  if (value === undefined) return;
  const has = (method: string): boolean =>
    typeof (value as Readonly<Record<string, unknown>> | null)?.[method] === 'function';
  if (methods.every(has)) return;
  throw new TypeError(
    `Manager: ${option}: expected an object with the methods ${methods.join(', ')}, got ${preview(value)}`,
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
