/** How many reasons one run keeps. */
const LIMIT = 8;

/** Why a run was asked for: the first eight reasons, and how many more there were. */
export class ReasonList<R> {
  readonly #kept: R[] = [];
  #dropped = 0;

  get kept(): readonly R[] {
    return this.#kept;
  }

  get dropped(): number {
    return this.#dropped;
  }

  add(reason: R): void {
    if (this.#kept.length < LIMIT) this.#kept.push(reason);
    else this.#dropped += 1;
  }

  addAll(reasons: ReasonList<R>): void {
    for (const reason of reasons.#kept) this.add(reason);
    this.#dropped += reasons.#dropped;
  }
}

/** Two lists as one; either may be changed by it. */
export function together<R>(
  first: ReasonList<R> | undefined,
  second: ReasonList<R> | undefined,
): ReasonList<R> | undefined {
  if (first === undefined) return second;
  if (second !== undefined) first.addAll(second);
  return first;
}
