import type { Client } from '../../client/index.js';
import {
  type ApiObject,
  formatKey,
  type Logger,
  noopLogger,
  noopMetrics,
  type ObjectKey,
  untilAborted,
} from '../../core/index.js';
import { EventSink } from '../../controller/index.js';
import { LeaderElector, LeaseLock } from '../../leader-election/index.js';
import type { AnyResource } from '../../resources/index.js';
import type { Node, Pod } from '../../resources/kinds/index.js';
import { Cluster, type PlacedWorkload } from '../cluster/index.js';
import type { Evaluation } from '../engine/evaluate.js';
import type { ClusterEvent, SchedulingModel } from '../framework/index.js';
import { podModel } from '../pods/pod-model.js';
import { type InspectedWorkload, type QueuePlace, SchedulingQueue } from '../queue/index.js';
import { Bindings } from './bindings.js';
import { deletingWriter } from './deleting-writer.js';
import { Feed } from './feed.js';
import { podWriter } from './pod-writer.js';
import { Profiles } from './profiles.js';
import { type LoopListener, SchedulingLoop } from './scheduling-loop.js';
import { SchedulerMetrics } from './scheduler-metrics.js';
import type { SchedulerOptions } from './scheduler-options.js';
import { WaitingRoom, type WaitingWorkload } from './waiting-room.js';
import type { WorkloadWriter } from './workload-writer.js';

/** What the options are unless given, in milliseconds. */
const SLICE = 5;
const BIND_TIMEOUT = 600_000;

/**
 * Places workloads on hosts as they come: watches both, decides, and binds.
 *
 * - It decides as `SchedulingEngine` does, over all hosts. A workload is taken to be on its host from the decision on; if it cannot be
 *   bound, that is taken back, and it is tried again.
 * - What fits nowhere waits until something happens that may help, and is reported: by an event, and on a Pod by its condition.
 * - Where others have to go, they are evicted one by one, each on condition that it is still the same, and room is kept meanwhile.
 * - Decisions are made in slices of some milliseconds, between which other work of the process has its turn.
 * - With `leaderElection` one process schedules; the others watch and are ready at once. Its writes are fenced.
 *
 * @example
 * const scheduler = new Scheduler({ client, profiles: [{ schedulerName: 'default-scheduler', plugins: defaultPlugins() }] });
 * await scheduler.run({ signal });
 */
export class Scheduler<W extends ApiObject = Pod, H extends ApiObject = Node> implements AsyncDisposable {
  readonly #client: Client;
  readonly #logger: Logger;
  readonly #model: SchedulingModel<W, H>;
  readonly #writer: WorkloadWriter<W>;
  readonly #cluster: Cluster<W, H>;
  readonly #queue: SchedulingQueue<W, H>;
  readonly #profiles: Profiles<W, H>;
  readonly #room: WaitingRoom<W>;
  readonly #bindings: Bindings<W, H>;
  readonly #loop: SchedulingLoop<W, H>;
  readonly #feed: Feed<W, H>;
  readonly #events: EventSink;
  readonly #elector: LeaderElector | undefined;
  // writes in the background, such as reports and evictions
  readonly #writes = new Set<Promise<void>>();
  // aborts when the scheduler stops
  readonly #stopping = new AbortController();
  // who waits until there is nothing to do
  readonly #waiters: (() => void)[] = [];
  // the room that was kept by this process, by key of the workload: what the server says may be older
  readonly #kept = new Map<string, string>();
  // writes while this process schedules; undefined while it does not
  #leading: Client | undefined;
  #started: Promise<void> | undefined;
  #leads: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | undefined;

