/** How many reasons one run keeps. */
const LIMIT = 8;

/** Why a run was asked for: the first eight reasons, and how many more there were. */
export class ReasonList<R> {
  // most runs have one reason: a list that begins with its first has room for one
  readonly #kept: R[];
  #dropped = 0;

  constructor(first: R) {
    this.#kept = [first];
  }

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

/** A list with one reason more, be it the first. */
export function withReason<R>(reasons: ReasonList<R> | undefined, reason: R): ReasonList<R> {
  if (reasons === undefined) return new ReasonList(reason);
  reasons.add(reason);
  return reasons;
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
