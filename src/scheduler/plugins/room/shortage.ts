import { type Rejection, unresolvable, unschedulable } from '../../framework/index.js';

/** A set of resources that are short, which knows the sets with one more and its own rejection: each is made once, when first needed. */
export class Shortage {
  readonly #texts: readonly string[];
  readonly #reasons: readonly string[];
  // by the row of the resource that is short as well
  readonly #larger: (Shortage | undefined)[] = [];
  #unschedulable: Rejection | undefined;
  #unresolvable: Rejection | undefined;

  /** @param texts - What to say where a resource is short, by its row. */
  constructor(texts: readonly string[], reasons: readonly string[] = []) {
    this.#texts = texts;
    this.#reasons = reasons;
  }

  /** The set with one more: rows are added in ascending order. */
  with(row: number): Shortage {
    return (this.#larger[row] ??= new Shortage(this.#texts, [...this.#reasons, this.#texts[row] as string]));
  }

  /** The no for this set. @param isHopeless - Whether the node has too little even with nothing on it. */
  rejection(isHopeless: boolean): Rejection {
    return isHopeless
      ? (this.#unresolvable ??= unresolvable(...this.#reasons))
      : (this.#unschedulable ??= unschedulable(...this.#reasons));
  }
}
