import { Place } from './flows.js';
import type { Lane, ReadyEntry } from './lane.js';
import type { Link } from './linked-list.js';
import type { ReasonList } from './reason-list.js';

/**
 * The runs of one key that wait or are in hand.
 *
 * An entry exists exactly while there is such a run. There may be a million of them, so the fields that few of them use are in
 * objects of their own.
 */
export class Entry<T, R> implements ReadyEntry<Entry<T, R>> {
  /** The item as it was last added. */
  item: T;
  /** The highest priority that the waiting run was asked for with; means nothing where none waits. */
  priority = 0;
  /** When the waiting run was first asked for, in milliseconds of the monotonic clock; undefined where none waits. */
  addedAt: number | undefined = undefined;
  /** Why the waiting run was asked for. */
  reasons: ReasonList<R> | undefined = undefined;
  /** The run in hand; the ready queue holds the entry exactly where a run waits and none is in hand. */
  run: Run<R> | undefined = undefined;
  readonly place: Place<Entry<T, R>> | undefined;
  // belong to the ready queue
  lane: Lane<Entry<T, R>> | undefined = undefined;
  since: number | undefined = undefined;
  previous: Entry<T, R> | undefined = undefined;
  next: Entry<T, R> | undefined = undefined;

  constructor(item: T, flow: string | undefined) {
    this.item = item;
    this.place = flow === undefined ? undefined : new Place(this, flow);
  }
}

/** One handing out of an item, from get to done; its identity tells it from other runs of the item. */
export class Run<R> implements Link<Run<R>> {
  readonly priority: number;
  /** In milliseconds of the monotonic clock. */
  readonly startedAt: number;
  readonly reasons: ReasonList<R> | undefined;
  /** Whether a wish was made since the run began. */
  wished = false;
  // belong to the metrics
  previous: Run<R> | undefined = undefined;
  next: Run<R> | undefined = undefined;

  constructor(priority: number, startedAt: number, reasons: ReasonList<R> | undefined) {
    this.priority = priority;
    this.startedAt = startedAt;
    this.reasons = reasons;
  }
}
