import type { ApiObject, Clock, Executor, Lane } from '../core/index.js';
import type { DeleteEvent, EventHandler, HandlerRegistration } from './event-handler.js';
import type { HandlerMetrics } from './handler-metrics.js';
import { KeyedFifo } from './keyed-fifo.js';
import { Latch } from './latch.js';
import { alsoSkipped, NONE_SKIPPED, type Skipped } from './skipped.js';

/** What a handler is still to be told of one object: first that it is gone, then what it is; one of the two at least. */
class Pending<O> {
  readonly key: string;
  /** Counts what was queued; earlier is told earlier. */
  readonly sequence: number;
  /** When it was queued, in milliseconds of the monotonic clock. */
  readonly since: number;
  deleted: DeleteEvent<O> | undefined = undefined;
  /** What the handler was told last; undefined where it does not know the object, or is yet to be told that it is gone. */
  before: O | undefined = undefined;
  after: O | undefined = undefined;
  isInInitialList = false;
  /** What is passed over between `before`, or the creation, and `after`; means nothing where `after` is undefined. */
  skipped: Skipped = NONE_SKIPPED;

  constructor(key: string, sequence: number, since: number) {
    this.key = key;
    this.sequence = sequence;
    this.since = since;
  }
}

/** What a {@link HandlerQueue} is made from. */
export interface HandlerQueueOptions<O> {
  readonly name: string;
  readonly handler: EventHandler<O>;
  readonly clock: Clock;
  readonly executor: Executor;
  readonly metrics: HandlerMetrics | undefined;
  /** Told what a call threw, or what its promise rejected with; must not throw. */
  readonly onError: (error: unknown, key: string) => void;
  /** Called once, when the handler is removed. */
  readonly onRemove: () => void;
}

/**
 * What one handler is still to be told, and the telling: one call at a time, each handed over by the executor.
 *
 * Bounded: it holds one entry an object, and none for an object that the handler need not hear of.
 */
export class HandlerQueue<O extends ApiObject> implements HandlerRegistration {
  readonly name: string;
  readonly #options: HandlerQueueOptions<O>;
  readonly #lane: Lane;
  readonly #queue = new KeyedFifo<string, Pending<O>>();
  readonly #synced = new Latch();
  #sequence = 0;
  // a hand-over is scheduled, or a call runs; false only while the queue is empty
  #busy = false;
  // since when the oldest waits that is not told wholly; undefined while nothing waits
  #oldest: number | undefined;
  #removed = false;
  // those who wait until everything queued before a sequence is told
  #waiters: { readonly sequence: number; readonly done: () => void }[] = [];

  constructor(options: HandlerQueueOptions<O>) {
    this.name = options.name;
    this.#options = options;
    this.#lane = { kind: 'handler', name: options.name };
  }

  get isRemoved(): boolean {
    return this.#removed;
  }

  get pending(): number {
    return this.#queue.size;
  }

  get lag(): number {
    return this.#oldest === undefined ? 0 : this.#options.clock.monotonic() - this.#oldest;
  }

  get busy(): boolean {
    return this.#busy;
  }

  /** An object came. @param skipped - What the watch did not tell of it before. */
  add(key: string, object: O, isInInitialList: boolean, skipped: Skipped): void {
    const pending = this.#queue.get(key) ?? this.#put(key);
    pending.after = object;
    pending.isInInitialList = isInInitialList;
    pending.skipped = skipped;
  }

  /** An object changed, or is repeated. @param skipped - What the watch did not tell of in between. */
  update(key: string, before: O, after: O, skipped: Skipped): void {
    const queued = this.#queue.get(key);
    const pending = queued ?? this.#put(key);
    if (queued === undefined) {
      pending.before = before;
      pending.skipped = skipped;
    } else {
      pending.skipped = skipped === undefined ? undefined : skippedBefore(queued, after);
    }
    pending.after = after;
  }

  /** An object went. */
  delete(key: string, event: DeleteEvent<O>): void {
    const pending = this.#queue.get(key);
    if (pending === undefined) {
      this.#put(key).deleted = event;
    } else if (pending.before !== undefined) {
      const skipped = event.skipped === undefined ? undefined : skippedBefore(pending, undefined);
      pending.deleted = { ...event, skipped };
      pending.before = undefined;
      pending.after = undefined;
    } else if (pending.deleted !== undefined) {
      pending.after = undefined;
    } else {
      this.#queue.delete(key);
    }
  }

