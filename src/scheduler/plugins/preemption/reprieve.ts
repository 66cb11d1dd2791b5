import type { Budgets } from './budgets.js';
import type { Occupant } from './occupants.js';
import type { Rank } from './rank.js';

/** What is added to each priority, so that the sum over victims grows with each of them: the lowest becomes 0. */
const LOWEST = 2 ** 31;

/**
 * Finds out who of those that could go may stay after all: first those whose going would exceed a budget, then the others, the most
 * important first.
 *
 * Source: the second half of `SelectVictimsOnNode` of kube-scheduler.
 */
export class Reprieve {
  readonly #budgets: Budgets;
  // of the last run: who was there, and from where on they could go
  #occupants: readonly Occupant[] = [];
  #from = 0;
  // by the place among the occupants, of those that could go: what became of them
  readonly #exceeds: boolean[] = [];
  readonly #stays: boolean[] = [];
  #violations = 0;

  constructor(budgets: Budgets) {
    this.#budgets = budgets;
  }

  /**
   * @param occupants - The most important first; those from `from` on could go, and are taken to be gone.
   * @param canStay - Whether there is room for one of them beside those that stay already; it stays if there is.
   */
  run(occupants: readonly Occupant[], from: number, canStay: (occupant: Occupant) => boolean): void {
    this.#occupants = occupants;
    this.#from = from;
    this.#budgets.restart();
    for (let at = from; at < occupants.length; at += 1) {
      this.#exceeds[at] = this.#budgets.exceeds((occupants[at] as Occupant).pod);
    }
    this.#violations = this.#askAll(canStay, true);
    this.#askAll(canStay, false);
  }

  /** How many of those that have to go exceed a budget. */
  get violations(): number {
    return this.#violations;
  }

  /** Those that have to go, the most important first. */
  victims(): Occupant[] {
    return this.#occupants.filter((_, at) => at >= this.#from && this.#stays[at] !== true);
  }

  /** Writes what the outcome is judged by; somebody has to go. */
  writeRank(ranks: Rank, offset: number): void {
    const occupants = this.#occupants;
    let first: Occupant | undefined;
    let sum = 0;
    let count = 0;
    for (let at = this.#from; at < occupants.length; at += 1) {
      if (this.#stays[at] === true) continue;
      const victim = occupants[at] as Occupant;
      first ??= victim;
      sum += victim.pod.priority + LOWEST;
      count += 1;
    }
    if (first === undefined) return;
    ranks[offset] = this.#violations;
    ranks[offset + 1] = first.pod.priority;
    ranks[offset + 2] = sum;
    ranks[offset + 3] = count;
    ranks[offset + 4] = -first.start;
  }

  /** Asks those that exceed a budget, or those that do not, and answers how many have to go. */
  #askAll(canStay: (occupant: Occupant) => boolean, exceeds: boolean): number {
    const occupants = this.#occupants;
    let gone = 0;
    for (let at = this.#from; at < occupants.length; at += 1) {
      if (this.#exceeds[at] !== exceeds) continue;
      const stays = canStay(occupants[at] as Occupant);
      this.#stays[at] = stays;
      if (!stays) gone += 1;
    }
    return gone;
  }
}
