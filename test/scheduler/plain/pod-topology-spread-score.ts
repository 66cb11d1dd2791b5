import { labelOf, type Cluster } from './cluster.js';
import { MAX_SCORE, type ScorePlugin } from './plugin.js';
import {
  countOn,
  hasAllKeys,
  hasOwnConstraints,
  HOSTNAME,
  isIncluded,
  spreadsOf,
  type Spread,
} from './spread-constraint.js';
import type { Node, Pod } from './types.js';

/** The nodes that count. */
interface Scope {
  /** Of those to score. */
  readonly scored: readonly Node[];
  /** Of all. */
  readonly counted: readonly Node[];
}

/** Prefers nodes whose domains have few pods of the pod's group. */
export const podTopologySpreadScore: ScorePlugin = {
  name: 'PodTopologySpread',
  weight: 2,
  score: (pod, nodes, cluster) => {
    const spreads = spreadsOf(pod, 'ScheduleAnyway', cluster);
    if (spreads.length === 0) return undefined;
    // the default constraints also spread over nodes that lack some of the labels
    const counts = (node: Node): boolean => !hasOwnConstraints(pod) || hasAllKeys(node, spreads);
    const scope = { scored: nodes.filter(counts), counted: cluster.nodes.filter(counts) };
    const crowds = nodes.map((node) =>
      counts(node)
        ? Math.round(spreads.reduce((sum, spread) => sum + crowdAround(node, pod, spread, scope, cluster), 0))
        : undefined,
    );
    return fewestFirst(crowds);
  },
};

/** How crowded a node's domain is. Of a topology with many domains, each weighs more; a node that is in none is in no crowd. */
function crowdAround(node: Node, pod: Pod, spread: Spread, scope: Scope, cluster: Cluster): number {
  const domain = domainOf(node, spread);
  if (domain === undefined) return 0;
  // a host is a domain by itself, whatever the policies say
  const isHost = spread.topologyKey === HOSTNAME;
  const members = isHost
    ? [node]
    : scope.counted.filter((other) => domainOf(other, spread) === domain && isIncluded(pod, other, spread));
  const pods = members.reduce((sum, member) => sum + countOn(member, pod, spread, cluster), 0);
  const domains = isHost ? scope.scored.length : domainCount(scope.scored, spread);
  return pods * Math.log(domains + 2) + (spread.maxSkew - 1);
}

function domainOf(node: Node, { topologyKey }: Spread): string | undefined {
  return labelOf(node.metadata.labels, topologyKey);
}

/** Nodes that lack the label make one domain more: known of Kubernetes, not from the vectors. */
function domainCount(nodes: readonly Node[], spread: Spread): number {
  return new Set(nodes.map((node) => domainOf(node, spread) ?? '')).size;
}

/** Nodes that do not count, which are undefined here, get 0. */
function fewestFirst(crowds: readonly (number | undefined)[]): readonly number[] {
  const known = crowds.filter((crowd) => crowd !== undefined);
  const fewest = Math.min(...known);
  const most = Math.max(0, ...known);
  return crowds.map((crowd) => {
    if (crowd === undefined) return 0;
    return most === 0 ? MAX_SCORE : Math.trunc((MAX_SCORE * (most + fewest - crowd)) / most);
  });
}
