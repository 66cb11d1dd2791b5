/** What a {@link LinkedList} needs of its members: two fields that it alone writes. */
export interface Link<M> {
  previous: M | undefined;
  next: M | undefined;
}

/** A list from anywhere in which a member can be taken out, because each knows its neighbours. */
export class LinkedList<M extends Link<M>> implements Iterable<M> {
  // both undefined while the list is empty; between them each member's next is the one whose previous it is
  #first: M | undefined;
  #last: M | undefined;

  get first(): M | undefined {
    return this.#first;
  }

  /** Adds a member, that is in no list, at the end. */
  push(member: M): void {
    const last = this.#last;
    member.previous = last;
    if (last === undefined) this.#first = member;
    else last.next = member;
    this.#last = member;
  }

  /** Takes out a member that is in this list. */
  remove(member: M): void {
    const { previous, next } = member;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    member.previous = undefined;
    member.next = undefined;
  }

  /** All members, in the order in which they were added. */
  *[Symbol.iterator](): Generator<M, void, undefined> {
    for (let member = this.#first; member !== undefined; member = member.next) yield member;
  }
}
