/** Values first in, first out, in an array that is used all round: a queue that is never long costs no memory as it goes on. */
export class Ring<T> {
  // as long as a power of 2; the values stand from #first on, and go on at the beginning; undefined elsewhere
  #slots: (T | undefined)[] = [undefined, undefined, undefined, undefined];
  #first = 0;
  #size = 0;

  push(value: T): void {
    if (this.#size === this.#slots.length) this.#grow();
    this.#slots[(this.#first + this.#size) & (this.#slots.length - 1)] = value;
    this.#size += 1;
  }

  /** Takes out the oldest value; undefined where there is none. */
  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const value = this.#slots[this.#first];
    this.#slots[this.#first] = undefined;
    this.#first = (this.#first + 1) & (this.#slots.length - 1);
    this.#size -= 1;
    return value;
  }

  #grow(): void {
    const slots = this.#slots;
    const inOrder = [...slots.slice(this.#first), ...slots.slice(0, this.#first)];
    this.#slots = [...inOrder, ...slots.map(() => undefined)];
    this.#first = 0;
  }
}
