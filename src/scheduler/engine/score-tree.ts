/** What a host counts that must not be chosen. */
export const NEVER = -1;

/**
 * The best of many hosts, at once after each change: a tournament, in which each node holds the best below it and how many are as good.
 *
 * A change costs the logarithm of the number of hosts, and so does the choice among equals.
 */
export class ScoreTree {
  // the leaves are #size to 2 * #size - 1, a power of two; node i is over nodes 2i and 2i + 1
  readonly #size: number;
  readonly #best: Float64Array;
  // how many leaves below a node have its best score
  readonly #equals: Int32Array;

  constructor(room: number) {
    let size = 1;
    while (size < room) size *= 2;
    this.#size = size;
    this.#best = new Float64Array(2 * size).fill(NEVER);
    this.#equals = new Int32Array(2 * size);
    // all are as good as each other: so many as there are leaves below
    for (let nodes = 1; nodes <= size; nodes *= 2) this.#equals.fill(size / nodes, nodes, 2 * nodes);
  }

  /** Whether there is a leaf for each index below `room`. */
  hasRoom(room: number): boolean {
    return room <= this.#size;
  }

  /** The best score; {@link NEVER} where no host may be chosen. */
  get best(): number {
    return this.#best[1] as number;
  }

  /** How many hosts have the best score. */
  get equals(): number {
    return this.best === NEVER ? 0 : (this.#equals[1] as number);
  }

  scoreOf(index: number): number {
    return this.#best[this.#size + index] as number;
  }

  set(index: number, score: number): void {
    const best = this.#best;
    let node = this.#size + index;
    if (best[node] === score) return;
    best[node] = score;
    for (node >>= 1; node >= 1; node >>= 1) this.#compare(node);
  }

  /** Sets all scores at once. */
  setAll(scores: Float64Array, bound: number): void {
    this.#best.fill(NEVER, this.#size);
    this.#best.set(scores.subarray(0, bound), this.#size);
    this.#build();
  }

  /** The host that is the `place`th of those with the best score, in the order of their indexes. */
  pick(place: number): number {
    const { best } = this;
    let left = place;
    let node = 1;
    while (node < this.#size) {
      node *= 2;
      if (this.#best[node] !== best) node += 1;
      else {
        const equals = this.#equals[node] as number;
        if (left >= equals) {
          left -= equals;
          node += 1;
        }
      }
    }
    return node - this.#size;
  }

  #build(): void {
    for (let node = this.#size - 1; node >= 1; node -= 1) this.#compare(node);
  }

  #compare(node: number): void {
    const best = this.#best;
    const left = best[2 * node] as number;
    const right = best[2 * node + 1] as number;
    best[node] = left > right ? left : right;
    const equals = this.#equals;
    equals[node] =
      (left >= right ? (equals[2 * node] as number) : 0) +
      (right >= left ? (equals[2 * node + 1] as number) : 0);
  }
}
