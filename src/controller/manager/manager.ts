import PQueue from 'p-queue';
import type { Client } from '../../client/index.js';
import {
  type Logger,
  noopLogger,
  noopMetrics,
  type ObjectKey,
  preview,
  untilAborted,
} from '../../core/index.js';
import type { Controller } from '../controller.js';
import { EventSink } from '../events/event-sink.js';
import { HotLoops } from '../guard-rails/hot-loops.js';
import { WarnOnce } from '../guard-rails/warn-once.js';
import { HealthChecks } from '../health/index.js';
import { ControllerRunner } from '../runner/controller-runner.js';
import { type Duty, UNDIVIDED } from '../runner/duty.js';
import type { SharedParts } from '../runner/runner-parts.js';
import { type Explanation, Trace } from '../trace/index.js';
import { checkServed } from './check-served.js';
import { Convergence, type SettledOptions } from './convergence.js';
import { Elections } from './elections.js';
import { guardedLogger } from './guarded-logger.js';
import { guardedMetrics } from './guarded-metrics.js';
import { guardedTracer } from './guarded-tracer.js';
import type { ManagedStore } from './managed-store.js';
import {
  checkController,
  checkManagerOptions,
  checkRunnable,
  type ManagerOptions,
} from './manager-options.js';
import { Lifetime } from './lifetime.js';
import { Rights } from './rights.js';
import type { Runnable } from './runnable.js';
import { RunnableRun } from './runnable-run.js';
import { Stores } from './stores.js';

