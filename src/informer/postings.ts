import { type Entry, OrderedView } from './ordered-view.js';

/** The entries under one value. */
export class Posting<T> {
  readonly value: string;
  readonly entries: Set<Entry<T>> = new Set();
  readonly view: OrderedView<T> = new OrderedView(this.entries);

  constructor(value: string) {
    this.value = value;
  }
}

/** Entries by values. */
export class Postings<T> {
  // none is empty
  readonly #byValue = new Map<string, Posting<T>>();

  /** Puts an entry under a value, under which it does not stand yet. */
  add(value: string, entry: Entry<T>): Posting<T> {
    let posting = this.#byValue.get(value);
    if (posting === undefined) {
      posting = new Posting(value);
      this.#byValue.set(value, posting);
    }
    posting.entries.add(entry);
    posting.view.entryAdded(entry);
    return posting;
  }

  /** Takes an entry away from where it stands. */
  delete(posting: Posting<T>, entry: Entry<T>): void {
    posting.entries.delete(entry);
    posting.view.entryRemoved(entry);
    if (posting.entries.size === 0) this.#byValue.delete(posting.value);
  }

  /** Every value under which there are entries, in no order. */
  values(): IterableIterator<string> {
    return this.#byValue.keys();
  }

  /** The objects under a value, in order. */
  objects(value: string): readonly T[] {
    return this.#byValue.get(value)?.view.objects() ?? NONE;
  }
}

const NONE: readonly never[] = /* @__PURE__ */ Object.freeze([]);
