import type { ApiObject } from '../../core/index.js';
import type { ClusterEvent } from '../framework/index.js';

/** How many events are kept; who began before the oldest of them must take it that anything has happened. */
const KEPT = 4_096;

/** The events of late, for attempts that were under way when they happened. */
export class EventLog<W extends ApiObject, H extends ApiObject> {
  // at most KEPT; #events[i] is at the position #start + i
  #events: ClusterEvent<W, H>[] = [];
  #start = 0;

  /** The position behind the last event. */
  get position(): number {
    return this.#start + this.#events.length;
  }

  append(event: ClusterEvent<W, H>): void {
    if (this.#events.length === KEPT) {
      this.#events = this.#events.slice(KEPT / 2);
      this.#start += KEPT / 2;
    }
    this.#events.push(event);
  }

  /** The events from a position on; undefined where some of them are not kept any more. */
  since(position: number): readonly ClusterEvent<W, H>[] | undefined {
    return position < this.#start ? undefined : this.#events.slice(position - this.#start);
  }

  /** Forgets all events: nobody began before now. */
  clear(): void {
    if (this.#events.length === 0) return;
    this.#start += this.#events.length;
    this.#events = [];
  }
}