/** A controller in this manager, and whose duties it has. */
interface Member {
  readonly runner: ControllerRunner;
  readonly rights: Rights;
}

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
  readonly #client: Client;
  readonly #logger: Logger;
  // aborts when the manager stops, and with it every reconcile
  readonly #life: Lifetime;
  readonly #trace: Trace;
  readonly #parts: SharedParts;
  readonly #convergence: Convergence;
  readonly #stores: Stores;
  readonly #elections: Elections;
  // of those who need no leadership: a duty from the start to the end
  readonly #always: Rights;
  // by the name of the controller
  readonly #members = new Map<string, Member>();
  // controllers that were taken out and have not ended yet, by name
  readonly #leaving = new Map<string, Promise<void>>();
  readonly #runnables = new Map<string, RunnableRun>();
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
    const { client, concurrency } = options;
    const { controllers = [], runnables = [], stores = {}, leaderElection } = options;
    this.#client = client;
    const warnings = new WarnOnce(client.clock);
    // those who only look on do not disturb it: a logger that fails can tell nobody, and ends it
    const logger = guardedLogger(options.logger ?? noopLogger, (error) => this.#fail('the logger', error));
    const report = (what: string) => (error: unknown) => {
      const more = warnings.pass('failure', what, '');
      if (more !== undefined) logger.error({ error }, `${what} failed${more}`);
    };
    const metrics = guardedMetrics(options.metrics ?? noopMetrics, report('the metrics provider'));
    this.#logger = logger;
    this.#life = new Lifetime(client.clock, options.gracefulShutdownTimeout ?? 30_000);
    this.events = new EventSink({ client, logger, metrics });
    this.health = new HealthChecks({ clock: client.clock });
    this.ready = new HealthChecks({ clock: client.clock });
    this.#trace = new Trace();
    this.#parts = {
      client,
      events: this.events,
      pool: concurrency === undefined ? undefined : new PQueue({ concurrency }),
      logger,
      metrics,
      trace: this.#trace,
      hotLoops: new HotLoops({ clock: client.clock }),
      warnings,
      tracer: options.tracer === undefined ? undefined : guardedTracer(options.tracer, report('the tracer')),
      onError: (error) => this.#fail('a controller', error),
    };
    const patience = (): number => this.#life.patience();
    const onError = (error: unknown): void => this.#fail('an election', error);
    this.#always = new Rights(patience);
    this.#elections = new Elections({ client, common: leaderElection, logger, metrics, patience, onError });
    this.#stores = new Stores({ logger, metrics });
    this.#stores.add(undefined, client);
    for (const [name, other] of Object.entries(stores)) this.#stores.add(name, other);
    for (const controller of controllers) {
      checkController(controller);
      this.#join(controller);
    }
    for (const runnable of runnables) this.#joinRunnable(runnable);
    this.#convergence = new Convergence({
      client,
      signal: this.#life.signal,
      stores: this.#stores,
      runners: () => this.#runners,
    });
    this.#addChecks();
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
    return this.#trace.explain(key, options);
  }

  /**
   * Adds a controller, now or while the manager runs; then resolves as {@link start} does.
   *
   * @throws TypeError where there is one of that name; as {@link start}, and then the controller is not added.
   */
  async add(controller: Controller): Promise<void> {
    this.#life.expectNotStopping('add');
    checkController(controller);
    // one of its name may still be at work
    const leaving = this.#leaving.get(controller.name);
    if (leaving !== undefined) await this.#life.unlessStopping('add', () => leaving);
    const member = this.#join(controller);
    if (this.#started === undefined) return;
    await this.#started;
    try {
      await this.#life.unlessStopping('add', () => this.#fill([member]));
      if (!this.#has(member)) throw new Error(`Manager: add: the controller ${controller.name} was removed`);
    } catch (error) {
      if (this.#has(member)) await this.#leave(member, error);
      throw error;
    }
    await this.#work([member]);
  }

  /** Takes a controller out: its reconciles end as in a stop. @throws TypeError where there is none of that name. */
  async remove(name: string): Promise<void> {
    const member = this.#members.get(name);
    if (member === undefined) {
      throw new TypeError(`Manager: remove: expected the name of a controller, got ${preview(name)}`);
    }
    await this.#leave(member, new Error(`the controller ${name} was removed`));
  }

  /**
   * Adds a store, now or while the manager runs; then resolves once all controllers that look there have heard of everything in it.
   *
   * @throws TypeError for a name that is taken, or none; as {@link start}, and then the store is not added.
   */
  async addStore(name: string, client: Client): Promise<void> {
    this.#life.expectNotStopping('addStore');
    const store = this.#stores.add(name, client);
    if (this.#started === undefined) return;
    await this.#started;
    const concerned = this.#runners.filter((runner) => runner.concerns(name));
    try {
      await this.#life.unlessStopping('addStore', () => this.#fillFrom([store], concerned));
      if (!this.#stores.has(store)) throw new Error(`Manager: addStore: the store ${name} was removed`);
    } catch (error) {
      if (this.#stores.has(store)) await this.removeStore(name);
      throw error;
    }
    for (const runner of concerned) runner.meet(name);
  }

  /**
   * Takes a store out: nothing is asked of its objects any more, and what runs there is told to stop, and waited for, `gracefulShutdownTimeout`
   * at most; then it is cut off.
   *
   * @throws TypeError where there is none of that name.
   */
  async removeStore(name: string): Promise<void> {
    const store = this.#stores.take(name);
    const reason = new Error(`the store ${name} was removed`);
    const patience = this.#life.patience();
    await Promise.all(this.#runners.map((runner) => runner.unwatch(name, reason, patience)));
    await store.informers.stop(reason);
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
    const { clock } = this.#client;
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

  get #runners(): ControllerRunner[] {
    return Array.from(this.#members.values(), ({ runner }) => runner);
  }

  #addChecks(): void {
    this.health.add({ name: 'ping', check: () => undefined });
    this.ready.add({
      name: 'started',
      check: () => {
        if (!this.#isReady) throw new Error('expected a manager that has started and does not stop');
      },
    });
    const { common } = this.#elections;
    if (common !== undefined) this.health.add({ name: 'leader-election', check: () => common.check() });
  }

  #join(controller: Controller): Member {
    const { name } = controller;
    if (this.#members.has(name)) {
      throw new TypeError(
        `Manager: controllers: expected one controller of a name, got two named ${preview(name)}`,
      );
    }
    const leadership = this.#elections.join(controller);
    const runner = new ControllerRunner({
      ...this.#parts,
      controller,
      division: leadership?.division ?? UNDIVIDED,
    });
    const member: Member = { runner, rights: leadership?.rights ?? this.#always };
    this.#members.set(name, member);
    return member;
  }

  #has(member: Member): boolean {
    return this.#members.get(member.runner.controller.name) === member;
  }

  /** Takes a controller out; resolves when it has ended. */
  #leave(member: Member, reason: unknown): Promise<void> {
    const { name } = member.runner.controller;
    this.#members.delete(name);
    const leaving = this.#endMember(member, reason).finally(() => this.#leaving.delete(name));
    this.#leaving.set(name, leaving);
    return leaving;
  }

  async #endMember({ runner, rights }: Member, reason: unknown): Promise<void> {
    const { name } = runner.controller;
    runner.leave(reason);
    await this.#elections.leave(name, reason);
    await rights.remove(runner);
    await runner.stop(reason, this.#life.patience());
  }

  #joinRunnable(runnable: Runnable): void {
    checkRunnable(runnable);
    if (this.#runnables.has(runnable.name)) {
      throw new TypeError(
        `Manager: runnables: expected one runnable of a name, got two named ${preview(runnable.name)}`,
      );
    }
    const onError = (error: unknown): void => this.#fail(`the runnable ${runnable.name}`, error);
    const run = new RunnableRun(runnable, { client: this.#client, logger: this.#logger, onError });
    this.#runnables.set(runnable.name, run);
  }

  async #start(): Promise<void> {
    this.#life.expectNotStopping('start');
    // what is added from now on sees to itself
    const members = [...this.#members.values()];
    try {
      await this.#life.unlessStopping('start', () => this.#fill(members));
      this.#always.begin(this.#standingDuty());
      for (const run of this.#runnables.values()) {
        const needsLeader = run.runnable.leaderElection !== false;
        ((needsLeader ? this.#elections.common?.rights : undefined) ?? this.#always).add(run);
      }
      await this.#work(members.filter((member) => this.#has(member)));
      await this.#elections.campaign();
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#isReady = !this.#life.isStopping;
  }

  /** Fills the caches of controllers from all stores. */
  #fill(members: readonly Member[]): Promise<void> {
    return this.#fillFrom(
      [...this.#stores],
      members.map(({ runner }) => runner),
    );
  }

  /** Fills caches from some stores, and waits until the controllers have heard of everything; a store that goes meanwhile is left out. */
  async #fillFrom(stores: readonly ManagedStore[], runners: readonly ControllerRunner[]): Promise<void> {
    await Promise.all(
      stores.map(async (store) => {
        try {
          await checkServed(store, runners);
          if (!this.#stores.has(store)) return;
          for (const runner of runners) runner.watch(store);
          await store.informers.start();
        } catch (error) {
          if (this.#stores.has(store)) throw error;
        }
      }),
    );
    await Promise.all(runners.map((runner) => runner.synced()));
  }

  /** Lets controllers work, as far as they may, and stands for the elections that are theirs alone. */
  async #work(members: readonly Member[]): Promise<void> {
    for (const { runner, rights } of members) {
      runner.start();
      rights.add(runner);
    }
    await Promise.all(members.map(({ runner }) => this.#elections.campaign(runner.controller.name)));
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
    this.#logger.error({ error }, `${what} failed, and the manager stops`);
  }

  async #stop(): Promise<void> {
    const reason = new Error('the manager was stopped');
    this.#isReady = false;
    this.#life.stop(reason);
    for (const runner of this.#runners) runner.leave(reason);
    await this.#elections.resign(reason);
    await Promise.all([...this.#always.duties].map((duty) => this.#always.end(duty)));
    await Promise.all(this.#leaving.values());
    await Promise.all(this.#runners.map((runner) => runner.stop(reason, this.#life.patience())));
    await this.#stores.stop(reason);
    await this.events.stop();
  }
}
