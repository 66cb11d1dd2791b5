import type { Client } from '../../client/index.js';
import { type EventRecorder, EventSink } from '../../controller/index.js';
import {
  type ApiObject,
  formatKey,
  noopLogger,
  noopMetrics,
  type ObjectKey,
  preview,
  untilAborted,
} from '../../core/index.js';
import type { Node, Pod } from '../../resources/kinds/index.js';
import { Cluster } from '../cluster/index.js';
import type { Evaluation } from '../engine/evaluate.js';
import type { SchedulingModel } from '../framework/index.js';
import { GangBook, gangScheduling } from '../gangs/index.js';
import { podModel } from '../pods/pod-model.js';
import { type InspectedWorkload, type QueuePlace, SchedulingQueue } from '../queue/index.js';
import { Bindings } from './bindings.js';
import { deletingWriter } from './deleting-writer.js';
import { Election } from './election.js';
import { Feed } from './feed.js';
import { Intake } from './intake.js';
import { GroupAttempts, type GroupAttemptsParts } from './group-attempts.js';
import { GroupBindings, type GroupBindingsParts } from './group-bindings.js';
import { KeptRoom } from './kept-room.js';
import { News } from './news.js';
import { Outcomes } from './outcomes.js';
import { Pace } from './pace.js';
import { podWriter } from './pod-writer.js';
import { Profiles } from './profiles.js';
import { Reporter } from './reporter.js';
import { SchedulerMetrics } from './scheduler-metrics.js';
import type { SchedulerOptions, SchedulerProfile } from './scheduler-options.js';
import { SchedulingLoop } from './scheduling-loop.js';
import { SingleAttempts } from './single-attempts.js';
import { WaitingRoom, type WaitingWorkload } from './waiting-room.js';
import type { WorkloadWriter } from './workload-writer.js';

/** What the options are unless given, in milliseconds. */
const SLICE = 5;
const BIND_TIMEOUT = 600_000;