  /** The initial list is queued: {@link synced} resolves when it is told. */
  markSynced(): void {
    this.#whenTold(this.#sequence, () => this.#synced.open());
  }

  synced(): Promise<void> {
    return this.#synced.wait();
  }

  delivered(): Promise<void> {
    return new Promise((resolve) => this.#whenTold(this.#sequence, resolve));
  }

  idle(): Promise<void> {
    return new Promise((resolve) => this.#whenTold(Number.POSITIVE_INFINITY, resolve));
  }

  remove(): void {
    this.close(new DOMException(`the handler ${JSON.stringify(this.name)} was removed`, 'AbortError'));
  }

  [Symbol.dispose](): void {
    this.remove();
  }

  /** Removes the handler; what was not told will not be, because of `reason`. */
  close(reason: unknown): void {
    if (this.#removed) return;
    this.#removed = true;
    this.#queue.clear();
    this.#oldest = undefined;
    this.#options.metrics?.queued(0, 0);
    this.#synced.fail(reason);
    this.#options.onRemove();
  }

  /** Queues an object of which nothing was queued; the caller says at once what is to be told of it. */
  #put(key: string): Pending<O> {
    const since = this.#options.clock.monotonic();
    const pending = new Pending<O>(key, this.#sequence, since);
    if (this.#removed) return pending;
    this.#queue.push(pending);
    this.#sequence += 1;
    this.#oldest ??= since;
    this.#options.metrics?.queued(this.#queue.size, since - this.#oldest);
    if (!this.#busy) {
      this.#busy = true;
      this.#handOver();
    }
    return pending;
  }

  #handOver(): void {
    this.#options.executor.execute(this.#lane, this.#tellNext);
  }

  readonly #tellNext = (): void => {
    const pending = this.#queue.shift();
    if (pending === undefined) {
      this.#rest();
      return;
    }
    const { clock, metrics } = this.#options;
    this.#oldest = pending.since;
    metrics?.told(this.#queue.size, clock.monotonic() - pending.since);
    this.#told(pending.sequence);
    this.#tell(pending);
  };

  /** Makes the calls about one object one after another, then goes on with what is queued. */
  #tell(pending: Pending<O>): void {
    while (!this.#removed && (pending.deleted !== undefined || pending.after !== undefined)) {
      try {
        const result = this.#call(pending);
        if (isThenable(result)) {
          const goOn = (): void => this.#tell(pending);
          Promise.resolve(result)
            .catch((error: unknown) => this.#options.onError(error, pending.key))
            .then(goOn, goOn);
          return;
        }
      } catch (error) {
        this.#options.onError(error, pending.key);
      }
    }
    if (this.#queue.size === 0) this.#rest();
    else this.#handOver();
  }

  /** Makes the next call about an object, and takes off what it tells. */
  #call(pending: Pending<O>): unknown {
    const { handler } = this.#options;
    const { deleted, before, after, isInInitialList, skipped } = pending;
    if (deleted !== undefined) {
      pending.deleted = undefined;
      return handler.onDelete?.(deleted);
    }
    pending.after = undefined;
    if (after === undefined) return undefined;
    return before === undefined
      ? handler.onAdd?.(after, { isInInitialList, skipped })
      : handler.onUpdate?.(before, after, { skipped });
  }

  #rest(): void {
    this.#busy = false;
    this.#oldest = undefined;
    this.#options.metrics?.queued(0, 0);
    this.#told(Number.POSITIVE_INFINITY);
  }

  #whenTold(sequence: number, done: () => void): void {
    if (this.#busy) this.#waiters.push({ sequence, done });
    else done();
  }

  /** Everything before `sequence` is told. */
  #told(sequence: number): void {
    if (this.#waiters.length === 0) return;
    const waiters = this.#waiters;
    this.#waiters = waiters.filter((waiter) => waiter.sequence > sequence);
    for (const waiter of waiters) if (waiter.sequence <= sequence) waiter.done();
  }
}

/** What is passed over where an object goes on to `next`, or is deleted, before the handler is told of its present state. */
function skippedBefore<O extends ApiObject>(pending: Pending<O>, next: O | undefined): Skipped {
  const { before, after, skipped } = pending;
  const present = after?.metadata.resourceVersion;
  // a state that is repeated is not passed over
  if (present === undefined || present === before?.metadata.resourceVersion) return skipped;
  if (present === next?.metadata.resourceVersion) return skipped;
  return alsoSkipped(skipped, present);
}

function isThenable(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}
