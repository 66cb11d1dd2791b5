import PQueue from 'p-queue';
import { type Client, withFieldManager } from '../client/index.js';
import {
  ApiError,
  isNotFound,
  type Logger,
  type MetricsProvider,
  noopLogger,
  noopMetrics,
  preview,
} from '../core/index.js';
import { InformerFactory } from '../informer/index.js';
import type { AnyResource } from '../resources/index.js';
import type { Controller } from './controller.js';
import { ControllerRunner } from './controller-runner.js';
import { EventSink } from './events/event-sink.js';

/** What a manager runs, and on what. */
export interface ManagerOptions {
  readonly client: Client;
  readonly controllers: readonly Controller[];
  /** How many reconciles of all controllers together run at the same time; no limit unless given. */
  readonly concurrency?: number;
  /** How long {@link Manager.stop} waits for running reconciles, in milliseconds; 30,000 unless given. */
  readonly gracefulShutdownTimeout?: number;
  readonly logger?: Logger;
  readonly metrics?: MetricsProvider;
}

/**
 * Runs controllers: fills their caches, works off their queues, and stops them in order.
 *
 * Controllers share one informer a kind. A manager runs once: start it, stop it, and make a new one to run again.
 *
 * @example
 * ```ts
 * const manager = new Manager({ client, controllers: [websites] });
 * await manager.start();
 * await manager.idle();
 * await manager.stop();
 * ```
 */
