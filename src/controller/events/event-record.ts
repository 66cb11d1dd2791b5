import type { NewEvent } from './new-event.js';

/** After how many quiet milliseconds a series is over. */
const FINISH = 360_000;

/** After how many milliseconds a series that goes on is written again. */
const REFRESH = 1_800_000;

/**
 * One Event object: what it tells, how often that happened, and how much of it the server knows.
 *
 * The first time is written at once, and so is the second, with which a series begins. Further times are counted here; the count is
 * written 30 minutes after the last write, and when nothing happened for 6 minutes, which ends the series.
 *
 * Source: `eventBroadcasterImpl` in client-go's events package.
 */
export class EventRecord {
  readonly key: string;
  /** The first time that it happened. */
  readonly event: NewEvent;
  // the last time that it happened, and when that was by the monotonic clock
  #last: NewEvent;
  #lastAt: number;
  // how often it happened: 1 or more
  #count = 1;
  // the count that the server knows, at most #count; 0 while it has no such object
  #written = 0;
  // when that was written; never used before
  #writtenAt = 0;
  // the count that the server has to know at once: at most #count
  #wanted = 1;

  constructor(key: string, event: NewEvent, at: number) {
    this.key = key;
    this.event = event;
    this.#last = event;
    this.#lastAt = at;
  }

  get count(): number {
    return this.#count;
  }

  /** Whether the server has the object, as far as is known. */
  get exists(): boolean {
    return this.#written > 0;
  }

  /** How many times the server does not know of. */
  get unwritten(): number {
    return this.#count - this.#written;
  }

  /** The moment at which it is to be written: infinitely early for at once, infinitely late where there is nothing to write. */
  get dueAt(): number {
    if (this.#written < this.#wanted) return Number.NEGATIVE_INFINITY;
    if (this.unwritten === 0) return Number.POSITIVE_INFINITY;
    return Math.min(this.#lastAt + FINISH, this.#writtenAt + REFRESH);
  }

  /** What is to be told of further times: how many there were, when the last one was, and its note. */
  get changes(): Pick<NewEvent, 'note' | 'series'> {
    const { note = '', eventTime: lastObservedTime } = this.#last;
    return { note, series: { count: this.#count, lastObservedTime } };
  }

  /** The object as it is to be created. */
  get object(): NewEvent {
    return this.#count === 1 ? this.event : { ...this.event, ...this.changes };
  }

  /** Whether what happens now begins another object. */
  isOver(at: number): boolean {
    return at - this.#lastAt >= FINISH;
  }

  /** It happened again. */
  repeat(event: NewEvent, at: number): void {
    this.#count += 1;
    if (this.#count === 2) this.#wanted = 2;
    this.#last = event;
    this.#lastAt = at;
  }

  /** What there is of it is to be written at once. */
  hurry(): void {
    this.#wanted = this.#count;
  }

  /** The server knows of `count` times. */
  wrote(count: number, at: number): void {
    this.#written = count;
    this.#writtenAt = at;
  }

  /** The server does not have the object any more. */
  lost(): void {
    this.#written = 0;
  }
}
