import type { Client } from '../../client/index.js';
import {
  type ApiObject,
  formatKey,
  noopLogger,
  noopMetrics,
  type ObjectKey,
  untilAborted,
} from '../../core/index.js';
import type { Node, Pod } from '../../resources/kinds/index.js';
import type { Evaluation } from '../engine/evaluate.js';
import type { InspectedWorkload, QueuePlace } from '../queue/index.js';
import { assemble, type SchedulerParts } from './assembly.js';
import { Election } from './election.js';
import type { SchedulerOptions } from './scheduler-options.js';
import type { WaitingWorkload } from './bindings/waiting-room.js';

/**
 * Places workloads on hosts as they come: watches both, decides, and binds.
 *
 * - It decides as `SchedulingEngine` does, over all hosts. A workload is taken to be on its host from the decision on; if it cannot be
 *   bound, that is taken back, and it is tried again. Where there is no answer, it is asked until it is known.
 * - What fits nowhere waits until something happens that may help, and is reported: by an event, and on a Pod by its condition.
 * - Where others have to go, they are evicted one by one, each on condition that it is still the same, and room is kept meanwhile.
 * - With `groupOf` workloads of one group are placed and bound together, or none of them.
 * - Decisions are made in slices of some milliseconds, between which other work of the process has its turn.
 * - With `leaderElection` one process schedules; the others watch and are ready at once. Its writes are fenced.
 *
 * @example
 * const scheduler = new Scheduler({ client, profiles: [{ schedulerName: 'default-scheduler', plugins: defaultPlugins() }] });
 * await scheduler.run({ signal });
 */
export class Scheduler<W extends ApiObject = Pod, H extends ApiObject = Node> implements AsyncDisposable {
  readonly #parts: SchedulerParts<W, H>;
  readonly #election: Election;
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
    this.#parts = assemble(options, () => this.#wakeWaiters());
    this.#election = new Election(
      client,
      { lead: (leader) => this.#lead(leader), follow: (reason) => this.#follow(reason) },
      options.leaderElection,
      { logger, metrics },
    );
  }

  /** How many workloads wait, by where. */
  counts(): Readonly<Record<QueuePlace, number>> {
    return this.#parts.queue.counts();
  }

  /** What is known of a workload that is not placed; undefined where nothing is. */
  inspect(key: ObjectKey): InspectedWorkload<W> | undefined {
    return this.#parts.queue.inspect(formatKey(key));
  }

  /** Everything there is to say about placing a workload now: see `SchedulingEngine.evaluate`. Undefined where it is not known, or another's. */
  evaluate(key: ObjectKey): Evaluation | undefined {
    const object = this.#parts.feed.latest(formatKey(key));
    const profile = object === undefined ? undefined : this.#parts.profiles.of(object);
    return object === undefined ? undefined : profile?.engine.evaluate(this.#parts.cluster.describe(object));
  }

  /** The workloads that plugins hold back before they are bound. */
  waiting(): readonly WaitingWorkload<W>[] {
    return this.#parts.room.all();
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
    // who starts it is told where that fails
    await this.#started?.catch(() => undefined);
    for (;;) {
      await this.#parts.feed.caughtUp();
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
    await this.#parts.feed.start(this.#parts.profiles.kinds, this.#parts.intake);
    await this.#election.start();
  }

  async #stop(): Promise<void> {
    const { feed, reporter, queue, metrics, events } = this.#parts;
    await this.#election.stop(new Error('the scheduler was stopped'));
    await feed.stop();
    await reporter.stop();
    queue.close();
    metrics.settled();
    metrics.close();
    await events.stop();
    this.#wakeWaiters();
  }

  #lead(client: Client): void {
    this.#leads = true;
    this.#parts.reporter.start(client);
    this.#parts.loop.start(client);
  }

  /** Another process decides now, if any: what was decided here and not written does not count. */
  #follow(reason: unknown): void {
    if (!this.#leads) return;
    this.#leads = false;
    const { loop, reporter, bindings, kept, feed, cluster } = this.#parts;
    loop.stop();
    reporter.pause(reason);
    bindings.dropAll(reason);
    kept.yield((key) => {
      const latest = feed.latest(key);
      return latest === undefined ? undefined : cluster.describe(latest);
    });
    this.#wakeWaiters();
  }

  get #isQuiet(): boolean {
    const { loop, bindings, reporter } = this.#parts;
    return this.#stopped !== undefined || (loop.isQuiet && bindings.busy === 0 && reporter.busy === 0);
  }

  #wakeWaiters(): void {
    if (this.#isQuiet) for (const resolve of this.#waiters.splice(0)) resolve();
  }
}
