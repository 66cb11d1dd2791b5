import type { PodCounts } from './pod-counts.js';
import type { Spread } from './spread-constraints.js';

/** What one spread filters by. */
export interface SpreadFilter {
  readonly spread: Spread;
  /** The domain of each host. */
  readonly domainOf: Int32Array;
  /** The Pods by domain. */
  readonly counts: Int32Array;
  /** The Pods of the domain with fewest; 0 where there are too few domains. */
  readonly fewest: number;
  /** No domain may have more Pods than that already. */
  readonly most: number;
}

/** Makes ready to filter by a spread. */
export function spreadFilter(spread: Spread, counts: PodCounts): SpreadFilter {
  const { matcher, topologyKey, eligible, minDomains, maxSkew, self } = spread;
  const count = counts.spread(matcher, topologyKey, eligible);
  const fewest = count.domains < minDomains ? 0 : count.lowest;
  return {
    spread,
    domainOf: count.topology.domainOf,
    counts: count.values,
    fewest,
    most: maxSkew + fewest - self,
  };
}
