import type { Executor, Lane } from '../core/index.js';
import type { DeleteEvent, EventHandler, HandlerRegistration } from './event-handler.js';
import { KeyedFifo } from './keyed-fifo.js';
import { Latch } from './latch.js';

/** What a handler is still to be told of one object: first that it is gone, then what it is; one of the two at least. */
interface Pending<O> {
  /** Counts what was queued; earlier is told earlier. */
  readonly sequence: number;
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
  readonly executor: Executor;
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
  readonly #queue = new KeyedFifo<Pending<O>>();
  readonly #synced = new Latch();
  #sequence = 0;
  // a hand-over is scheduled, or a call runs; false only while the queue is empty
  #busy = false;
  #removed = false;
  // those who wait until everything queued before a sequence is told
  #waiters: { readonly sequence: number; readonly done: () => void }[] = [];

  constructor(options: HandlerQueueOptions<O>) {
    this.name = options.name;
    this.#options = options;
    this.#lane = { kind: 'handler', name: options.name };
  }

  get pending(): number {
    return this.#queue.size;
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

  /** Removes the handler; what was not told will not be, because of `reason`. */
  close(reason: unknown): void {
    if (this.#removed) return;
    this.#removed = true;
    this.#queue.clear();
    this.#synced.fail(reason);
    this.#options.onRemove();
  }

  #put(key: string, pending: Omit<Pending<O>, 'sequence'>): void {
    if (this.#removed) return;
    this.#queue.push(key, { ...pending, sequence: this.#sequence });
    this.#sequence += 1;
    if (this.#busy) return;
    this.#busy = true;
    this.#handOver();
  }

  #handOver(): void {
    this.#options.executor.execute(this.#lane, this.#tellNext);
  }

  readonly #tellNext = (): void => {
    const first = this.#queue.shift();
    if (first === undefined) {
      this.#rest();
      return;
    }
    const [key, pending] = first;
    this.#told(pending.sequence);
    this.#call(key, this.#callsFor(pending));
  };

  #callsFor({ deleted, before, after, isInInitialList }: Pending<O>): (() => unknown)[] {
    const { handler } = this.#options;
    const calls: (() => unknown)[] = [];
    if (deleted !== undefined) calls.push(() => handler.onDelete?.(deleted));
    if (after === undefined) return calls;
    if (before === undefined) calls.push(() => handler.onAdd?.(after, { isInInitialList }));
    else calls.push(() => handler.onUpdate?.(before, after));
    return calls;
  }

  /** Makes the calls one after another, then goes on with what is queued. */
  #call(key: string, calls: readonly (() => unknown)[]): void {
    for (const [index, call] of calls.entries()) {
      if (this.#removed) break;
      try {
        const result = call();
        if (isThenable(result)) {
          const goOn = (): void => this.#call(key, calls.slice(index + 1));
          Promise.resolve(result)
            .catch((error: unknown) => this.#options.onError(error, key))
            .then(goOn, goOn);
          return;
        }
      } catch (error) {
        this.#options.onError(error, key);
      }
    }
    if (this.#queue.size === 0) this.#rest();
    else this.#handOver();
  }

  #rest(): void {
    this.#busy = false;
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
