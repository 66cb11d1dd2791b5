import { LruMap } from '../../core/index.js';

/** How many events of one source about one object are let through at once after a quiet time. */
const BURST = 25;

/** After how many milliseconds there is room for one more. */
const REFILL = 300_000;

/**
 * Bounds how many events one source tells of one object: 25 at once, and one more each 300 seconds.
 *
 * Source: `EventSourceObjectSpamFilter` in client-go, where a repetition takes room too.
 */
export class SpamFilter {
  // when the bucket of a source and object will be full again if nothing more is taken, in milliseconds; a full one may be missing
  readonly #full: LruMap<number>;

  constructor(limit: number) {
    this.#full = new LruMap(limit);
  }

  /** Whether there is room for an event of a source and object, which thereby takes it. */
  take(source: string, at: number): boolean {
    const full = Math.max(this.#full.get(source) ?? at, at) + REFILL;
    if (full - at > BURST * REFILL) return false;
    this.#full.set(source, full);
    return true;
  }
}
