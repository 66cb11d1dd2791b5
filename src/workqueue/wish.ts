import type { DelayedEntry } from './delay-queue.js';
import type { Line } from './line.js';
import { ReasonList } from './reason-list.js';

/** A run of an item that is wished for later. */
export class Wish<T, R> implements DelayedEntry<Wish<T, R>> {
  readonly key: string;
  /** The item as it was last added. */
  item: T;
  readonly flow: string | undefined;
  /** When the delay began, in milliseconds of the monotonic clock. */
  readonly madeAt: number;
  priority: number;
  reasons: ReasonList<R> | undefined;
  // belong to the delay queue
  readyAt = 0;
  line: Line<Wish<T, R>> | undefined = undefined;
  previous: Wish<T, R> | undefined = undefined;
  next: Wish<T, R> | undefined = undefined;

  constructor(
    key: string,
    item: T,
    flow: string | undefined,
    madeAt: number,
    priority: number,
    reason: R | undefined,
  ) {
    this.key = key;
    this.item = item;
    this.flow = flow;
    this.madeAt = madeAt;
    this.priority = priority;
    this.reasons = reason === undefined ? undefined : new ReasonList(reason);
  }
}
