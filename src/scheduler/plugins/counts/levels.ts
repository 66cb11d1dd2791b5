import { Counts } from './counts.js';

/** Some counts, of which the lowest is wanted at any time: how many of them there are of each level. */
export class Levels {
  readonly #levels = new Counts();
  #size = 0;
  // no count is lower; the lowest may be higher
  #floor = 0;

  /** How many counts there are. */
  get size(): number {
    return this.#size;
  }

  /** The lowest count; 0 where there is none. */
  get lowest(): number {
    if (this.#size === 0) return 0;
    const { values } = this.#levels;
    while (values[this.#floor] === 0) this.#floor += 1;
    return this.#floor;
  }

  /** So many counts more are of a level; or fewer, where it is less than 0. */
  change(level: number, by: number): void {
    this.#levels.add(level, by);
    this.#size += by;
    if (by > 0 && level < this.#floor) this.#floor = level;
  }

  /** A count becomes another. */
  move(from: number, to: number): void {
    this.change(from, -1);
    this.change(to, 1);
  }
}
