import { LruMap } from '../../core/index.js';
import { cutNote } from './cut-note.js';
import { recordKey, similarKey, sourceKey } from './event-keys.js';
import { EventRecord } from './event-record.js';
import type { NewEvent } from './new-event.js';
import { SimilarEvents } from './similar-events.js';
import { SpamFilter } from './spam-filter.js';

/** How many records, and how many keys of each rule, are remembered unless told otherwise. */
const REMEMBERED = 4_096;

/** What becomes of an event. */
export interface Correlation {
  /** The object that tells of it; undefined where the event is spam, and dropped. */
  readonly record?: EventRecord;
  /** An object that tells of no more, because this one took its place. */
  readonly ended?: EventRecord;
}

/**
 * Decides which object tells of an event.
 *
 * - Events that differ in their note alone are told together once there are ten of them, under the note of the last.
 * - Identical events are one object, with a series that counts them, until none comes for 6 minutes.
 * - An event that needs an object of its own needs room in the {@link SpamFilter}; a repetition costs no object and no room.
 *
 * It has no clock: `at` is a time in milliseconds that never goes back. Its memory is bounded: what was not used for longest is
 * forgotten.
 *
 * Source: `EventCorrelator` in client-go.
 */
export class EventCorrelator {
  // those that may happen again, by what they tell
  readonly #records: LruMap<EventRecord>;
  readonly #similar: SimilarEvents;
  readonly #spam: SpamFilter;

  constructor(limit: number = REMEMBERED) {
    this.#records = new LruMap(limit);
    this.#similar = new SimilarEvents(limit);
    this.#spam = new SpamFilter(limit);
  }

  /** What may happen again, in no order. */
  get records(): Iterable<EventRecord> {
    return this.#records.values();
  }

  observe(event: NewEvent, at: number): Correlation {
    const source = sourceKey(event);
    const similar = similarKey(source, event);
    const { note = '' } = event;
    const combined = this.#similar.areMany(similar, note, at);
    const told = combined ? { ...event, note: cutNote(`(combined from similar events): ${note}`) } : event;
    const key = recordKey(similar, combined ? undefined : note);
    const known = this.#records.get(key);
    if (known !== undefined && !known.isOver(at)) {
      known.repeat(told, at);
      return { record: known };
    }
    if (!this.#spam.take(source, at)) return {};
    const record = new EventRecord(key, told, at);
    const ended = this.#records.set(key, record) ?? known;
    if (ended === undefined) return { record };
    ended.hurry();
    return { record, ended };
  }

  /** The next time is the first. */
  forget(record: EventRecord): void {
    this.#records.delete(record.key, record);
  }
}
