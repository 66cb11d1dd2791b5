import type { HeapItem } from '../core/index.js';
import { type Link, LinkedList } from './linked-list.js';

/** What a {@link Line} needs of its items: four fields that the delay queue alone writes. */
export interface TimedItem<E extends TimedItem<E>> extends Link<E> {
  /** When the item comes due, in milliseconds of the monotonic clock. */
  readyAt: number;
  /** The line that the item stands in; undefined while it is in none. */
  line: Line<E> | undefined;
}

/** Items of which none comes due before the one in front of it. */
export class Line<E extends TimedItem<E>> extends LinkedList<E> implements HeapItem {
  /** When the item comes due that was the last to join; nothing earlier may join. */
  until = 0;
  /** Orders lines whose first items come due at the same time. */
  readonly rank: number;
  // belongs to the heap of lines
  position = -1;

  constructor(rank: number) {
    super();
    this.rank = rank;
  }
}
