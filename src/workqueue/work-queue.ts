import { EventEmitter } from 'eventemitter3';
import { type Clock, noopMetrics, preview, systemClock } from '../core/index.js';
import { defaultRateLimiter } from './default-rate-limiter.js';
import { DelayQueue } from './delay-queue.js';
import { Entry, Run } from './entry.js';
import { expectFinite, expectPositive } from './expect-number.js';
import type { Inspection } from './inspection.js';
import { inspectionOf } from './inspection-of.js';
import type { Lease } from './lease.js';
import { QueueMetrics } from './queue-metrics.js';
import type { RateLimiter } from './rate-limiter.js';
import { ReadyQueue } from './ready-queue.js';
import { together, withReason } from './reason-list.js';
import { stamps } from './stamps.js';
import { Waiters } from './waiters.js';
import { Wish } from './wish.js';
import type { WorkQueueEmitter, WorkQueueEvents } from './work-queue-events.js';
import type { AddOptions, WaitOptions, WorkQueueOptions } from './work-queue-options.js';

/**
 * Items that wait to be worked on: each at most once in the queue, and at most once in hand.
 *
 * Whoever finds work to do adds an item; workers get one, work, and say that they are done. Items are told apart by their keys.
 *
 * - **Once.** An item that already waits is not added again; the higher of the two priorities stays, and the item added last is
 *   the one handed out.
 * - **Never twice at the same time.** An item that is added while it is in hand waits until it is done, and then runs once more,
 *   however often it was added.
 * - **Order.** The highest priority first, first come first within a priority. But waiting counts: a point of priority is worth
 *   `ageing` milliseconds. So an item of priority `p` is never handed out after one of a higher priority `q` that was added more
 *   than `(q - p) * ageing` milliseconds after it, and none waits for ever. Where both are worth the same, the higher priority goes first.
 *   What was added while in hand counts from its `done`.
 * - **A raised priority.** An item that waits and is added with a higher priority goes to the end of that priority, unless it has
 *   waited so long that it comes sooner where it is: without flows, to be added again never costs it a turn.
 * - **Flows.** With the option `flowOf`, the flows within a priority take turns, one item each, first come first within a flow: an item
 *   waits for at most one turn of each other flow, and as many again for each item of its own flow before it. Ageing then compares
 *   priorities by the oldest item of each.
 * - **Delay.** Beside the run that waits or is in hand, an item can have one wish for a later run ({@link addAfter}). When it comes
 *   due it is added like any other, with its own priority and reasons. Wishes that come due at the same time do so in the order in
 *   which they were made.
 *
 * Nothing runs in the stack of the caller but the functions given in the options: who waits or listens goes on in a later
 * microtask. Items that are added in one synchronous stretch of code count as added at the same time. The queue holds one timer while
 * items are delayed, and none otherwise.
 *
 * Source: client-go's workqueue, with the priorities of controller-runtime's. `R` is the type of the reasons.
 *
 * @example
 * const queue = new WorkQueue<string>({ name: 'sites' });
 * queue.add('default/a');
 * for await (const { item } of queue) {
 *   try {
 *     await work(item);
 *     queue.forget(item);
 *   } catch {
 *     queue.addRateLimited(item);
 *   }
 * }
 */
export class WorkQueue<T, R = string> implements AsyncIterable<Lease<T, R>>, Disposable {
  readonly name: string | undefined;
  readonly #clock: Clock;
  readonly #limiter: RateLimiter;
  readonly #keyOf: ((item: T) => string) | undefined;
  readonly #flowOf: ((key: string) => string) | undefined;
  readonly #metrics: QueueMetrics | undefined;
  // there from when somebody first asks for it
  #events: EventEmitter<WorkQueueEvents<T>> | undefined;
  // the time for what is only looked at; with metrics it is exact
  readonly #now: () => number;
  // everything that waits or is in hand, by key; see Entry for when one exists
  readonly #entries = new Map<string, Entry<T, R>>();
  // the entries with a waiting run and none in hand; empty while #getters is not
  readonly #ready: ReadyQueue<Entry<T, R>>;
  // every wish there is, with the item as it was last added; empty once shut down
  readonly #wishes: DelayQueue<Wish<T, R>>;
  // how many entries have a run in hand, and how many of those have a waiting run as well
  #inHand = 0;
  #again = 0;
  #shutDown = false;
  readonly #getters = new Waiters<T | undefined>();
  readonly #idlers = new Waiters<void>();
  readonly #drainers = new Waiters<void>();

