import { type ApiObject, type Clock, preview } from '../../core/index.js';
import type { ClusterEvent, WorkloadInfo } from '../framework/index.js';
import { Alarm } from './alarm.js';
import { type Attempt, type Failure, OpenAttempt } from './attempt.js';
import { Backoff } from './backoff.js';
import { Entry } from './entry.js';
import { EventLog } from './event-log.js';
import type { InspectedWorkload, QueuePlace } from './inspection.js';
import { inspectionOf, oldestOf } from './inspection-of.js';
import { mayConcern } from './may-concern.js';
import { objectionsOf } from './objections-of.js';
import { Places } from './places.js';
import { PluginCalls } from './plugin-calls.js';
import type { SchedulingQueueOptions } from './scheduling-queue-options.js';
import type { Objection } from './waiting-group.js';
import { type Wish, wishFor } from './wish.js';

/**
 * The workloads that are to be placed: which one is tried next, and when one that was rejected is tried again.
 *
 * What was rejected waits until a plugin that rejected it says that an event can help. Then it is tried again when its backoff is
 * over; at once where the plugin had said `Pending`. Nothing that happens while a workload is in hand is missed. All of it is
 * synchronous, and sets one timer at most.
 *
 * Adding and popping cost the logarithm of what is in the queue. An event costs as much as it wakes, and a question for each no that
 * differs: a plugin is asked once for all workloads that look the same to it, by the `part` that it reads or else by `alike`.
 *
 * Source: the scheduling queue of kube-scheduler 1.36.
 */
export class SchedulingQueue<W extends ApiObject, H extends ApiObject> {
  readonly #options: SchedulingQueueOptions<W, H>;
  readonly #clock: Clock;
  readonly #backoff: Backoff;
  readonly #flushAfter: number;
  readonly #calls: PluginCalls<W, H>;
  readonly #alarm: Alarm;
  readonly #log = new EventLog<W, H>();
  // all entries, by key, and where each of them is
  readonly #entries = new Map<string, Entry<W, H>>();
  readonly #places: Places<W, H>;
  // the attempts that are not over, by key: exactly those of the entries in hand
  readonly #hand = new Map<string, OpenAttempt<W>>();
  // counts what has joined the order of the queue
  #sequence = 0;
  // whether something could be popped at the end of the last operation
  #ready = false;

  /** @throws RangeError where a duration makes no sense. */
  constructor(options: SchedulingQueueOptions<W, H>) {
    const { clock, initialBackoff, maxBackoff, flushAfter = 300_000 } = options;
    if (!(flushAfter > 0)) {
      throw new RangeError(`Expected flushAfter to be a number above 0, got ${preview(flushAfter)}`);
    }
    this.#options = options;
    this.#clock = clock;
    this.#backoff = new Backoff(initialBackoff, maxBackoff);
    this.#flushAfter = flushAfter;
    this.#calls = new PluginCalls(options);
    this.#places = new Places(this.#calls);
    this.#alarm = new Alarm(clock, () => this.#comeDue());
  }

  /**
   * Adds a workload, or takes in that it has changed.
   *
   * One that was rejected is tried again only where the change is of something that a plugin which rejected it looks at. One
   * with another uid is another workload.
   */
  add(workload: WorkloadInfo<W>): void {
    const entry = this.#entries.get(workload.key);
    if (entry !== undefined && entry.workload.object.metadata.uid === workload.object.metadata.uid) {
      this.#change(entry, workload);
    } else {
      if (entry !== undefined) this.#forget(entry);
      const added = new Entry<W, H>(workload, this.#clock.now(), this.#sequence++);
      this.#entries.set(workload.key, added);
      this.#enter(added, 'at once');
    }
    this.#settle();
  }

  /** Forgets a workload that is gone, or has been placed by others, even where it is in hand. */
  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#forget(entry);
    this.#settle();
  }

  /** The workload that {@link pop} would take in hand now, left where it is. */
  peek(): WorkloadInfo<W> | undefined {
    return this.#places.next?.workload;
  }

  /** The workload that is tried next, which is then in hand until {@link failed} or {@link done}; undefined where there is none. */
  pop(): Attempt<W> | undefined {
    const entry = this.#places.next;
    if (entry === undefined) return undefined;
    const attempt = this.#take(entry);
    this.#settle();
    return attempt;
  }

  /** The workloads that {@link take} would take in hand now, left where they are. */
  takeable(keys: Iterable<string>): readonly WorkloadInfo<W>[] {
    return this.#takeable(keys).map(({ workload }) => workload);
  }

