import { setMaxListeners } from 'node:events';
import type { Gauge, Lane, Logger, Owned } from '../../core/index.js';
import { formatKey, type ObjectKey, withFields } from '../../core/index.js';
import type { Informer } from '../../informer/index.js';
import type { AnyResource } from '../../resources/index.js';
import { exponentialBackoff, type RateLimiterFactory, WorkQueue } from '../../workqueue/index.js';
import type { Controller, WatchedKind } from '../controller.js';
import type { ManagedStore } from '../manager/managed-store.js';
import { passesAll } from '../predicates/index.js';
import type { Reason } from '../reason.js';
import { keyFrom, parseRequest, QueuedRequest } from '../request.js';
import { flowOf, isQuiet, reasonOf, requestsOf } from './change-requests.js';
import type { Duty } from './duty.js';
import type { Fate } from './fate.js';
import { guardedLimiter } from './guarded-limiter.js';
import { OwnDuty } from './own-duty.js';
import { Parked } from './parked.js';
import { ReconcileRun, type RunHost } from './reconcile-run.js';
import { RunObserver } from './run-observer.js';
import { RunningReconciles } from './running-reconciles.js';
import type { RunnerParts } from './runner-parts.js';
import { Settlement } from './settlement.js';
import { SourceRuns } from './source-runs.js';
import { StoreScope, type ToldChange } from './store-scope.js';
import { Worker } from './worker.js';

/** For what is asked of everything at once: whatever happens meanwhile goes first. Source: `LowPriority` in controller-runtime. */
const LOW_PRIORITY = -100;
/** In milliseconds: a reconciler that wishes to be called again at once, and for ever, leaves time for the rest of the process. */
const SHORTEST_REQUEUE = 1;
/** So many keys may wait for the leadership of this process, before it is looked which of them are of objects that are gone. */
const MOST_PARKED = 10_000;

/** So many reconciles one after another do not let timers and input of the process wait longer than they must. */
const RECONCILES_A_BREATH = 1_000;

