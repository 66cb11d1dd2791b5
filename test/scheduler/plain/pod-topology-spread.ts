import { labelOf, type Cluster } from './cluster.js';
import { SKIP, unresolvable, unschedulable, type FilterPlugin } from './plugin.js';
import { countOn, hasAllKeys, isIncluded, spreadsOf, type Spread } from './spread-constraint.js';
import type { Pod } from './types.js';

const REASON = "node(s) didn't match pod topology spread constraints";

/** Rejects nodes where the pod would make its group too uneven over the domains of a topology. */
export const podTopologySpread: FilterPlugin = {
  name: 'PodTopologySpread',
  preFilter: (pod, cluster) => (spreadsOf(pod, 'DoNotSchedule', cluster).length === 0 ? SKIP : undefined),
  filter: (pod, node, cluster) => {
    const spreads = spreadsOf(pod, 'DoNotSchedule', cluster);
    for (const spread of spreads) {
      const domain = labelOf(node.metadata.labels, spread.topologyKey);
      if (domain === undefined) return unresolvable(`${REASON} (missing required label)`);
      const counts = countsByDomain(pod, spread, spreads, cluster);
      const fewest = counts.size < spread.minDomains ? 0 : Math.min(...counts.values());
      const self = spread.selector.matches(pod.metadata.labels) ? 1 : 0;
      if ((counts.get(domain) ?? 0) + self - fewest > spread.maxSkew) return unschedulable(REASON);
    }
    return undefined;
  },
};

/** Only nodes with labels for all constraints count, and only those that the constraint's policies include. */
function countsByDomain(
  pod: Pod,
  spread: Spread,
  spreads: readonly Spread[],
  cluster: Cluster,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const node of cluster.nodes) {
    const domain = labelOf(node.metadata.labels, spread.topologyKey);
    if (domain === undefined || !hasAllKeys(node, spreads) || !isIncluded(pod, node, spread)) continue;
    counts.set(domain, (counts.get(domain) ?? 0) + countOn(node, pod, spread, cluster));
  }
  return counts;
}