  /** @throws TypeError or RangeError for options that make no sense, naming them. */
  constructor(options: SchedulerOptions<W, H>) {
    const { client, logger = noopLogger, metrics = noopMetrics } = options;
    this.#client = client;
    this.#logger = logger;
    // the model and the writer are those of Pods exactly where no model was given
    this.#model = options.model ?? (podModel() as unknown as SchedulingModel<W, H>);
    this.#writer =
      options.writer ??
      (options.model === undefined
        ? (podWriter as unknown as WorkloadWriter<W>)
        : deletingWriter<W>(this.#model.workload));
    this.#cluster = new Cluster(this.#model, (event) => this.#happened(event));
    const seed = options.seed ?? client.random.integer(2 ** 31);
    this.#profiles = new Profiles(this.#cluster, options.profiles, seed);
    this.#queue = new SchedulingQueue({
      clock: client.clock,
      pluginsOf: (workload) => this.#profiles.pluginsOf(workload),
      cluster: this.#cluster,
      sort: this.#profiles.sort,
      alike: ({ facts, key }) => facts ?? key,
      initialBackoff: options.initialBackoff,
      maxBackoff: options.maxBackoff,
      onReady: () => this.#loop.wake(),
      onError: (error, plugin, step) => logger.error({ plugin, step, error }, 'a plugin failed'),
    });
    this.#room = new WaitingRoom(client.clock);
    this.#bindings = new Bindings(
      this.#cluster,
      client.clock,
      this.#room,
      options.bindTimeout ?? BIND_TIMEOUT,
    );
    this.#loop = new SchedulingLoop({
      cluster: this.#cluster,
      queue: this.#queue,
      profiles: this.#profiles,
      bindings: this.#bindings,
      metrics: new SchedulerMetrics(metrics, client.clock, () => this.#queue.counts()),
      listener: this.#listener(),
      logger,
      slice: options.slice ?? SLICE,
    });
    this.#feed = new Feed(client, this.#model, { logger, metrics });
    this.#events = new EventSink({ client, logger, metrics });
    const { leaderElection } = options;
    if (leaderElection !== undefined) {
      const { namespace, name, identity = client.random.uuid(), ...timing } = leaderElection;
      const lock = new LeaseLock({ client, namespace, name, identity });
      this.#elector = new LeaderElector({ ...timing, lock, logger, metrics });
    }
  }

  /** How many workloads wait, by where. */
  counts(): Readonly<Record<QueuePlace, number>> {
    return this.#queue.counts();
  }

  /** What is known of a workload that is not placed; undefined where nothing is. */
  inspect(key: ObjectKey): InspectedWorkload<W> | undefined {
    return this.#queue.inspect(formatKey(key));
  }

  /** Everything there is to say about placing a workload now: see `SchedulingEngine.evaluate`. Undefined where it is not known, or another's. */
  evaluate(key: ObjectKey): Evaluation | undefined {
    const object = this.#feed.latest(formatKey(key));
    const profile = object === undefined ? undefined : this.#profiles.of(object);
    return object === undefined ? undefined : profile?.engine.evaluate(this.#cluster.describe(object));
  }

  /** The workloads that plugins hold back before they are bound. */
  waiting(): readonly WaitingWorkload<W>[] {
    return this.#room.all();
  }

  /**
   * Starts, and resolves once everything that is there is known; with leader election, once it is known who leads.
   *
   * @throws ApiError where the server does not know the kinds; TypeError where it was stopped.
   */
  start(): Promise<void> {
    if (this.#stopped !== undefined)
      throw new TypeError('Scheduler: expected start before stop: make a new one');
    this.#started ??= this.#start();
    return this.#started;
  }

  /** Starts, and resolves when `signal` has aborted and everything is stopped. */
  async run(options: { readonly signal: AbortSignal }): Promise<void> {
    const { signal } = options;
    try {
      if (!signal.aborted) await this.start();
      await untilAborted(signal);
    } finally {
      await this.stop();
    }
  }

  /** Resolves once every decision that can be made now was made and carried out; what waits for an event or its backoff does not count. */
  async idle(): Promise<void> {
    for (;;) {
      await this.#feed.caughtUp();
      if (this.#isQuiet) return;
      await new Promise<void>((resolve) => {
        this.#waiters.push(resolve);
      });
    }
  }

  /** Makes no more decisions, gives up bindings that are under way, and ends all watches: nothing is left when it resolves. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #start(): Promise<void> {
    await this.#feed.start(this.#profiles.kinds, {
      workload: (object) => this.#takeWorkload(object),
      workloadGone: (key) => this.#dropWorkload(formatKey(key), key),
      other: (resource, object) => this.#takeOther(resource, object),
      otherGone: (resource, key) => this.#cluster.unset(resource, key),
    });
    if (this.#stopping.signal.aborted) return;
    const elector = this.#elector;
    if (elector === undefined) {
      this.#lead(this.#client);
      return;
    }
    this.#leads = elector
      .run(
        async (term) => {
          this.#lead(term.client);
          await untilAborted(term.signal);
          this.#follow(term.signal.reason);
        },
        { signal: this.#stopping.signal },
      )
      .catch((error: unknown) => {
        if (!this.#stopping.signal.aborted) this.#logger.error({ error }, 'the election failed');
      });
    await elector.decided();
  }

  async #stop(): Promise<void> {
    const reason = new Error('the scheduler was stopped');
    this.#stopping.abort(reason);
    this.#follow(reason);
    await this.#leads;
    await this.#feed.stop();
    await Promise.allSettled(this.#writes);
    this.#queue.close();
    await this.#events.stop();
    this.#wakeWaiters();
  }

  #lead(client: Client): void {
    this.#leading = client;
    this.#loop.start(client);
  }

  #follow(reason: unknown): void {
    this.#loop.stop();
    this.#leading = undefined;
    this.#bindings.abortAll(reason);
  }

  get #isQuiet(): boolean {
    return (
      this.#stopped !== undefined ||
      (this.#loop.isQuiet && this.#bindings.size === 0 && this.#writes.size === 0)
    );
  }

  #wakeWaiters(): void {
    if (this.#isQuiet) for (const resolve of this.#waiters.splice(0)) resolve();
  }

  #happened(event: ClusterEvent<W, H>): void {
    this.#queue.event(event);
  }

  /** A workload is there, or has changed. */
  #takeWorkload(object: W): void {
    const key = formatKey(object.metadata);
    const model = this.#model;
    try {
      if (model.hostOf(object) !== undefined || model.hasEnded?.(object) === true) {
        this.#queue.delete(key);
        this.#kept.delete(key);
        this.#cluster.set(model.workload, object);
        return;
      }
      // one that is being bound is taken to be on its host, whatever is said of it until then
      if (this.#bindings.has(key)) return;
      this.#cluster.set(model.workload, object);
      const host = this.#kept.get(key);
      if (host !== undefined) this.#cluster.nominate(this.#cluster.describe(object), host);
      if (object.metadata.deletionTimestamp !== undefined || this.#profiles.of(object) === undefined) {
        this.#queue.delete(key);
        return;
      }
      this.#queue.add(this.#cluster.describe(object));
    } catch (error) {
      this.#queue.delete(key);
      this.#cluster.unset(model.workload, object.metadata);
      this.#makesNoSense(object, error);
    }
  }

  #dropWorkload(key: string, name: ObjectKey): void {
    this.#bindings.abort(key, new Error(`${key} is gone`));
    this.#queue.delete(key);
    this.#kept.delete(key);
    this.#cluster.unset(this.#model.workload, name);
  }

  #takeOther(resource: AnyResource, object: ApiObject): void {
    try {
      this.#cluster.set(resource, object);
    } catch (error) {
      // nothing is placed on a host of which it is not known what it has
      this.#cluster.unset(resource, object.metadata);
      this.#makesNoSense(object, error);
    }
  }

  #makesNoSense(object: ApiObject, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#logger.error(
      {
        kind: object.kind,
        key: formatKey(object.metadata),
        error,
      },
      'an object makes no sense',
    );
    this.#recorder('default-scheduler').warning(object, 'FailedScheduling', message);
  }

  #listener(): LoopListener<W, H> {
    return {
      bound: (workload, host, profile) => {
        this.#kept.delete(workload.key);
        this.#recorder(profile).event(workload.object, {
          type: 'Normal',
          reason: 'Scheduled',
          action: 'Binding',
          note: `Successfully assigned ${workload.key} to ${host}`,
        });
      },
      failed: (workload, profile, why) => {
        const latest = this.#feed.latest(workload.key);
        if (latest === undefined || latest.metadata.uid !== workload.object.metadata.uid) return;
        // what came while it was being bound is taken in now
        if (latest !== workload.object) this.#takeWorkload(latest);
        if (why.host !== undefined) this.#kept.set(workload.key, why.host);
        this.#recorder(profile).event(workload.object, {
          type: 'Warning',
          reason: 'FailedScheduling',
          action: 'Scheduling',
          note: why.message,
        });
        this.#write(workload, async (client, signal) => {
          for (const victim of why.victims ?? [])
            await this.#evict(client, victim, workload, profile, signal);
          const nominated = this.#kept.get(workload.key);
          await this.#writer.report?.(
            client,
            latest,
            { message: why.message, isError: why.isError, nominated },
            signal,
          );
        });
      },
      quiet: () => this.#wakeWaiters(),
    };
  }

  async #evict(
    client: Client,
    victim: W,
    preemptor: PlacedWorkload<W, H>,
    profile: string,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#writer.evict(client, victim, preemptor.object, signal);
    this.#recorder(profile).event(victim, {
      type: 'Normal',
      reason: 'Preempted',
      action: 'Preempting',
      note: `Preempted by ${preemptor.key} (${preemptor.object.metadata.uid}) on host ${this.#kept.get(preemptor.key) ?? ''}`,
      related: preemptor.object,
    });
  }

  /** Writes something about a workload in the background. Where that fails, no room is kept for it any more, and it is tried again. */
  #write(workload: PlacedWorkload<W, H>, work: (client: Client, signal: AbortSignal) => Promise<void>): void {
    const client = this.#leading;
    if (client === undefined) return;
    const write = work(client, this.#stopping.signal)
      .catch((error: unknown) => {
        if (this.#stopping.signal.aborted) return;
        this.#logger.error({ workload: workload.key, error }, 'a write about a workload failed');
        if (this.#kept.delete(workload.key)) this.#cluster.unnominate(workload.key);
      })
      .finally(() => {
        this.#writes.delete(write);
        this.#wakeWaiters();
      });
    this.#writes.add(write);
  }

  #recorder(profile: string): ReturnType<EventSink['recorder']> {
    return this.#events.recorder(profile);
  }
}
