import type { DomainCount } from './domain-count.js';

/** What is scored by the domains of one topology. */
interface TopologyScores {
  readonly domainOf: Int32Array;
  /** By domain; shared with a count as long as there is but one. */
  scores: Int32Array | Float64Array;
  /** What each score is to be multiplied with. */
  factor: number;
}

/** Scores of hosts: the Pods of counts in their domains, times weights. */
export class DomainScores {
  // one for each topology key
  readonly #topologies = new Map<string, TopologyScores>();
  // the same, to go through quickly
  readonly #list: TopologyScores[] = [];

  /** Whether no Pod was added, of whatever weight. */
  get empty(): boolean {
    return this.#list.length === 0;
  }

  /** Adds Pods by their domains; nothing happens where there are none. */
  add(count: DomainCount, weight: number): void {
    if (count.total === 0 || weight === 0) return;
    const { topology, values } = count;
    const known = this.#topologies.get(topology.key);
    if (known === undefined) {
      const scores = { domainOf: topology.domainOf, scores: values, factor: weight };
      this.#topologies.set(topology.key, scores);
      this.#list.push(scores);
      return;
    }
    const { bound } = topology;
    const sums =
      known.scores instanceof Float64Array ? known.scores : products(known.scores, known.factor, bound);
    for (let domain = 0; domain < bound; domain += 1) {
      sums[domain] = (sums[domain] as number) + (values[domain] as number) * weight;
    }
    known.scores = sums;
    known.factor = 1;
  }

  /** The score of a host. */
  of(host: number): number {
    let sum = 0;
    for (const { domainOf, scores, factor } of this.#list) {
      const domain = domainOf[host] as number;
      if (domain !== -1) sum += (scores[domain] as number) * factor;
    }
    return sum;
  }
}

function products(values: Int32Array, factor: number, bound: number): Float64Array {
  const result = new Float64Array(bound);
  for (let domain = 0; domain < bound; domain += 1) result[domain] = (values[domain] as number) * factor;
  return result;
}
