import type { Topology } from '../../framework/index.js';
import { Counts } from './counts.js';
import type { PodCount } from './kept-counts.js';
import type { PodMatcher } from './pod-matcher.js';

/** How many Pods of a matcher there are in each domain of a topology. */
export class DomainCount implements PodCount {
  readonly text: string;
  readonly matcher: PodMatcher;
  readonly topology: Topology;
  readonly #counts = new Counts();
  // the sum of #counts
  #total = 0;

  constructor(text: string, matcher: PodMatcher, topology: Topology) {
    this.text = text;
    this.matcher = matcher;
    this.topology = topology;
  }

  /** The Pods in all domains. */
  get total(): number {
    return this.#total;
  }

  /** The counts by domain, of every domain that there is now. */
  get values(): Int32Array {
    this.#counts.reserve(this.topology.bound);
    return this.#counts.values;
  }

  /** A Pod came to a host (1), or went (-1). */
  add(host: number, by: 1 | -1): void {
    const domain = this.topology.domainOf[host] as number;
    if (domain === -1) return;
    this.#counts.add(domain, by);
    this.#total += by;
  }
}