  /** @throws RangeError when `ageing` is not above 0. */
  constructor(options: WorkQueueOptions<T> = {}) {
    const ageing = expectPositive('ageing', options.ageing ?? 100);
    this.name = options.name;
    this.#clock = options.clock ?? systemClock;
    this.#limiter = (options.rateLimiter ?? defaultRateLimiter())(this.#clock);
    this.#keyOf = options.key;
    this.#flowOf = options.flowOf;
    this.#ready = new ReadyQueue(ageing, options.flowOf !== undefined);
    this.#wishes = new DelayQueue(this.#clock, (wish) => this.#comeDue(wish));
    const { name, metrics } = options;
    // what measures nothing is not worth an exact time
    if (name !== undefined && metrics !== undefined && metrics !== noopMetrics) {
      this.#metrics = new QueueMetrics(metrics, name, this.#clock);
      this.#now = () => this.#clock.monotonic();
    } else {
      this.#now = stamps(this.#clock);
    }
  }

  /** How many items are ready to be handed out: neither those in hand nor those delayed. */
  get length(): number {
    return this.#ready.size;
  }

  /** How many items have a wish for a later run. */
  get delayed(): number {
    return this.#wishes.size;
  }

  /** How many items are in hand. */
  get processing(): number {
    return this.#inHand;
  }

  /** Whether the queue was shut down, in either way. */
  get shuttingDown(): boolean {
    return this.#shutDown;
  }

  /** For who wants to log or trace; a queue that nobody listens to tells nothing. */
  get events(): WorkQueueEmitter<T> {
    this.#events ??= new EventEmitter();
    return this.#events;
  }

