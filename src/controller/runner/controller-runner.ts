import { setMaxListeners } from 'node:events';
import { type Lane, type Logger, withFields } from '../../core/index.js';
import type { Informer } from '../../informer/index.js';
import type { AnyResource } from '../../resources/index.js';
import { exponentialBackoff, type RateLimiterFactory, WorkQueue } from '../../workqueue/index.js';
import type { Controller } from '../controller.js';
import type { ManagedStore } from '../manager/managed-store.js';
import type { Reason } from '../reason.js';
import { parseRequest, type QueuedRequest } from '../request.js';
import { Aftermath } from './aftermath.js';
import { Asker } from './asker.js';
import { flowOf } from './change-requests.js';
import { Duties } from './duties.js';
import type { Duty } from './duty.js';
import type { Fate } from './fate.js';
import { guardedLimiter } from './guarded-limiter.js';
import { ReconcileRun, type RunHost } from './reconcile-run.js';
import { RunObserver } from './run-observer.js';
import { RunningReconciles } from './running-reconciles.js';
import type { RunnerParts } from './runner-parts.js';
import { Scopes } from './scopes.js';
import { Settlement } from './settlement.js';
import { SourceRuns } from './source-runs.js';
import { StoreScope } from './store-scope.js';
import { Worker } from './worker.js';

/** So many reconciles one after another do not let timers and input of the process wait longer than they must. */
const RECONCILES_A_BREATH = 1_000;

/** One controller at work in one manager: its queue, its workers and what they are at. */
export class ControllerRunner {
  readonly controller: Controller;
  readonly settlement: Settlement;
  readonly #parts: RunnerParts;
  readonly #queue: WorkQueue<QueuedRequest, Reason>;
  readonly #asker: Asker;
  readonly #duties: Duties;
  readonly #aftermath: Aftermath;
  readonly #observer: RunObserver;
  readonly #log: Logger;
  readonly #host: RunHost;
  readonly #scopes: Scopes;
  readonly #running: RunningReconciles;
  // one promise a worker; each resolves when its worker has stopped
  #workers: readonly Promise<void>[] = [];
  readonly #sources: SourceRuns;
  // aborts when this controller is about to stop, alone or with everything: nobody waits for its caches any more
  readonly #leaving = new AbortController();
  // aborts when it stops, after its reconciles have ended
  readonly #stop = new AbortController();

