import { LruMap } from '../../core/index.js';

/** How many notes of similar events are told each by itself. */
const NOTES = 9;

/** How many milliseconds may lie between two similar events. */
const INTERVAL = 600_000;

/** The similar events of one kind, none of them long after the one before. */
interface Similar {
  // the first notes there were, at most NOTES of them
  readonly notes: Set<string>;
  /** When the last one was told. */
  lastAt: number;
}

/**
 * Notices where events differ in nothing but their note, such as one that has a number in it.
 *
 * The first nine notes are told each by itself, those after them together: ten are too many. It starts over where nothing similar is
 * told for more than 600 seconds.
 *
 * Source: `EventAggregator` in client-go.
 */
export class SimilarEvents {
  readonly #similar: LruMap<Similar>;

  constructor(limit: number) {
    this.#similar = new LruMap(limit);
  }

  /** Takes note of an event, and answers whether it is to be told together with others. */
  areMany(similarKey: string, note: string, at: number): boolean {
    let similar = this.#similar.get(similarKey);
    if (similar === undefined || at - similar.lastAt > INTERVAL) {
      similar = { notes: new Set(), lastAt: at };
      this.#similar.set(similarKey, similar);
    }
    similar.lastAt = at;
    if (similar.notes.has(note)) return false;
    if (similar.notes.size === NOTES) return true;
    similar.notes.add(note);
    return false;
  }
}
