import type { Clock, Executor, Lane } from '../core/index.js';
import type { DeleteEvent, EventHandler, HandlerRegistration } from './event-handler.js';
import type { HandlerMetrics } from './handler-metrics.js';
import { KeyedFifo } from './keyed-fifo.js';
import { Latch } from './latch.js';

/** What a handler is still to be told of one object: first that it is gone, then what it is; one of the two at least. */
interface Pending<O> {
  readonly key: string;
  /** Counts what was queued; earlier is told earlier. */
  readonly sequence: number;
  /** When it was queued, in milliseconds of the monotonic clock. */
  readonly since: number;
  deleted: DeleteEvent<O> | undefined;
  /** What the handler was told last; undefined where it does not know the object, or is yet to be told that it is gone. */
  before: O | undefined;
  after: O | undefined;
  isInInitialList: boolean;
}

/** What a {@link HandlerQueue} is made from. */
export interface HandlerQueueOptions<O> {
  readonly name: string;
  readonly handler: EventHandler<O>;
  readonly clock: Clock;
  readonly executor: Executor;
  readonly metrics: HandlerMetrics;
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
export class HandlerQueue<O> implements HandlerRegistration {
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

  /** An object came. */
  add(key: string, object: O, isInInitialList: boolean): void {
    const pending = this.#queue.get(key);
    if (pending === undefined) {
      this.#put(key, { deleted: undefined, before: undefined, after: object, isInInitialList });
    } else {
      pending.after = object;
      pending.isInInitialList = isInInitialList;
    }
  }

  /** An object changed, or is repeated. */
  update(key: string, before: O, after: O): void {
    const pending = this.#queue.get(key);
    if (pending === undefined) this.#put(key, { deleted: undefined, before, after, isInInitialList: false });
    else pending.after = after;
  }

  /** An object went. */
  delete(key: string, event: DeleteEvent<O>): void {
    const pending = this.#queue.get(key);
    if (pending === undefined) {
      this.#put(key, { deleted: event, before: undefined, after: undefined, isInInitialList: false });
    } else if (pending.before !== undefined) {
      pending.deleted = event;
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
    this.#options.metrics.queued(0, 0);
    this.#synced.fail(reason);
    this.#options.onRemove();
  }

  #put(key: string, pending: Omit<Pending<O>, 'key' | 'sequence' | 'since'>): void {
    if (this.#removed) return;
    const { deleted, before, after, isInInitialList } = pending;
    const since = this.#options.clock.monotonic();
    this.#queue.push({ key, sequence: this.#sequence, since, deleted, before, after, isInInitialList });
    this.#sequence += 1;
    this.#oldest ??= since;
    this.#options.metrics.queued(this.#queue.size, since - this.#oldest);
    if (this.#busy) return;
    this.#busy = true;
    this.#handOver();
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
    metrics.told(this.#queue.size, clock.monotonic() - pending.since);
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
    const { deleted, before, after, isInInitialList } = pending;
    if (deleted !== undefined) {
      pending.deleted = undefined;
      return handler.onDelete?.(deleted);
    }
    pending.after = undefined;
    if (after === undefined) return undefined;
    return before === undefined
      ? handler.onAdd?.(after, { isInInitialList })
      : handler.onUpdate?.(before, after);
  }

  #rest(): void {
    this.#busy = false;
    this.#oldest = undefined;
    this.#options.metrics.queued(0, 0);
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

function isThenable(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}
