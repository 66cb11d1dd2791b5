import { IndexedHeap } from '../core/index.js';
import { Lane, type ReadyEntry } from './lane.js';

/** What lanes are ordered by. */
type Ordered = Pick<Lane<never>, 'rank' | 'priority'>;

/**
 * Entries in the order in which they are handed out.
 *
 * A lane holds the entries of one priority, first come first or by flows. The next lane is the one whose oldest entry came first, where a
 * point of priority counts as `ageing` milliseconds; among equals the one of the higher priority. As time goes by for all of
 * them alike, nothing has to be ordered anew.
 *
 * Adding, taking and moving cost the same however many entries and flows there are; only the number of distinct priorities
 * counts, by its logarithm.
 */
export class ReadyQueue<E extends ReadyEntry<E>> implements Iterable<E> {
  readonly #ageing: number;
  readonly #flows: boolean;
  // holds every lane that has an entry, and #last even where it has none
  readonly #lanes = new Map<number, Lane<E>>();
  // holds exactly the lanes that have an entry
  readonly #order = new IndexedHeap<Lane<E>>((a, b) => compare(a, b) < 0);
  // the lane that was added to last: kept while empty, because most queues only ever use one
  #last: Lane<E> | undefined;
  #size = 0;

  /**
   * @param ageing - Milliseconds; finite.
   * @param flows - Whether the entries have places in flows.
   */
  constructor(ageing: number, flows: boolean) {
    this.#ageing = ageing;
    this.#flows = flows;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds an entry, that is not in the queue, behind all others of its priority; `now` never goes back. */
  push(entry: E, priority: number, now: number): void {
    const lane = this.#laneOf(priority);
    const empty = lane.oldest === undefined;
    lane.push(entry, now);
    if (empty) this.#order.push(lane);
    this.#size += 1;
  }

  /** Takes the first entry out; undefined where there is none. */
  pop(): E | undefined {
    const lane = this.#order.peek();
    if (lane === undefined) return undefined;
    const entry = lane.take();
    this.#settle(lane);
    return entry;
  }

  /**
   * Moves an entry that is in the queue behind all others of a higher priority.
   *
   * It stays where it is if it has waited so long that it comes sooner there: to be raised never costs a turn.
   */
  raise(entry: E, priority: number, now: number): void {
    const from = entry.lane as Lane<E>;
    const to = this.#laneOf(priority);
    if (to.rankOf(now) > from.rankOf(entry.since as number)) return;
    from.remove(entry);
    this.#settle(from);
    this.push(entry, priority, now);
  }

  /** All entries, in the order in which they would be handed out. */
  *[Symbol.iterator](): Generator<E, void, undefined> {
    const all = [...this.#order].flatMap((lane) => lane.ranked());
    for (const { entry } of all.sort(compare)) yield entry;
  }

  #laneOf(priority: number): Lane<E> {
    const last = this.#last;
    if (last !== undefined) {
      if (last.priority === priority) return last;
      if (last.oldest === undefined) this.#lanes.delete(last.priority);
    }
    let lane = this.#lanes.get(priority);
    if (lane === undefined) {
      lane = new Lane(priority, this.#ageing, this.#flows);
      this.#lanes.set(priority, lane);
    }
    this.#last = lane;
    return lane;
  }

  /** Puts a lane, out of which an entry was taken, in its place. */
  #settle(lane: Lane<E>): void {
    this.#size -= 1;
    if (lane.oldest !== undefined) {
      this.#order.update(lane);
      return;
    }
    this.#order.remove(lane);
    if (lane !== this.#last) this.#lanes.delete(lane.priority);
  }
}

/** Below 0 where `a` goes before `b`. */
function compare(a: Ordered, b: Ordered): number {
  return a.rank - b.rank || b.priority - a.priority;
}
