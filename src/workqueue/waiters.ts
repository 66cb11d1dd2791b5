import { type Link, LinkedList } from './linked-list.js';

interface Waiter<V> extends Link<Waiter<V>> {
  readonly resolve: (value: V) => void;
  readonly reject: (reason: Error) => void;
  readonly signal: AbortSignal | undefined;
}

/** The waiters of one signal. */
interface Group<V> {
  readonly members: Set<Waiter<V>>;
  readonly abort: () => void;
}

/** Callers that wait for one thing, first come first. */
export class Waiters<V> {
  // everybody who waits, and how many they are; those of aborted signals are gone
  readonly #waiting = new LinkedList<Waiter<V>>();
  #size = 0;
  // the signals of #waiting: each has one listener here, however many wait with it, and none when nobody does
  readonly #groups = new Map<AbortSignal, Group<V>>();

  get size(): number {
    return this.#size;
  }

  /** Waits to be released; rejects with the signal's reason when that aborts first. */
  wait(signal: AbortSignal | undefined): Promise<V> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const waiter = { resolve, reject, signal, previous: undefined, next: undefined };
      this.#waiting.push(waiter);
      this.#size += 1;
      if (signal !== undefined) this.#group(signal).members.add(waiter);
    });
  }

  /** Gives a value to the caller that has waited longest, of which there must be one. */
  releaseFirst(value: V): void {
    this.#release(this.#waiting.first as Waiter<V>, value);
  }

  /** Gives one value to everybody who waits. */
  releaseAll(value: V): void {
    while (this.#waiting.first !== undefined) this.#release(this.#waiting.first, value);
  }

  #release(waiter: Waiter<V>, value: V): void {
    this.#remove(waiter);
    if (waiter.signal !== undefined) this.#leave(waiter, waiter.signal);
    waiter.resolve(value);
  }

  #remove(waiter: Waiter<V>): void {
    this.#waiting.remove(waiter);
    this.#size -= 1;
  }

  #group(signal: AbortSignal): Group<V> {
    let group = this.#groups.get(signal);
    if (group === undefined) {
      const members = new Set<Waiter<V>>();
      const abort = (): void => {
        this.#groups.delete(signal);
        for (const waiter of members) {
          this.#remove(waiter);
          waiter.reject(signal.reason as Error);
        }
      };
      group = { members, abort };
      this.#groups.set(signal, group);
      signal.addEventListener('abort', abort, { once: true });
    }
    return group;
  }

  #leave(waiter: Waiter<V>, signal: AbortSignal): void {
    const group = this.#groups.get(signal);
    if (group === undefined) return;
    group.members.delete(waiter);
    if (group.members.size > 0) return;
    this.#groups.delete(signal);
    signal.removeEventListener('abort', group.abort);
  }
}
