import { IndexedHeap } from '../core/index.js';
import { Line, type TimedItem } from './line.js';

/**
 * Items in the order in which they come due, equal times in the order in which they were added.
 *
 * Each joins the line whose end comes due just before it, so that delays which are alike, or grow, make one line; the next item is the
 * first of some line. Adding and taking cost the logarithm of the number of lines: for delays in no order at all, about twice the
 * root of the number of items.
 */
export class DueOrder<E extends TimedItem<E>> {
  // each at its rank: ordered by `until`, the latest first, no two alike; the last one is not empty. Of items that come due at the
  // same time, the one that was added first stands in the same line or in one before
  readonly #lines: Line<E>[] = [];
  // holds exactly the lines that have an item
  readonly #order = new IndexedHeap<Line<E>>((a, b) => {
    const difference = (a.first as E).readyAt - (b.first as E).readyAt;
    return difference < 0 || (difference === 0 && a.rank < b.rank);
  });

  peek(): E | undefined {
    return this.#order.peek()?.first;
  }

  /** Adds an item that is not here. */
  push(item: E): void {
    const line = this.#lineFor(item.readyAt);
    line.push(item);
    line.until = item.readyAt;
    item.line = line;
    if (line.position === -1) this.#order.push(line);
  }

  /** Takes out an item that is here. */
  remove(item: E): void {
    const line = item.line as Line<E>;
    line.remove(item);
    item.line = undefined;
    if (line.first !== undefined) {
      this.#order.update(line);
      return;
    }
    this.#order.remove(line);
    // the line that ends first runs empty first, unless items are taken out before their time: then it waits for those behind it
    while (this.#lines.at(-1)?.position === -1) this.#lines.pop();
  }

  /** All items in their order. */
  toSorted(): E[] {
    return this.#lines.flatMap((line) => [...line]).sort((a, b) => a.readyAt - b.readyAt);
  }

  /** The line with the latest end that an item may join; a new one where there is none. */
  #lineFor(readyAt: number): Line<E> {
    let low = 0;
    let high = this.#lines.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#lines[middle] as Line<E>).until > readyAt) low = middle + 1;
      else high = middle;
    }
    return (this.#lines[low] ??= new Line(low));
  }
}
