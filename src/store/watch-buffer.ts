import type { WatchEvent } from '../client/index.js';
import type { StoredObject } from './stored-object.js';

type Event = WatchEvent<StoredObject>;

/** The events of a watch that were offered and not read yet, in order; those that the executor has handed over may be read. */
export class WatchBuffer {
  // from #head to #handedOver they may be read, the rest waits for the executor
  #events: Event[] = [];
  #head = 0;
  #handedOver = 0;
  // how many of the unread ones are what the watch began with: they stand in front of everything else
  #initial = 0;

  get isEmpty(): boolean {
    return this.#head === this.#events.length;
  }

  /** Whether an event may be read. */
  get isReady(): boolean {
    return this.#head < this.#handedOver;
  }

  /** How many wait, without what the watch began with. */
  get waiting(): number {
    return this.#events.length - this.#head - this.#initial;
  }

  /** The newest, unread or not: what was read and still stands here is never the last one. */
  get last(): Event | undefined {
    return this.#events.at(-1);
  }

  push(event: Event): void {
    // a list that begins with its first event has room for one, and most are read before there is a second
    if (this.#events.length === 0) this.#events = [event];
    else this.#events.push(event);
  }

  /** The next event to be pushed, or the last that was, is of what the watch began with. */
  countInitial(): void {
    this.#initial += 1;
  }

  replaceLast(event: Event): void {
    this.#events[this.#events.length - 1] = event;
  }

  /** Takes the newest back. */
  dropLast(): void {
    this.#events.pop();
    this.#handedOver = Math.min(this.#handedOver, this.#events.length);
  }

  /** All that is here may be read. */
  handOver(): void {
    this.#handedOver = this.#events.length;
  }

  /** Takes the oldest, which must be ready. */
  take(): Event {
    const event = this.#events[this.#head] as Event;
    this.#head += 1;
    if (this.#initial > 0) this.#initial -= 1;
    if (this.isEmpty) {
      this.clear();
    } else if (this.#head >= 1024 && this.#head * 2 >= this.#events.length) {
      this.#events = this.#events.slice(this.#head);
      this.#handedOver -= this.#head;
      this.#head = 0;
    }
    return event;
  }

  clear(): void {
    this.#events = [];
    this.#head = 0;
    this.#handedOver = 0;
  }
}
