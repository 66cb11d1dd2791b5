import { LruMap } from '../../core/index.js';

/** How many notes of similar events are told each by itself. */
const NOTES = 9;

/** How many milliseconds may lie between two similar events. */
const INTERVAL = 600_000;

/** The similar events of one kind, none of them long after the one before. */
interface Similar {
  // the first notes there were, no two the same, at most NOTES of them: few enough to look through
  readonly notes: string[];
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
    const similar = this.#similar.get(similarKey);
    if (similar === undefined || at - similar.lastAt > INTERVAL) {
      this.#similar.set(similarKey, { notes: [note], lastAt: at });
      return false;
    }
    similar.lastAt = at;
    if (similar.notes.includes(note)) return false;
    if (similar.notes.length === NOTES) return true;
    similar.notes.push(note);
    return false;
  }
}