  /**
   * Asks for a run of the item, now.
   *
   * A wish for a later run stays: the item runs now, and again when the wish comes due, unless the run replaces it
   * ({@link addAfter}) or somebody drops it ({@link cancelDelay}). (client-go runs twice whatever the run says;
   * controller-runtime swallows the wish.) Ignored once the queue is shut down.
   *
   * @throws TypeError when the item has no key or no flow. RangeError when the priority is not a finite number.
   */
  add(item: T, options?: AddOptions<R>): void {
    const key = this.#key(item);
    const priority = priorityOf(options);
    if (this.#shutDown) return;
    this.#renewWish(key, item);
    const entry = this.#entry(key, item);
    if (options?.reason !== undefined) entry.reasons = withReason(entry.reasons, options.reason);
    this.#want(entry, priority);
  }

  /**
   * Wishes for a run of the item, `delay` milliseconds from now; a delay of 0 or less adds it at once.
   *
   * An item has one wish at most. Where it already has one:
   *
   * - While the item is in hand, the first call since it was handed out **replaces** a wish that is older than the run, be the new
   *   one earlier or later: the run knows better. The old one's priority and reasons go with it.
   * - Otherwise the **earlier** of the two times stays, with the higher priority and the reasons of both.
   *
   * A wish that the run did not replace stays when it is done. Ignored once the queue is shut down.
   *
   * @throws TypeError when the item has no key or no flow. RangeError when the delay or the priority is not a finite number.
   */
  addAfter(item: T, delay: number, options?: AddOptions<R>): void {
    const wish = this.#wish(item, options);
    if (!this.#shutDown) this.#addAfter(wish, delay, true);
  }

  /**
   * Counts a failure of the item, and wishes for a run after the delay that the rate limiter demands for it.
   *
   * As {@link addAfter}, but it never replaces a wish by a later one, because a failed run has settled nothing. The priority is
   * that of the options, not that of the failed run. Ignored once the queue is shut down.
   *
   * @throws TypeError when the item has no key or no flow. RangeError when the priority or the limiter's answer is not a finite number.
   */
  addRateLimited(item: T, options?: AddOptions<R>): void {
    const wish = this.#wish(item, options);
    if (!this.#shutDown) this.#addAfter(wish, this.#limiter.when(wish.key), false);
  }

  /** Drops the wish for a later run of the item; false where there is none. */
  cancelDelay(item: T): boolean {
    const wish = this.#wishes.get(this.#key(item));
    if (wish === undefined) return false;
    this.#wishes.remove(wish);
    return true;
  }

  /** Forgets the failures of the item: for when it succeeded. The item stays in hand until it is done. */
  forget(item: T): void {
    this.#limiter.forget(this.#key(item));
  }

  /** How many times the item has failed since it was last forgotten. */
  retries(item: T): number {
    return this.#limiter.retries(this.#key(item));
  }

  /**
   * The next item, once there is one; it is then in hand until `done` is called.
   *
   * Callers are served in the order in which they came. After the queue was shut down, what is ready is still handed out; then
   * the answer is undefined. When the signal aborts first, the promise rejects with its reason, and no item is lost.
   */
  get(options?: WaitOptions): Promise<T | undefined> {
    const signal = options?.signal;
    if (signal?.aborted || (this.#ready.size === 0 && !this.#shutDown)) return this.#getters.wait(signal);
    return Promise.resolve(this.tryGet());
  }

  /** The next item, which is then in hand until `done` is called; undefined where none is ready. */
  tryGet(): T | undefined {
    const entry = this.#ready.pop();
    return entry === undefined ? undefined : this.#handOut(entry);
  }

  /** Ends the run of an item in hand; does nothing where the item is not in hand. */
  done(item: T): void {
    const key = this.#key(item);
    const entry = this.#entries.get(key);
    if (entry?.run !== undefined) this.#finish(key, entry, entry.run);
  }

  /**
   * Takes no more items: adds are ignored and delayed items dropped from now on.
   *
   * What is ready is still handed out, as is what was added while in hand. Ends the wait of every {@link shutDownWithDrain}.
   * May be called again.
   */
  shutDown(): void {
    this.#close();
    this.#drainers.releaseAll();
  }

  /** {@link shutDown}: after it the queue holds no timer. */
  [Symbol.dispose](): void {
    this.shutDown();
  }

  /**
   * As {@link shutDown}, and waits until nothing is ready or in hand, or until `shutDown` is called.
   *
   * Somebody must go on getting items, or this waits for ever. When the signal aborts first, the promise rejects with its
   * reason; the queue stays shut down.
   */
  shutDownWithDrain(options?: WaitOptions): Promise<void> {
    this.#close();
    return this.#whenIdle(this.#drainers, options?.signal);
  }

  /**
   * Waits until nothing is ready or in hand; delayed items do not count.
   *
   * By the time that the caller goes on there may be work again: `length` and `processing` tell. When the signal aborts first, the
   * promise rejects with its reason.
   */
  idle(options?: WaitOptions): Promise<void> {
    return this.#whenIdle(this.#idlers, options?.signal);
  }

  /**
   * Why the run of the item that is in hand was asked for; where none is in hand, the one that waits; where none waits, the one
   * that is delayed. At most the first eight reasons.
   */
  reasons(item: T): readonly R[] {
    return [...(this.#next(item)?.reasons?.kept ?? [])];
  }

  /** The priority of the run that {@link reasons} tells of; undefined where the queue does not know the item. */
  priority(item: T): number | undefined {
    return this.#next(item)?.priority;
  }

  /** Everything that waits, is delayed or in hand: a copy, whose cost grows with the queue. */
  inspect(): Inspection<T, R> {
    // what turns a time of the monotonic clock into one since 1970
    const offset = this.#clock.now() - this.#clock.monotonic();
    return inspectionOf(this.#entries, this.#ready, this.#wishes.toSorted(), offset);
  }

  /**
   * Hands out item after item, until the queue is shut down and drained.
   *
   * An iteration is the run of its item: the item is done when the loop asks for the next one, or is left by `break`, `return`
   * or a throw. What an iteration starts and does not await is not covered; to work on several items at once, run several loops.
   * A loop that waits for an item ends with `shutDown`.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Lease<T, R>, void, undefined> {
    for (;;) {
      const item = await this.get();
      if (item === undefined) return;
      const lease = this.#lease(item);
      try {
        yield lease;
      } finally {
        lease.done();
      }
    }
  }

  #lease(item: T): Lease<T, R> {
    const key = this.#key(item);
    const run = this.#entries.get(key)?.run;
    const done = (): void => {
      const entry = this.#entries.get(key);
      if (run !== undefined && entry?.run === run) this.#finish(key, entry, run);
    };
    return {
      item,
      priority: run?.priority ?? 0,
      reasons: run?.reasons?.kept ?? [],
      done,
      [Symbol.dispose]: done,
    };
  }

  #key(item: T): string {
    if (this.#keyOf === undefined) {
      if (typeof item === 'string') return item;
      throw new TypeError(
        `Expected items to be strings, or the queue to have a key option, got the item ${preview(item)}`,
      );
    }
    const key: unknown = this.#keyOf(item);
    if (typeof key === 'string') return key;
    throw new TypeError(
      `Expected the key option to answer a string for the item ${preview(item)}, got ${preview(key)}`,
    );
  }

  /** The flow of a key; undefined where there are no flows. */
  #flow(key: string): string | undefined {
    if (this.#flowOf === undefined) return undefined;
    const flow: unknown = this.#flowOf(key);
    if (typeof flow === 'string') return flow;
    throw new TypeError(
      `Expected the flowOf option to answer a string for the key ${preview(key)}, got ${preview(flow)}`,
    );
  }

  /** The run in hand, the one that waits or the wish for one, whichever there is first. */
  #next(item: T): Run<R> | Entry<T, R> | Wish<T, R> | undefined {
    const key = this.#key(item);
    const entry = this.#entries.get(key);
    return entry?.run ?? entry ?? this.#wishes.get(key);
  }

  /** The entry of a key, made where there is none; the item takes the place of an older one of its key. */
  #entry(key: string, item: T, flow?: string): Entry<T, R> {
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = new Entry(item, flow ?? this.#flow(key));
      this.#entries.set(key, entry);
    } else {
      entry.item = item;
    }
    return entry;
  }

  /** The item takes the place of an older one in the wish of its key. */
  #renewWish(key: string, item: T): void {
    const wish = this.#wishes.get(key);
    if (wish !== undefined) wish.item = item;
  }

  /** A wish for a run of the item; nothing has happened where it cannot be made. */
  #wish(item: T, options: AddOptions<R> | undefined): Wish<T, R> {
    const key = this.#key(item);
    return new Wish(key, item, this.#flow(key), this.#now(), priorityOf(options), options?.reason);
  }

  #addAfter(wish: Wish<T, R>, delay: number, replaces: boolean): void {
    if (expectFinite('delay', delay, 'a finite number of milliseconds') > 0) {
      this.#delay(wish, this.#clock.monotonic() + delay, replaces);
    } else {
      this.#renewWish(wish.key, wish.item);
      this.#comeDue(wish);
    }
    this.#metrics?.retried();
  }

  /** Lets a wish come due at `readyAt`, or adds it to the one that there is. */
  #delay(wish: Wish<T, R>, readyAt: number, replaces: boolean): void {
    const entry = this.#entries.get(wish.key);
    const run = entry?.run;
    let kept = this.#wishes.get(wish.key);
    if (kept !== undefined && replaces && run?.wished === false) {
      this.#wishes.remove(kept);
      kept = undefined;
    }
    if (run !== undefined) run.wished = true;
    if (entry !== undefined) entry.item = wish.item;
    if (kept === undefined) {
      kept = wish;
    } else {
      kept.item = wish.item;
      kept.priority = Math.max(kept.priority, wish.priority);
      kept.reasons = together(kept.reasons, wish.reasons);
      if (readyAt >= kept.readyAt) return;
    }
    this.#wishes.set(kept, readyAt);
    if (this.#events !== undefined) this.#tell('delayed', kept.item, readyAt - this.#clock.monotonic());
  }

  /** Adds the item of a wish that is not among {@link #wishes}, or no longer. */
  #comeDue(wish: Wish<T, R>): void {
    const entry = this.#entry(wish.key, wish.item, wish.flow);
    entry.reasons = together(entry.reasons, wish.reasons);
    this.#want(entry, wish.priority);
  }

  /** Asks for a run of the entry now. */
  #want(entry: Entry<T, R>, priority: number): void {
    if (entry.addedAt !== undefined) {
      if (priority <= entry.priority) return;
      entry.priority = priority;
      if (entry.run === undefined) this.#ready.raise(entry, priority, this.#now());
      return;
    }
    const now = this.#now();
    entry.addedAt = now;
    entry.priority = priority;
    if (this.#events !== undefined) this.#tell('added', entry.item, priority);
    if (entry.run === undefined) this.#offer(entry, now);
    else this.#again += 1;
    this.#metrics?.added(this.#ready.size + this.#again);
  }

  /** Gives an entry whose run waits to the worker that has waited longest, or to the ready queue. */
  #offer(entry: Entry<T, R>, now: number): void {
    if (this.#getters.size === 0) this.#ready.push(entry, entry.priority, now);
    else this.#getters.releaseFirst(this.#handOut(entry));
  }

  #handOut(entry: Entry<T, R>): T {
    const addedAt = entry.addedAt as number;
    const run = new Run(entry.priority, this.#now(), entry.reasons);
    entry.run = run;
    entry.addedAt = undefined;
    entry.reasons = undefined;
    this.#inHand += 1;
    this.#metrics?.handedOut(run, addedAt, this.#ready.size + this.#again);
    if (this.#events !== undefined) this.#tell('started', entry.item, run.startedAt - addedAt);
    return entry.item;
  }

  #finish(key: string, entry: Entry<T, R>, run: Run<R>): void {
    entry.run = undefined;
    this.#inHand -= 1;
    this.#metrics?.finished(run, this.#now());
    if (this.#events !== undefined) this.#tell('done', entry.item, this.#now() - run.startedAt);
    if (entry.addedAt === undefined) {
      this.#entries.delete(key);
    } else {
      this.#again -= 1;
      this.#offer(entry, this.#now());
    }
    if (this.#isIdle()) {
      this.#idlers.releaseAll();
      this.#drainers.releaseAll();
      if (this.#shutDown) this.#metrics?.close();
    }
  }

  #isIdle(): boolean {
    return this.#ready.size === 0 && this.#inHand === 0;
  }

  #whenIdle(waiters: Waiters<void>, signal: AbortSignal | undefined): Promise<void> {
    return this.#isIdle() && !signal?.aborted ? Promise.resolve() : waiters.wait(signal);
  }

  #close(): void {
    if (this.#shutDown) return;
    this.#shutDown = true;
    this.#wishes.clear();
    this.#getters.releaseAll(undefined);
    if (this.#isIdle()) this.#metrics?.close();
  }

  /** Tells those who listen, in a later microtask. */
  #tell(event: keyof WorkQueueEvents<T>, item: T, value: number): void {
    void Promise.resolve().then(() => this.#events?.emit(event, item, value));
  }
}

function priorityOf(options: AddOptions<unknown> | undefined): number {
  const priority = options?.priority;
  return priority === undefined ? 0 : expectFinite('priority', priority);
}
