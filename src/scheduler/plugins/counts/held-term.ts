import type { Topology } from '../../framework/index.js';
import { DomainCount } from './domain-count.js';
import type { PodMatcher } from './pod-matcher.js';

/** What holders say by a term: not with such Pods, only with such Pods, or with or without them if possible. */
export type HeldTermSort = 'against' | 'required' | 'preferred';

/** A term that Pods hold which are placed, and where they are. */
export class HeldTerm {
  readonly sort: HeldTermSort;
  /** Below 0 for one that is to be avoided; 1 for a required one. */
  readonly weight: number;
  /** The Pods that it speaks of. */
  readonly matcher: PodMatcher;
  readonly #where: DomainCount;
  #holders = 0;

  constructor(sort: HeldTermSort, weight: number, matcher: PodMatcher, topology: Topology) {
    this.sort = sort;
    this.weight = weight;
    this.matcher = matcher;
    this.#where = new DomainCount('', matcher, topology);
  }

  /** How many Pods hold it. */
  get holders(): number {
    return this.#holders;
  }

  /** Its holders by domain. */
  get where(): DomainCount {
    return this.#where;
  }

  /** A holder came to a host (1), or went (-1). */
  add(host: number, by: 1 | -1): void {
    this.#where.add(host, by);
    this.#holders += by;
  }
}