  constructor(parts: RunnerParts) {
    const { controller, client, metrics } = parts;
    const { name, options } = controller;
    this.controller = controller;
    this.#parts = parts;
    // every store listens to it, which is no leak
    setMaxListeners(0, this.#leaving.signal);
    this.#log = withFields(parts.logger, { controller: name });
    this.#running = new RunningReconciles(client.clock);
    this.#sources = new SourceRuns({
      client,
      log: this.#log,
      signal: this.#stop.signal,
      ask: (request, reason) => this.#asker.ask(request, reason),
    });
    this.#queue = new WorkQueue<QueuedRequest, Reason>({
      name,
      clock: client.clock,
      key: ({ text }) => text,
      flowOf: flowOf(controller, (error) =>
        this.#log.error({ error }, 'the function that names flows failed'),
      ),
      rateLimiter: this.#rateLimiter(),
      metrics,
    });
    this.settlement = new Settlement(name, this.#queue, () => this.#scopes.undecided);
    const observer = new RunObserver(parts);
    this.#observer = observer;
    this.#asker = new Asker(this.#queue, this.#log);
    this.#scopes = new Scopes({
      controller,
      signal: this.#leaving.signal,
      onChange: (from, kind, change) => this.#asker.changed(from, kind, change),
      onStale: (resource, key) => observer.stale(resource, key),
      onUncached: (resource) => observer.uncached(resource),
    });
    this.#duties = new Duties({
      controller: name,
      division: parts.division,
      metrics,
      ask: (request, reason) => this.#asker.ask(request, reason),
      askForAll: (reason, isWanted) => {
        for (const scope of this.#scopes) this.#asker.askForAll(scope, reason, isWanted);
      },
      isGone: (request) => this.#scopes.get(request.store)?.object(request) === undefined,
    });
    this.#aftermath = new Aftermath(this.#queue, this.settlement, (request, reasons) =>
      this.#park(request, reasons),
    );
    this.#host = {
      controller: name,
      reconcile: (context): unknown => controller.reconcile(context),
      timeout: options.reconcileTimeout,
      clock: client.clock,
      random: client.random,
      recorder: parts.events.recorder(name),
      log: this.#log,
      scope: (store) => this.#scopes.named(store),
      stores: () => this.#scopes.added,
      panicked: () => observer.panicked(),
      ended: (run, fate) => this.#ended(run, fate),
      wrote: (run, written) => observer.wrote(run, written),
      strayed: (run, intent) => observer.strayed(run, intent),
      settled: () => this.settlement.check(),
    };
  }

  /** Whether it has anything to do with a store. */
  concerns(store: string | undefined): boolean {
    return StoreScope.kindsOf(this.controller, store).length > 0;
  }

  /** The kinds that it watches in a store, each once. */
  resources(store: string | undefined): readonly AnyResource[] {
    return [...new Set(StoreScope.kindsOf(this.controller, store).map(({ resource }) => resource))];
  }

  /** The informers that it listens to, by store. */
  informers(): Iterable<readonly [store: string | undefined, informer: Informer<never, never>]> {
    return this.#scopes.informers();
  }

  /** Listens to what happens in a store, once. */
  watch(store: ManagedStore): void {
    // nothing to do where it is about to stop, or two asked for it at the same time
    if (!this.concerns(store.name) || this.#scopes.get(store.name) !== undefined) return;
    if (!this.#leaving.signal.aborted) this.#scopes.add(store);
  }

  /**
   * Forgets a store: what is asked of its objects from now on is dropped, and what runs there is told to stop, and waited for.
   *
   * @param patience - In milliseconds; what runs after that is cut off.
   */
  async unwatch(store: string | undefined, reason: unknown, patience: number): Promise<void> {
    const scope = this.#scopes.remove(store, reason);
    if (scope === undefined) return;
    await this.#running.end((run) => run.subject.scope === scope, patience);
    this.settlement.forget((key) => parseRequest(key).store === store);
    await scope.close();
  }

  /** A store was added while it works: where that may change what objects elsewhere want of it, asks for all of them. */
  meet(store: string): void {
    const scope = this.#scopes.get(store);
    if (scope !== undefined && !scope.hasSubjects) this.askForAll({ type: 'store', store });
  }

  /** Resolves when the queue has heard of everything that was there at the start; nobody waits for a store that is forgotten. */
  synced(): Promise<void> {
    return this.#scopes.synced();
  }

  /** Takes up work, as far as it has duties; what it has none for waits. */
  start(): void {
    const { concurrency = 1 } = this.controller.options;
    const lane: Lane = { kind: 'worker', name: this.controller.name };
    const worker = (): Worker =>
      new Worker({
        queue: this.#queue,
        executor: this.#parts.client.executor,
        lane,
        isStopping: () => this.#stop.signal.aborted,
        needsBreath: () => this.settlement.runs % RECONCILES_A_BREATH === RECONCILES_A_BREATH - 1,
        work: (request, done) => this.#work(request, done),
        onDone: () => this.settlement.check(),
      });
    this.#workers = Array.from({ length: concurrency }, () => worker().run());
    this.#sources.start(this.controller.sources);
  }

  /** From now on it may work on the keys of a shard. */
  begin(duty: Duty): void {
    if (!this.#leaving.signal.aborted) this.#duties.begin(duty);
  }

  /**
   * It may not work on the keys of a shard any more: tells what runs, and resolves when that has ended.
   *
   * @param patience - In milliseconds; what runs after that is cut off.
   */
  async end(duty: Duty, patience: number): Promise<void> {
    this.#duties.end(duty);
    await this.#running.end((run) => run.subject.duty.root === duty, patience);
  }

  /** Asks for everything that there is. */
  askForAll(reason: Reason): void {
    this.#duties.askForAll(reason);
  }

  /** It is about to stop: its duties are over for it, and writes resolve without waiting for the caches. */
  leave(reason: unknown): void {
    this.#leaving.abort(reason);
    this.#duties.endAll(reason);
  }

  /**
   * Takes no more work, and resolves when all is quiet; its duties have ended before.
   *
   * @param patience - How many milliseconds its sources may take to end.
   */
  async stop(reason: unknown, patience: number): Promise<void> {
    this.#stop.abort(reason);
    this.#queue.shutDown();
    await Promise.all(this.#workers);
    await this.#sources.ended(patience);
    await this.#scopes.close();
    this.settlement.close();
    this.#observer.close();
  }

  #rateLimiter(): RateLimiterFactory {
    const { name, options } = this.controller;
    if (options.rateLimiter === undefined) return exponentialBackoff({ base: 5, max: 1_000_000 });
    return guardedLimiter(name, options.rateLimiter, (error) =>
      this.#log.error({ error }, 'the rate limiter failed'),
    );
  }

  /** Works on a request once there is a place for it, and calls `onEnd` in the end. */
  #work(request: QueuedRequest, onEnd: () => void): void {
    const { pool } = this.#parts;
    if (pool === undefined) this.#attend(request, onEnd);
    else void pool.add(() => new Promise<void>((leave) => this.#attend(request, leave))).then(onEnd);
  }

  /**
   * Deals with a request, and calls `done` in the end, whatever happens on the way.
   *
   * What a reconcile throws is dealt with inside, and so is what others throw who are asked on its way.
   */
  #attend(request: QueuedRequest, done: () => void): void {
    try {
      const run = this.#runOf(request);
      if (run === undefined) done();
      else this.#reconcile(run, done);
    } catch (error) {
      this.#parts.onError(error);
      done();
    }
  }

  /** The reconcile of a request; undefined where it is not to be reconciled here, or not yet. */
  #runOf(request: QueuedRequest): ReconcileRun | undefined {
    const scope = this.#scopes.get(request.store);
    if (scope === undefined) {
      this.#aftermath.drop(request);
      const { store = 'its own' } = request;
      const more = this.#parts.warnings.pass('unknown store', this.controller.name, store);
      if (more !== undefined)
        this.#log.warn(
          { store, key: request.text },
          `a key of a store that is not looked at was dropped${more}`,
        );
      return undefined;
    }
    const duty = this.#duties.for(request);
    const reasons = this.#queue.reasons(request);
    if (duty === undefined) {
      this.#park(request, reasons);
      return undefined;
    }
    const record = this.#observer.began(request, this.#queue.retries(request) + 1, reasons);
    const span = this.#observer.span(record);
    return new ReconcileRun(this.#host, { request, duty: scope.dutyOf(duty), scope, record, span });
  }

  /** Calls `done` once everything is done that follows from the end of a reconcile. */
  #reconcile(run: ReconcileRun, done: () => void): void {
    this.#running.began(run);
    this.settlement.began();
    run.execute(done);
  }

  /** Does what follows from the end of a reconcile. */
  #ended(run: ReconcileRun, fate: Fate): void {
    const { clock } = this.#parts.client;
    try {
      this.#observer.ended(run, fate, (clock.monotonic() - run.startedAt) / 1_000);
      this.#aftermath.of(run, fate);
    } catch (error) {
      this.#parts.onError(error);
    }
    this.#running.ended(run);
  }

  /** Puts a request aside until this process may work on it. */
  #park(request: QueuedRequest, reasons: readonly Reason[]): void {
    this.settlement.cleared(request.text);
    if (!this.#stop.signal.aborted) this.#duties.park(request, reasons);
  }
}
