import { type Entry, type EntrySet, OrderedView } from './ordered-view.js';

/** That an entry stands under a value. */
export class Membership<T> {
  readonly posting: Posting<T>;
  readonly entry: Entry<T>;
  /** Its place in the posting, which alone writes it. */
  position: number;
  /** Where else the entry stands: a chain, which the owner of the entry alone writes. */
  next: Membership<T> | undefined = undefined;

  constructor(posting: Posting<T>, entry: Entry<T>, position: number) {
    this.posting = posting;
    this.entry = entry;
    this.position = position;
  }
}

/** The entries under one value: as a set, but adding to it and taking from it costs no hashing. */
export class Posting<T> implements EntrySet<T> {
  /** What it is part of. */
  readonly postings: Postings<T>;
  readonly value: string;
  readonly view: OrderedView<T> = new OrderedView(this);
  // each at its position, in no order that means anything
  readonly #members: Membership<T>[] = [];

  constructor(postings: Postings<T>, value: string) {
    this.postings = postings;
    this.value = value;
  }

  get size(): number {
    return this.#members.length;
  }

  values(): Entry<T>[] {
    return this.#members.map(({ entry }) => entry);
  }

  /** Adds an entry that is not here. */
  add(entry: Entry<T>): Membership<T> {
    const member = new Membership(this, entry, this.#members.length);
    this.#members.push(member);
    this.view.entryAdded(entry);
    return member;
  }

  /** Ends a membership of this posting. */
  remove(member: Membership<T>): void {
    const last = this.#members.pop() as Membership<T>;
    if (last !== member) {
      this.#members[member.position] = last;
      last.position = member.position;
    }
    this.view.entryRemoved(member.entry);
  }
}

/** Entries by values. */
export class Postings<T> {
  // none is empty
  readonly #byValue = new Map<string, Posting<T>>();

  /** Puts an entry under a value, under which it does not stand yet. */
  add(value: string, entry: Entry<T>): Membership<T> {
    let posting = this.#byValue.get(value);
    if (posting === undefined) {
      posting = new Posting(this, value);
      this.#byValue.set(value, posting);
    }
    return posting.add(entry);
  }

  /** Takes an entry away from where it stands in these. */
  remove(member: Membership<T>): void {
    const { posting } = member;
    posting.remove(member);
    if (posting.size === 0) this.#byValue.delete(posting.value);
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