  /**
   * Takes some workloads out of their turn, which are then in hand as after {@link pop}.
   *
   * Whoever is gated, in hand or not in the queue is left out. Where fewer than `least` would be taken none is, and the answer is undefined.
   */
  take(keys: Iterable<string>, least: number): readonly Attempt<W>[] | undefined {
    const entries = this.#takeable(keys);
    if (entries.length < least) return undefined;
    const attempts = entries.map((entry) => this.#take(entry));
    this.#settle();
    return attempts;
  }

  /**
   * An attempt has come to nothing; one that is over already, as the workload was deleted, is left alone.
   *
   * @throws TypeError where a plugin is named that the workload's profile does not have; nothing has happened then.
   */
  failed(attempt: Attempt<W>, failure: Failure): void {
    const open = this.#open(attempt);
    if (open === undefined) return;
    const objections = objectionsOf(this.#options.pluginsOf(attempt.workload), failure);
    const entry = this.#entries.get(attempt.workload.key) as Entry<W, H>;
    this.#places.take(entry);
    entry.since = this.#clock.now();
    entry.sequence = this.#sequence++;
    if (objections.length === 0) {
      this.#backOff(entry);
    } else {
      entry.failedAt = this.#clock.monotonic();
      entry.errors = 0;
      entry.rejections += 1;
      entry.retryAt = this.#backoff.afterRejection(entry.rejections, entry.failedAt);
      const wish = this.#wishOf(open, entry, objections, failure.own);
      // it has waited, if only for a moment: the group tells why
      this.#places.wait(entry, 'unschedulable', objections);
      if (wish !== undefined) this.#wake(entry, wish);
    }
    this.#close(entry);
    this.#settle();
  }

  /** An attempt is over, as the workload is placed: it is forgotten. One that is over already is left alone. */
  done(attempt: Attempt<W>): void {
    if (this.#open(attempt) !== undefined) this.delete(attempt.workload.key);
  }

  /** Something has changed in the cluster. */
  event(event: ClusterEvent<W, H>): void {
    if (this.#hand.size > 0) this.#log.append(event);
    for (const [entries, atOnce] of this.#places.takeWokenBy(event)) {
      for (const entry of entries) this.#enter(entry, atOnce ? 'at once' : 'after backoff');
    }
    this.#settle();
  }

  /** Lets workloads be tried at once, wherever they wait; those in hand, where they are rejected. Unknown keys are left out. */
  activate(keys: Iterable<string>): void {
    for (const key of keys) {
      const open = this.#hand.get(key);
      if (open !== undefined) open.activated = true;
      const entry = this.#entries.get(key);
      if (entry !== undefined && entry.place !== 'active' && entry.place !== 'in hand') {
        this.#wake(entry, 'at once');
      }
    }
    this.#settle();
  }

  /** How many workloads are in each place. */
  counts(): Readonly<Record<QueuePlace, number>> {
    return this.#places.counts;
  }

  /** When the oldest workload in each place was added, in milliseconds since 1970: looks at the whole queue. */
  oldest(): ReadonlyMap<QueuePlace, number> {
    return oldestOf(this.#entries.values());
  }

  /** What is known of a workload; undefined where it is not in the queue. */
  inspect(key: string): InspectedWorkload<W> | undefined {
    const entry = this.#entries.get(key);
    return entry === undefined ? undefined : inspectionOf(entry, this.#clock, this.#flushAfter);
  }

  /** Forgets everything, so that no timer is left. */
  close(): void {
    this.#entries.clear();
    this.#places.clear();
    this.#hand.clear();
    this.#log.clear();
    this.#settle();
  }

  /** Takes an entry in hand. */
  #take(entry: Entry<W, H>): Attempt<W> {
    this.#places.take(entry);
    this.#places.put(entry, 'in hand');
    entry.attempts += 1;
    const attempt = new OpenAttempt(entry, this.#log.position);
    this.#hand.set(entry.workload.key, attempt);
    return attempt;
  }

  #change(entry: Entry<W, H>, workload: WorkloadInfo<W>): void {
    const before = entry.workload;
    entry.workload = workload;
    if (entry.place === 'gated') {
      if (workload.object !== before.object) this.#wake(entry, 'after backoff');
    } else if (entry.place === 'unschedulable') {
      const helped = entry.group?.objections.filter(({ plugin }) =>
        this.#calls.seesChange(plugin, before, workload),
      );
      const wish = wishFor(helped ?? []);
      if (wish !== undefined) this.#wake(entry, wish);
    } else {
      this.#places.moved(entry);
    }
  }

  /** How soon an entry is tried again as something has happened since its attempt began; undefined where nothing can help. */
  #wishOf(
    open: OpenAttempt<W>,
    { workload }: Entry<W, H>,
    objections: readonly Objection<W, H>[],
    own: ReadonlySet<string> | undefined,
  ): Wish | undefined {
    if (open.activated) return 'at once';
    const isOwn = ({ key }: WorkloadInfo<W>): boolean => key === workload.key || own?.has(key) === true;
    const events = this.#log
      .since(open.from)
      ?.filter((event) => !('workload' in event && isOwn(event.workload)));
    const helped = objections.filter(
      ({ plugin }) =>
        events === undefined ||
        this.#calls.seesChange(plugin, open.workload, workload) ||
        events.some((event) => mayConcern(plugin, event) && this.#calls.wakes(plugin, event, workload)),
    );
    return wishFor(helped);
  }

  /** Lets an entry be tried that waits for something. */
  #wake(entry: Entry<W, H>, wish: Wish): void {
    this.#places.take(entry);
    this.#enter(entry, wish);
  }

  /** Puts an entry, that is nowhere, among those that are to be tried, if it may be tried at all. */
  #enter(entry: Entry<W, H>, wish: Wish): void {
    const gate = this.#calls.gateOf(entry.workload);
    if (gate === 'failed') this.#backOff(entry);
    else if (gate !== undefined) this.#places.wait(entry, 'gated', [{ plugin: gate, pending: false }]);
    else if (wish === 'at once' || entry.retryAt <= this.#clock.monotonic())
      this.#places.put(entry, 'active');
    else this.#places.put(entry, 'backoff');
  }

  /** Lets an entry, that is nowhere, wait for a while as it has failed with an error. */
  #backOff(entry: Entry<W, H>): void {
    entry.failedAt = this.#clock.monotonic();
    entry.errors += 1;
    entry.retryAt = this.#backoff.afterError(entry.errors, entry.failedAt);
    entry.group = undefined;
    this.#places.put(entry, 'backoff');
  }

  /** Moves what has come due. */
  #comeDue(): void {
    const now = this.#clock.monotonic();
    const { backoff, errors, waiting } = this.#places;
    for (let entry = backoff.peek(); entry !== undefined && entry.retryAt <= now; entry = backoff.peek()) {
      this.#places.take(entry);
      this.#places.put(entry, 'active');
    }
    for (let entry = errors.peek(); entry !== undefined && entry.retryAt <= now; entry = errors.peek()) {
      this.#wake(entry, 'after backoff');
    }
    for (
      let entry = waiting.peek();
      entry !== undefined && entry.failedAt + this.#flushAfter <= now;
      entry = waiting.peek()
    ) {
      this.#wake(entry, 'after backoff');
    }
    this.#settle();
  }

  #takeable(keys: Iterable<string>): readonly Entry<W, H>[] {
    const entries: Entry<W, H>[] = [];
    for (const key of new Set(keys)) {
      const entry = this.#entries.get(key);
      if (entry !== undefined && entry.place !== 'gated' && entry.place !== 'in hand') entries.push(entry);
    }
    return entries;
  }

  /** The attempt as it was handed out, unless it is over. */
  #open(attempt: Attempt<W>): OpenAttempt<W> | undefined {
    const open = this.#hand.get(attempt.workload.key);
    return open === attempt ? open : undefined;
  }

  #forget(entry: Entry<W, H>): void {
    this.#places.take(entry);
    this.#entries.delete(entry.workload.key);
    this.#close(entry);
  }

  /** Ends the attempt of an entry, if there is one. */
  #close(entry: Entry<W, H>): void {
    this.#hand.delete(entry.workload.key);
    if (this.#hand.size === 0) this.#log.clear();
  }

  /** Ends an operation: sets the alarm, and tells what there is to tell. */
  #settle(): void {
    const { backoff, errors, waiting, next } = this.#places;
    this.#alarm.set(
      Math.min(
        backoff.peek()?.retryAt ?? Number.POSITIVE_INFINITY,
        errors.peek()?.retryAt ?? Number.POSITIVE_INFINITY,
        (waiting.peek()?.failedAt ?? Number.POSITIVE_INFINITY) + this.#flushAfter,
      ),
    );
    const wasReady = this.#ready;
    this.#ready = next !== undefined;
    try {
      this.#calls.tellFailures();
    } finally {
      if (this.#ready && !wasReady) this.#options.onReady();
    }
  }
}
