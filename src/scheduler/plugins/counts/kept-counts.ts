import { LruMap } from '../../../core/index.js';
import type { LabelIdentity } from '../../pods/label-identity.js';
import { Matching } from './matching.js';
import type { NamespaceLabels } from './namespace-labels.js';
import type { PodMatcher } from './pod-matcher.js';

/** How many counts of a sort are kept up to date; one that was not asked for longest makes room, and is made anew if need be. */
const KEPT = 1_000;

/** A count of the Pods of a matcher. */
export interface PodCount {
  /** Equal texts, equal counts. */
  readonly text: string;
  readonly matcher: PodMatcher;
  /** A Pod of the matcher came to a host (1), or went (-1). */
  add(host: number, by: 1 | -1): void;
}

/** Counts of one sort, found by their texts, and by the Pods that count in them. */
export class KeptCounts<C extends PodCount> {
  // the same counts
  readonly #byText = new LruMap<C>(KEPT);
  readonly #matching: Matching<C>;

  constructor(namespaces: NamespaceLabels) {
    this.#matching = new Matching(namespaces);
  }

  get(text: string): C | undefined {
    return this.#byText.get(text);
  }

  /** Keeps a count whose text no other has. */
  add(count: C): void {
    const evicted = this.#byText.set(count.text, count);
    if (evicted !== undefined) this.#matching.keep((other) => other !== evicted);
    this.#matching.add(count);
  }

  /** Lets counts go. */
  drop(isDropped: (count: C) => boolean): void {
    const dropped = Array.from(this.#byText.values()).filter(isDropped);
    if (dropped.length === 0) return;
    for (const count of dropped) this.#byText.delete(count.text, count);
    this.#matching.keep((count) => !isDropped(count));
  }

  /** Counts a Pod that came to a host (1), or went (-1). */
  count(identity: LabelIdentity, host: number, by: 1 | -1): void {
    for (const count of this.#matching.of(identity)) count.add(host, by);
  }

  values(): Iterable<C> {
    return this.#byText.values();
  }
}