export class Manager implements AsyncDisposable {
  /** Where the recorders of the controllers write: for recorders of other parts of the program, and to wait for what they wrote. */
  readonly events: EventSink;
  readonly #client: Client;
  readonly #informers: InformerFactory;
  readonly #runners: readonly ControllerRunner[];
  readonly #gracefulShutdownTimeout: number;
  readonly #logger: Logger;
  // aborts when the manager stops, and with it every reconcile
  readonly #stopping = new AbortController();
  // each set once, by the first call
  #started: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  /** @throws TypeError for two controllers of one name; RangeError for a number that makes no sense. */
  constructor(options: ManagerOptions) {
    const { client, controllers, logger = noopLogger, metrics = noopMetrics } = options;
    const { concurrency = Number.POSITIVE_INFINITY, gracefulShutdownTimeout = 30_000 } = options;
    checkControllers(controllers);
    if (!(concurrency >= 1))
      throw new RangeError(`Manager: concurrency: expected 1 or more, got ${preview(concurrency)}`);
    if (!(gracefulShutdownTimeout >= 0)) {
      throw new RangeError(
        `Manager: gracefulShutdownTimeout: expected 0 milliseconds or more, got ${preview(gracefulShutdownTimeout)}`,
      );
    }
    this.#client = client;
    this.#logger = logger;
    this.#gracefulShutdownTimeout = gracefulShutdownTimeout;
    this.events = new EventSink({ client, logger, metrics });
    this.#informers = new InformerFactory({ client, logger, metrics });
    const pool = new PQueue({ concurrency });
    this.#runners = controllers.map(
      (controller) =>
        new ControllerRunner({
          controller,
          client: withFieldManager(client, controller.name),
          informers: this.#informers,
          recorder: this.events.recorder(controller.name),
          pool,
          logger,
          metrics,
          signal: this.#stopping.signal,
        }),
    );
  }

  /**
   * Fills the caches, waits until every controller has heard of everything that is there, and begins to work.
   *
   * Calling it again gives the same promise. What fails stops the manager.
   *
   * @throws ApiError NotFound for a kind that the server does not serve, naming it; TypeError after a stop.
   */
  start(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  /**
   * Resolves when the control loop has converged for now.
   *
   * Then every controller has heard of everything that is in the store, nothing is ready or running, and no key that failed waits for
   * its next try. Wishes to look again later (`requeueAfter`) do not count. It never moves a clock. Where the server has no
   * {@link Client.barrier}, only events received and own writes count. What recorders tell is no part of the loop: see
   * {@link EventSink.idle}.
   *
   * Rejects with the error of a key that failed 10 times in a row; when `signal` aborts, with an error that names what waits.
   */
  async idle(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const { signal } = options;
    await this.#unless(signal, this.start());
    for (;;) {
      const runs = this.#runs();
      const revision = await this.#unless(signal, this.#client.barrier());
      await this.#unless(signal, this.#caughtUp(revision));
      const settled = this.#runners.every(({ settlement }) => settlement.settled);
      if (settled && this.#runs() === runs) return;
      await this.#unless(signal, Promise.all(this.#runners.map(({ settlement }) => settlement.wait())));
      if (this.#stopping.signal.aborted) return;
    }
  }

  /**
   * Stops: takes no more work, aborts the signals of running reconciles and waits for them, closes the caches, and writes the events
   * that were recorded.
   *
   * Calling it again gives the same promise. Waits `gracefulShutdownTimeout` at most; a reconcile that is still running then is
   * left to itself, and reported.
   */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  /** Starts, and stops when `signal` aborts; resolves when stopped. */
  async run(options: { readonly signal: AbortSignal }): Promise<void> {
    const { signal } = options;
    const aborted = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    try {
      if (!signal.aborted) await Promise.race([this.start(), aborted]);
      await aborted;
    } finally {
      await this.stop();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #start(): Promise<void> {
    if (this.#stopping.signal.aborted)
      throw new TypeError('Manager: expected start before stop: make a new manager');
    try {
      await this.#checkServed();
      for (const runner of this.#runners) runner.watch();
      await this.#informers.start();
      await Promise.all(this.#runners.map((runner) => runner.synced()));
    } catch (error) {
      await this.stop();
      throw error;
    }
    for (const runner of this.#runners) runner.start();
  }

  /** A kind that is not served would leave its controller waiting for ever. */
  async #checkServed(): Promise<void> {
    const wanted = new Map<AnyResource, string>();
    for (const { resources, controller } of this.#runners) {
      for (const resource of resources) wanted.set(resource, controller.name);
    }
    for (const [resource, controller] of wanted) {
      try {
        await this.#client.list(resource, { limit: 1, resourceVersion: '0' });
      } catch (error) {
        if (!isNotFound(error)) throw error;
        throw new ApiError({
          reason: 'NotFound',
          message: `controller ${controller}: expected a server that serves ${resource.kind} in ${resource.apiVersion}: ${error.message}`,
          details: error.details,
          cause: error,
        });
      }
    }
  }

  async #stop(): Promise<void> {
    this.#stopping.abort(new Error('the manager was stopped'));
    const { clock } = this.#client;
    let late = false;
    await new Promise<void>((resolve) => {
      const timer = clock.setTimer(this.#gracefulShutdownTimeout, () => {
        late = true;
        resolve();
      });
      void Promise.all(this.#runners.map((runner) => runner.stop())).then(() => {
        timer.cancel();
        resolve();
      });
    });
    if (late) {
      const waiting = this.#runners.flatMap(({ settlement }) => settlement.describe());
      this.#logger.warn({ waiting }, 'stopped before all reconciles had ended');
    }
    await this.#informers.stop(this.#stopping.signal.reason);
    await this.events.stop();
  }

  async #caughtUp(revision: string | undefined): Promise<void> {
    const informers = new Set(this.#runners.flatMap((runner) => runner.informers));
    await Promise.all(
      Array.from(informers, (informer) =>
        revision === undefined ? informer.idle() : informer.caughtUpTo(revision),
      ),
    );
  }

  #runs(): number {
    return this.#runners.reduce((sum, { settlement }) => sum + settlement.runs, 0);
  }

  /** Waits for `promise`, unless the signal aborts first. */
  #unless<T>(signal: AbortSignal | undefined, promise: Promise<T>): Promise<T> {
    if (signal === undefined) return promise;
    return new Promise<T>((resolve, reject) => {
      const abort = (): void => {
        const waiting = this.#runners.flatMap(({ settlement }) => settlement.describe());
        const what = waiting.length === 0 ? 'the caches to catch up' : waiting.join(', ');
        reject(new Error(`Manager: idle was aborted while it waited for ${what}`, { cause: signal.reason }));
      };
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    });
  }
}

function checkControllers(controllers: readonly Controller[]): void {
  if (!Array.isArray(controllers)) {
    throw new TypeError(`Manager: controllers: expected a list of controllers, got ${preview(controllers)}`);
  }
  const names = new Set<string>();
  for (const controller of controllers as readonly Controller[]) {
    if (typeof controller?.reconcile !== 'function' || typeof controller.name !== 'string') {
      throw new TypeError(
        `Manager: controllers: expected what .reconcile() gives, got ${preview(controller)}`,
      );
    }
    if (names.has(controller.name)) {
      throw new TypeError(
        `Manager: controllers: expected one controller of a name, got two named ${preview(controller.name)}`,
      );
    }
    names.add(controller.name);
  }
}
