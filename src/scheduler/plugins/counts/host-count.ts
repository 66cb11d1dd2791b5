import { Counts } from './counts.js';
import type { PodCount } from './kept-counts.js';
import type { PodMatcher } from './pod-matcher.js';

/** How many Pods of a matcher there are on each host. */
export class HostCount implements PodCount {
  readonly text: string;
  readonly matcher: PodMatcher;
  readonly #counts = new Counts();

  constructor(text: string, matcher: PodMatcher) {
    this.text = text;
    this.matcher = matcher;
  }

  /** The counts by the index of the host, of all indexes below a bound. */
  values(bound: number): Int32Array {
    this.#counts.reserve(bound);
    return this.#counts.values;
  }

  /** A Pod came to a host (1), or went (-1). */
  add(host: number, by: 1 | -1): void {
    this.#counts.add(host, by);
  }
}
