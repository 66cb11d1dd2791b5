import type { HeapItem } from '../core/index.js';
import { Flows, type Place } from './flows.js';
import { type Link, LinkedList } from './linked-list.js';

/** What a {@link Lane} needs of its entries. */
export interface ReadyEntry<E extends ReadyEntry<E>> extends Link<E> {
  /** Where the entry is in its flow; undefined where there are no flows. */
  readonly place: Place<E> | undefined;
  /** The lane that the entry is in; undefined while it is in none. */
  lane: Lane<E> | undefined;
  /** When the entry came into its lane, in milliseconds of the monotonic clock; means nothing while it is in none. */
  since: number | undefined;
}

/** An entry with what it is ordered by. */
interface Ranked<E> {
  readonly entry: E;
  readonly rank: number;
  readonly priority: number;
}

/** The entries of one priority, in the order in which they came. */
export class Lane<E extends ReadyEntry<E>> implements HeapItem {
  readonly priority: number;
  // by how many milliseconds its entries count as older than they are
  readonly #lead: number;
  readonly #entries = new LinkedList<E>();
  // the same entries by their flows; undefined where there are none
  readonly #flows: Flows<E> | undefined;
  // belongs to the heap of lanes
  position = -1;

  constructor(priority: number, ageing: number, flows: boolean) {
    this.priority = priority;
    this.#lead = priority * ageing;
    this.#flows = flows ? new Flows() : undefined;
  }

  /** The entry that came first. */
  get oldest(): E | undefined {
    return this.#entries.first;
  }

  /** What lanes are compared by, the lowest first: when the oldest entry, of which there must be one, came, less the lead. */
  get rank(): number {
    return this.rankOf((this.#entries.first as E).since as number);
  }

  /** The rank of this lane if its oldest entry had come at a time. */
  rankOf(since: number): number {
    return since - this.#lead;
  }

  push(entry: E, now: number): void {
    entry.lane = this;
    entry.since = now;
    this.#entries.push(entry);
    if (entry.place !== undefined) this.#flows?.push(entry.place);
  }

  /** Takes the next entry out, of which there must be one: the oldest, or that of the flow whose turn it is. */
  take(): E {
    const entry = this.#flows === undefined ? (this.#entries.first as E) : this.#flows.take();
    this.#entries.remove(entry);
    entry.lane = undefined;
    return entry;
  }

  remove(entry: E): void {
    this.#entries.remove(entry);
    if (entry.place !== undefined) this.#flows?.remove(entry.place);
    entry.lane = undefined;
  }

  /** All entries in the order in which they would be taken, each with the rank that the lane then has. */
  ranked(): Ranked<E>[] {
    const { priority } = this;
    let oldest = Number.POSITIVE_INFINITY;
    return [...(this.#flows ?? this.#entries)]
      .reverse()
      .map((entry) => {
        oldest = Math.min(oldest, entry.since as number);
        return { entry, priority, rank: this.rankOf(oldest) };
      })
      .reverse();
  }
}
