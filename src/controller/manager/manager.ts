import type { Client } from '../../client/index.js';
import { type ObjectKey, untilAborted } from '../../core/index.js';
import type { Controller } from '../controller.js';
import type { EventSink } from '../events/event-sink.js';
import type { HealthChecks } from '../health/index.js';
import type { Duty } from '../runner/duty.js';
import type { SharedParts } from '../runner/runner-parts.js';
import type { Explanation } from '../trace/index.js';
import { Alterations } from './alterations.js';
import { Convergence, type SettledOptions } from './convergence.js';
import { Elections } from './elections.js';
import { fillCaches } from './fill-caches.js';
import { Lifetime } from './lifetime.js';
import { managerChecks } from './manager-checks.js';
import { checkManagerOptions, type ManagerOptions } from './manager-options.js';
import { Members } from './members.js';
import { Rights } from './rights.js';
import { RunnableRuns } from './runnable-runs.js';
import { sharedParts } from './shared-parts.js';
import { Stores } from './stores.js';

/**
 * Runs controllers: fills their caches, works off their queues, and stops them in order.
 *
 * - **Order.** Caches first, then what needs no leadership, then the elections; controllers that wait for leadership have their caches and
 *   queues filled meanwhile. The stop goes the other way.
 * - **Sharing.** Controllers share one informer a kind and selection, and one budget of concurrency.
 * - **Leadership** can be lost and won again, any number of times: what runs is told to stop and waited for, and all is asked for again with
 *   the next term. What is written after a term is refused by the store.
 *
 * A manager runs once: start it, stop it, and make a new one to run again.
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
  /** Whether the process is well, as of `/healthz`: fails where the leader of this process does not behave as one. */
  readonly health: HealthChecks;
  /** Whether it can do its work, as of `/readyz`: fails until {@link start} has resolved, and from the beginning of a stop. */
  readonly ready: HealthChecks;
  readonly #parts: SharedParts;
  // aborts when the manager stops, and with it every reconcile
  readonly #life: Lifetime;
  readonly #convergence: Convergence;
  readonly #stores: Stores;
  readonly #elections: Elections;
  // of those who need no leadership: a duty from the start to the end
  readonly #always: Rights;
  readonly #members: Members;
  readonly #runnables: RunnableRuns;
  readonly #alterations: Alterations;
  // what stopped it; undefined unless something failed
  #failure: { readonly error: unknown } | undefined;
  // false until everything has started, and again when it stops
  #isReady = false;
  // each set once, by the first call
  #started: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  /** @throws TypeError for two controllers of one name, and what is none; TypeError or RangeError for an option that makes no sense. */
  constructor(options: ManagerOptions) {
    checkManagerOptions(options);
    const { client, leaderElection, gracefulShutdownTimeout = 30_000 } = options;
    const { clock } = client;
    const fail = (what: string, error: unknown): void => this.#fail(what, error);
    this.#life = new Lifetime(clock, gracefulShutdownTimeout);
    const patience = (): number => this.#life.patience();
    this.#parts = sharedParts(options, fail);
    const { logger, metrics } = this.#parts;
    this.events = this.#parts.events;
    this.#always = new Rights(patience);
    this.#elections = new Elections({
      client,
      common: leaderElection,
      logger,
      metrics,
      patience,
      onError: (error) => fail('an election', error),
    });
    this.#stores = new Stores({ logger, metrics });
    this.#stores.add(undefined, client);
    for (const [name, other] of Object.entries(options.stores ?? {})) this.#stores.add(name, other);
    const members = new Members({
      parts: this.#parts,
      elections: this.#elections,
      always: this.#always,
      patience,
    });
    this.#members = members;
    for (const controller of options.controllers ?? []) members.join(controller);
    this.#runnables = new RunnableRuns({ client, logger, fail });
    for (const runnable of options.runnables ?? []) this.#runnables.join(runnable);
    this.#alterations = new Alterations({
      life: this.#life,
      members,
      stores: this.#stores,
      started: () => this.#started,
    });
    this.#convergence = new Convergence({
      client,
      signal: this.#life.signal,
      stores: this.#stores,
      runners: () => members.runners,
    });
    const checks = managerChecks({
      clock,
      leadership: this.#elections.common,
      isReady: () => this.#isReady,
    });
    this.health = checks.health;
    this.ready = checks.ready;
  }

  /** Whether this process leads, or has shards; always true for a manager without leader election. */
  get leads(): boolean {
    return this.#elections.common?.leads ?? true;
  }

  /** The shards that this process has now, in order; undefined for a manager without shards. */
  get shards(): readonly number[] | undefined {
    return this.#elections.common?.shards;
  }

  /** Who this process is in elections; undefined without leader election. */
  get identity(): string | undefined {
    return this.#elections.common?.identity;
  }

  /**
   * Fills the caches, waits until every controller has heard of everything that is there, and begins to work; with leader election, also until
   * it is known for the first time who leads.
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
   * Then every controller has heard of everything that is in the stores, nothing is ready or running, and no key that failed waits for
   * its next try. Wishes to look again later (`requeueAfter`) do not count, nor do keys that wait for the leadership of this process. It
   * never moves a clock. Where a server has no {@link Client.barrier}, only events received and own writes count. What recorders
   * tell is no part of the loop: see {@link EventSink.idle}.
   *
   * Rejects with the error of a key that failed 10 times in a row; when `signal` aborts, with an error that names what waits.
   */
  async idle(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    await this.#convergence.unless(options.signal, this.start());
    await this.#convergence.idle(options.signal);
  }

  /**
   * Drives a virtual clock until nothing is left to do before `horizon`: as {@link idle}, with retries, wishes to look again and all other
   * timers up to then; and a reconcile of everything changes nothing any more.
   *
   * @throws TypeError unless the client's clock is a `VirtualClock`; Error where the store does not come to rest, naming who writes, or a key
   * still fails.
   */
  async settled(options: SettledOptions): Promise<void> {
    await this.#convergence.unless(options.signal, this.start());
    await this.#convergence.settled(options);
  }

  /** Why something was done: the latest reconciles of a key, what asked for them, and whose writes that were. Prints as text. */
  explain(
    key: ObjectKey,
    options: { readonly controller?: string; readonly store?: string; readonly depth?: number } = {},
  ): Explanation {
    return this.#parts.trace.explain(key, options);
  }

  /**
   * Adds a controller, now or while the manager runs; then resolves as {@link start} does.
   *
   * @throws TypeError where there is one of that name; as {@link start}, and then the controller is not added.
   */
  add(controller: Controller): Promise<void> {
    return this.#alterations.addController(controller);
  }

  /** Takes a controller out: its reconciles end as in a stop. @throws TypeError where there is none of that name. */
  remove(name: string): Promise<void> {
    return this.#alterations.removeController(name);
  }

  /**
   * Adds a store, now or while the manager runs; then resolves once all controllers that look there have heard of everything in it.
   *
   * @throws TypeError for a name that is taken, or none; as {@link start}, and then the store is not added.
   */
  addStore(name: string, client: Client): Promise<void> {
    return this.#alterations.addStore(name, client);
  }

  /**
   * Takes a store out: nothing is asked of its objects any more, and what runs there is told to stop, and waited for, `gracefulShutdownTimeout`
   * at most; then it is cut off.
   *
   * @throws TypeError where there is none of that name.
   */
  removeStore(name: string): Promise<void> {
    return this.#alterations.removeStore(name);
  }

  /**
   * Stops: takes no more work, aborts the signals of running reconciles and waits for them, gives up its leases, closes the caches, and
   * writes the events that were recorded.
   *
   * Calling it again gives the same promise. Waits `gracefulShutdownTimeout` at most; a reconcile that is still running then is
   * cut off from its store, left to itself, and reported.
   */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  /**
   * Starts, and stops when `signal` aborts; resolves when stopped. Keeps the process alive meanwhile.
   *
   * @throws what {@link start} throws, and what a runnable threw.
   */
  async run(options: { readonly signal: AbortSignal }): Promise<void> {
    const { signal } = options;
    const { clock } = this.#parts.client;
    // something that waits, so that the process does not end while there is nothing to do
    const keepAlive = clock.setTimer(Number.POSITIVE_INFINITY, () => undefined);
    const over = Promise.race([untilAborted(signal), untilAborted(this.#life.signal)]);
    try {
      if (!signal.aborted) await Promise.race([this.start(), over]);
      await over;
    } finally {
      await this.stop();
      keepAlive.cancel();
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #start(): Promise<void> {
    this.#life.expectNotStopping('start');
    // what is added from now on sees to itself
    const members = this.#members.all;
    const runners = members.map(({ runner }) => runner);
    try {
      await this.#life.unlessStopping('start', () => fillCaches(runners, [...this.#stores], this.#stores));
      this.#always.begin(this.#standingDuty());
      this.#runnables.start(this.#elections.common?.rights ?? this.#always, this.#always);
      await this.#members.work(members.filter((member) => this.#members.has(member)));
      await this.#elections.campaign();
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#isReady = !this.#life.isStopping;
  }

  /** What those have who need no leadership. */
  #standingDuty(): Duty {
    return { shard: 0, signal: this.#life.signal, fence: (client) => client };
  }

  /** Something that must run has failed. */
  #fail(what: string, error: unknown): void {
    if (this.#life.isStopping) return;
    this.#failure ??= { error };
    void this.stop();
    this.#parts.logger.error({ error }, `${what} failed, and the manager stops`);
  }

  async #stop(): Promise<void> {
    const reason = new Error('the manager was stopped');
    this.#isReady = false;
    this.#life.stop(reason);
    for (const runner of this.#members.runners) runner.leave(reason);
    await this.#elections.resign(reason);
    await Promise.all([...this.#always.duties].map((duty) => this.#always.end(duty)));
    await this.#members.stop(reason);
    await this.#stores.stop(reason);
    await this.events.stop();
  }
}