/**
 * Places workloads on hosts as they come: watches both, decides, and binds.
 *
 * - It decides as `SchedulingEngine` does, over all hosts. A workload is taken to be on its host from the decision on; if it cannot be
 *   bound, that is taken back, and it is tried again. Where there is no answer, it is asked until it is known.
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
  readonly #cluster: Cluster<W, H>;
  readonly #queue: SchedulingQueue<W, H>;
  readonly #profiles: Profiles<W, H>;
  readonly #room: WaitingRoom<W>;
  readonly #bindings: Bindings<W, H>;
  readonly #kept: KeptRoom<W, H>;
  readonly #intake: Intake<W, H>;
  readonly #reporter: Reporter<W, H>;
  readonly #loop: SchedulingLoop<W, H>;
  readonly #feed: Feed<W, H>;
  readonly #events: EventSink;
  readonly #election: Election;
  readonly #metrics: SchedulerMetrics;
  // who waits until there is nothing to do
  readonly #waiters: (() => void)[] = [];
  // whether this process schedules
  #leads = false;
  // each set once, by the first call
  #started: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  /** @throws TypeError or RangeError for options that make no sense, naming them. */
  constructor(options: SchedulerOptions<W, H>) {
    const { client, logger = noopLogger, metrics = noopMetrics } = options;
    const { clock } = client;
    // the model and the writer are those of Pods exactly where no model was given
    const model = options.model ?? (podModel() as unknown as SchedulingModel<W, H>);
    const news = new News<W, H>((event) => this.#queue.event(event));
    const cluster = new Cluster(model, (event) => news.event(event));
    this.#cluster = cluster;
    const seed = options.seed ?? client.random.integer(2 ** 31);
    const book = options.groupOf === undefined ? undefined : new GangBook(options.groupOf);
    this.#profiles = new Profiles(cluster, profilesOf(options.profiles, book), seed);
    this.#queue = new SchedulingQueue({
      clock,
      pluginsOf: (workload) => this.#profiles.pluginsOf(workload),
      cluster,
      sort: this.#profiles.sort,
      alike: ({ facts, key }) => facts ?? key,
      initialBackoff: options.initialBackoff,
      maxBackoff: options.maxBackoff,
      onReady: () => this.#loop.wake(),
      onError: (error, plugin, step) => logger.error({ plugin, step, error }, 'a plugin failed'),
    });
    this.#metrics = new SchedulerMetrics(metrics, clock, () => this.#queue.counts());
    const onQuiet = (): void => {
      this.#metrics.settled();
      this.#wakeWaiters();
    };
    this.#room = new WaitingRoom(clock);
    this.#bindings = new Bindings({
      cluster,
      clock,
      room: this.#room,
      metrics: this.#metrics,
      timeout: positive('bindTimeout', options.bindTimeout ?? BIND_TIMEOUT),
      onAnswer: () => this.#loop.goOn(),
      onQuiet,
    });
    this.#kept = new KeptRoom(cluster);
    const pace = new Pace(clock, client.executor, positive('slice', options.slice ?? SLICE));
    this.#feed = new Feed(client, model, { pace, logger, metrics });
    this.#events = new EventSink({ client, logger, metrics });
    const recorders = this.#recorders();
    const parts = { client, cluster, queue: this.#queue, profiles: this.#profiles, bindings: this.#bindings };
    this.#intake = new Intake({
      ...parts,
      kept: this.#kept,
      book,
      logger,
      onNonsense: (object, message) => recorders.first.warning(object, 'FailedScheduling', message),
    });
    this.#reporter = new Reporter({
      client,
      model,
      writer: options.writer ?? writerOf(options, model),
      kept: this.#kept,
      room: this.#room,
      recorderOf: recorders.of,
      latest: (key) => this.#feed.latest(key),
      onQuiet,
      logger,
    });
    const outcomes = new Outcomes({
      ...parts,
      kept: this.#kept,
      intake: this.#intake,
      reporter: this.#reporter,
      metrics: this.#metrics,
      book,
      logger,
    });
    const attempts = { ...parts, clock, news, kept: this.#kept, outcomes, metrics: this.#metrics, onQuiet };
    this.#loop = new SchedulingLoop({
      ...parts,
      single: new SingleAttempts(attempts),
      groups: book === undefined ? undefined : groupAttempts({ ...attempts, book }),
      pace,
      onQuiet,
    });
    this.#election = new Election(
      client,
      { lead: (leader) => this.#lead(leader), follow: (reason) => this.#follow(reason) },
      options.leaderElection,
      { logger, metrics },
    );
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
   * @throws ApiError where the server does not know the kinds; TypeError where it was stopped, or fencing is required and cannot be had.
   */
  start(): Promise<void> {
    if (this.#stopped !== undefined) {
      return Promise.reject(new TypeError('Scheduler: expected start before stop: make a new one'));
    }
    this.#started ??= this.#start();
    return this.#started;
  }

  /** Starts, and resolves when `signal` has aborted and everything is stopped. */
  async run(options: { readonly signal: AbortSignal }): Promise<void> {
    const { signal } = options;
    const aborted = untilAborted(signal);
    try {
      if (!signal.aborted) await Promise.race([this.start(), aborted]);
      await aborted;
    } finally {
      await this.stop();
    }
  }

  /**
   * Resolves once every decision that can be made now was made and carried out, or it was stopped.
   *
   * What waits for an event, for its backoff, or for the permission of a plugin does not count; a binding without an answer does.
   */
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
    await this.#feed.start(this.#profiles.kinds, this.#intake);
    await this.#election.start();
  }

  async #stop(): Promise<void> {
    await this.#election.stop(new Error('the scheduler was stopped'));
    await this.#feed.stop();
    await this.#reporter.stop();
    this.#queue.close();
    this.#metrics.settled();
    this.#metrics.close();
    await this.#events.stop();
    this.#wakeWaiters();
  }

  #lead(client: Client): void {
    this.#leads = true;
    this.#reporter.start(client);
    this.#loop.start(client);
  }

  /** Another process decides now, if any: what was decided here and not written does not count. */
  #follow(reason: unknown): void {
    if (!this.#leads) return;
    this.#leads = false;
    this.#loop.stop();
    this.#reporter.pause(reason);
    this.#bindings.dropAll(reason);
    this.#kept.yield((key) => {
      const latest = this.#feed.latest(key);
      return latest === undefined ? undefined : this.#cluster.describe(latest);
    });
    this.#wakeWaiters();
  }

  get #isQuiet(): boolean {
    return (
      this.#stopped !== undefined ||
      (this.#loop.isQuiet && this.#bindings.busy === 0 && this.#reporter.busy === 0)
    );
  }

  #wakeWaiters(): void {
    if (this.#isQuiet) for (const resolve of this.#waiters.splice(0)) resolve();
  }

  /** Who tells of the workloads of each profile. */
  #recorders(): { readonly of: (profile: string) => EventRecorder; readonly first: EventRecorder } {
    const names = this.#profiles.names;
    const recorders = new Map(names.map((name) => [name, this.#events.recorder(name)]));
    // there is a recorder for each profile, and a profile at least
    const of = (profile: string): EventRecorder => recorders.get(profile) as EventRecorder;
    return { of, first: of(names[0] as string) };
  }
}

function groupAttempts<W extends ApiObject, H extends ApiObject>(
  parts: Omit<GroupAttemptsParts<W, H>, 'together'> & GroupBindingsParts<W, H>,
): GroupAttempts<W, H> {
  return new GroupAttempts({ ...parts, together: new GroupBindings(parts) });
}

/** The profiles with the plugin that keeps members of groups back until enough of them are there. */
function profilesOf<W extends ApiObject, H extends ApiObject>(
  profiles: readonly SchedulerProfile<W, H>[],
  book: GangBook<W> | undefined,
): readonly SchedulerProfile<W, H>[] {
  if (book === undefined || !Array.isArray(profiles)) return profiles;
  return (profiles as readonly SchedulerProfile<W, H>[]).map(({ schedulerName, plugins }) => ({
    schedulerName,
    plugins: Array.isArray(plugins) ? [...plugins, gangScheduling<W, H>(book)] : plugins,
  }));
}

function writerOf<W extends ApiObject, H extends ApiObject>(
  options: SchedulerOptions<W, H>,
  model: SchedulingModel<W, H>,
): WorkloadWriter<W> {
  return options.model === undefined
    ? (podWriter as unknown as WorkloadWriter<W>)
    : deletingWriter<W>(model.workload);
}

function positive(option: string, value: number): number {
  if (value > 0) return value;
  throw new RangeError(
    `Scheduler: ${option}: expected a number of milliseconds above 0, got ${preview(value)}`,
  );
}