/** One controller at work in one manager: its queue, its workers and what they are at. */
export class ControllerRunner {
  readonly controller: Controller;
  readonly settlement: Settlement;
  readonly #parts: RunnerParts;
  readonly #queue: WorkQueue<QueuedRequest, Reason>;
  readonly #observer: RunObserver;
  readonly #parkedGauge: Gauge;
  readonly #log: Logger;
  readonly #host: RunHost;
  // by the name of the store
  readonly #scopes = new Map<string | undefined, StoreScope>();
  // the names of the added ones among them; frozen, as every reconcile has it
  #added: readonly string[] = Object.freeze([]);
  // the duties that this process has, one a shard at most
  readonly #duties = new Map<number, OwnDuty>();
  // the shards that it has had a duty for
  readonly #known = new Set<number>();
  // requests of shards without a duty; what is in it is neither queued nor running
  readonly #parked = new Parked();
  // when there are more, those whose objects are gone are dropped; doubled where that leaves more than half
  #mostParked = MOST_PARKED;
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
      ask: (request, reason) => this.#ask(request, 0, reason),
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
    this.settlement = new Settlement(name, this.#queue, () => this.#undecided());
    const observer = new RunObserver(parts);
    this.#observer = observer;
    this.#parkedGauge = metrics.gauge({
      name: 'keelson_controller_parked',
      help: 'How many keys wait until this process leads.',
      labelNames: ['controller'],
    });
    this.#host = {
      controller: name,
      reconcile: (context): unknown => controller.reconcile(context),
      timeout: options.reconcileTimeout,
      clock: client.clock,
      random: client.random,
      recorder: parts.events.recorder(name),
      log: this.#log,
      scope: (store) => this.#scopeOf(store),
      stores: () => this.#added,
      panicked: () => observer.panicked(),
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
  *informers(): Generator<readonly [store: string | undefined, informer: Informer<never, never>]> {
    for (const [store, scope] of this.#scopes) {
      for (const informer of scope.informers) yield [store, informer as unknown as Informer<never, never>];
    }
  }

  /** Listens to what happens in a store, once. */
  watch(store: ManagedStore): void {
    // nothing to do where it is about to stop, or two asked for it at the same time
    if (!this.concerns(store.name) || this.#scopes.has(store.name) || this.#leaving.signal.aborted) return;
    const scope = new StoreScope({
      controller: this.controller,
      store,
      signal: this.#leaving.signal,
      onChange: (from, kind, change) => this.#changed(from, kind, change),
      onStale: (resource, key) => this.#observer.stale(resource, key),
    });
    this.#scopes.set(store.name, scope);
    this.#added = this.#namesOfAdded();
    scope.watch();
  }

  /**
   * Forgets a store: what is asked of its objects from now on is dropped, and what runs there is told to stop, and waited for.
   *
   * @param patience - In milliseconds; what runs after that is cut off.
   */
  async unwatch(store: string | undefined, reason: unknown, patience: number): Promise<void> {
    const scope = this.#scopes.get(store);
    if (scope === undefined) return;
    this.#scopes.delete(store);
    this.#added = this.#namesOfAdded();
    scope.leave(reason);
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
  async synced(): Promise<void> {
    await Promise.all(
      Array.from(this.#scopes, async ([store, scope]) => {
        try {
          await scope.synced();
        } catch (error) {
          if (this.#scopes.get(store) === scope && !this.#leaving.signal.aborted) throw error;
        }
      }),
    );
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
    if (this.#leaving.signal.aborted) return;
    const { shard } = duty;
    this.#duties.set(shard, new OwnDuty(duty));
    const asked = new Set<string>();
    for (const { request, reasons } of this.#parked.take(shard)) {
      asked.add(request.text);
      for (const reason of reasons) this.#ask(request, 0, reason);
    }
    this.#parkedGauge.set(this.#parked.size, { controller: this.controller.name });
    // somebody else worked on them meanwhile, and what he had in mind to do later is lost with him
    if (this.#known.has(shard)) this.#askForShard(shard, { type: 'takeover' }, asked);
    this.#known.add(shard);
  }

  /**
   * It may not work on the keys of a shard any more: tells what runs, and resolves when that has ended.
   *
   * @param patience - In milliseconds; what runs after that is cut off.
   */
  async end(duty: Duty, patience: number): Promise<void> {
    const own = this.#duties.get(duty.shard);
    if (own?.root === duty) {
      this.#duties.delete(duty.shard);
      own.end(duty.signal.reason);
    }
    await this.#running.end((run) => run.subject.duty.root === duty, patience);
  }

  /** Asks for everything that there is. */
  askForAll(reason: Reason): void {
    for (let shard = 0; shard < this.#parts.division.shards; shard += 1) this.#askForShard(shard, reason);
  }

  /** It is about to stop: its duties are over for it, and writes resolve without waiting for the caches. */
  leave(reason: unknown): void {
    this.#leaving.abort(reason);
    for (const duty of this.#duties.values()) duty.end(reason);
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
    await Promise.all(Array.from(this.#scopes.values(), (scope) => scope.close()));
    this.settlement.close();
    this.#observer.close();
  }

  #changed(scope: StoreScope, kind: WatchedKind, change: ToldChange): void {
    const stores = { from: scope.name, usual: scope.hasSubjects ? scope.name : undefined };
    const requests = this.#passes(kind, change)
      ? requestsOf(kind, change, stores, (error, object) => this.#reportMap(error, kind, object))
      : [];
    const priority = isQuiet(change) ? LOW_PRIORITY : 0;
    const reason = reasonOf(kind, change, scope.name);
    scope.ownWrites.told(kind.resource, change, requests, (request) => this.#ask(request, priority, reason));
  }

  #passes({ resource, predicates }: WatchedKind, change: ToldChange): boolean {
    if (predicates.length === 0) return true;
    return passesAll(predicates, change, (error) =>
      this.#log.error({ error, kind: resource.kind }, 'a predicate failed, and the event passed'),
    );
  }

  #reportMap(error: unknown, { resource }: WatchedKind, object: Owned): void {
    const about = { error, kind: resource.kind, object: formatKey(object.metadata as ObjectKey) };
    this.#log.error(about, 'the function that says what an event asks for failed');
  }

  #ask(request: QueuedRequest, priority: number, reason: Reason): void {
    this.#queue.add(request, { priority, reason });
  }

  #askForShard(shard: number, reason: Reason, asked?: ReadonlySet<string>): void {
    for (const [store, scope] of this.#scopes) {
      if (!scope.hasSubjects) continue;
      for (const object of scope.objects()) {
        const request = new QueuedRequest(keyFrom(object), store);
        if (this.#shardOf(request) !== shard || asked?.has(request.text) === true) continue;
        this.#ask(request, LOW_PRIORITY, reason);
      }
    }
  }

  #rateLimiter(): RateLimiterFactory {
    const { name, options } = this.controller;
    if (options.rateLimiter === undefined) return exponentialBackoff({ base: 5, max: 1_000_000 });
    return guardedLimiter(name, options.rateLimiter, (error) =>
      this.#log.error({ error }, 'the rate limiter failed'),
    );
  }

  #shardOf({ text }: QueuedRequest): number {
    return this.#parts.division.shardOf(text);
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
      this.#drop(request);
      const { store = 'its own' } = request;
      const more = this.#parts.warnings.pass('unknown store', this.controller.name, store);
      if (more !== undefined)
        this.#log.warn(
          { store, key: request.text },
          `a key of a store that is not looked at was dropped${more}`,
        );
      return undefined;
    }
    const duty = this.#duties.get(this.#shardOf(request));
    const reasons = this.#queue.reasons(request);
    if (duty === undefined || duty.isOver) {
      this.#park(request, reasons);
      return undefined;
    }
    const { record, span } = this.#observer.began(request, this.#queue.retries(request) + 1, reasons);
    return new ReconcileRun(this.#host, { request, duty: scope.dutyOf(duty), scope, record, span });
  }

  /** Calls `done` once everything is done that follows from the end of a reconcile. */
  #reconcile(run: ReconcileRun, done: () => void): void {
    const { clock } = this.#parts.client;
    const began = clock.monotonic();
    this.#running.began(run);
    this.settlement.began();
    run.execute((fate) => {
      try {
        this.#observer.ended(run, fate, (clock.monotonic() - began) / 1_000);
        this.#settle(run, fate);
      } catch (error) {
        this.#parts.onError(error);
      }
      this.#running.ended(run);
      done();
    });
  }

  /** What follows from the end of a reconcile. */
  #settle(run: ReconcileRun, fate: Fate): void {
    const { request } = run.subject;
    switch (fate.outcome) {
      case 'success':
        this.#drop(request);
        return;
      case 'requeue_after':
        this.#drop(request);
        this.#queue.addAfter(request, Math.max(SHORTEST_REQUEUE, fate.requeueAfter), {
          reason: { type: 'requeueAfter' },
        });
        return;
      case 'terminal':
        this.#drop(request);
        run.log.error({ error: fate.error }, 'the reconcile failed for good');
        return;
      case 'interrupted':
        this.#park(request, [{ type: 'interrupted' }]);
        run.log.info({ reason: fate.error }, 'the reconcile was interrupted');
        return;
      default:
        this.settlement.failed(request.text, fate.error);
        this.#queue.addRateLimited(request, { reason: { type: 'retry' } });
        run.log.error({ error: fate.error }, 'the reconcile failed and will be tried again');
    }
  }

  /** The request needs no further try: what was wished for it earlier counts no more. */
  #drop(request: QueuedRequest): void {
    this.#queue.forget(request);
    this.#queue.cancelDelay(request);
    this.settlement.cleared(request.text);
  }

  /** Puts a request aside until this process may work on it. */
  #park(request: QueuedRequest, reasons: readonly Reason[]): void {
    this.settlement.cleared(request.text);
    if (this.#stop.signal.aborted) return;
    const shard = this.#shardOf(request);
    const duty = this.#duties.get(shard);
    // another term may have begun while the last reconcile of the one before came to its end
    if (duty !== undefined && !duty.isOver) {
      for (const reason of reasons) this.#ask(request, 0, reason);
      return;
    }
    this.#parked.add(shard, request, reasons);
    if (this.#parked.size > this.#mostParked) {
      this.#parked.dropGone(({ key, store }) => this.#scopes.get(store)?.object(key) === undefined);
      this.#mostParked = Math.max(MOST_PARKED, 2 * this.#parked.size);
    }
    this.#parkedGauge.set(this.#parked.size, { controller: this.controller.name });
  }

  #undecided(): number {
    let sum = 0;
    for (const { ownWrites } of this.#scopes.values()) sum += ownWrites.undecided;
    return sum;
  }

  #namesOfAdded(): readonly string[] {
    return Object.freeze([...this.#scopes.keys()].filter((name) => name !== undefined));
  }

  #scopeOf(store: string | undefined): StoreScope {
    const scope = this.#scopes.get(store);
    if (scope !== undefined) return scope;
    const known = Array.from(this.#scopes.keys(), (name) => name ?? 'its own').join(', ');
    throw new TypeError(
      `controller ${this.controller.name}: at: expected a store that it watches (${known}), got ${store ?? 'its own'}`,
    );
  }
}
