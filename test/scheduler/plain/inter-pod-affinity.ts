import { isAbout, requiredTerms, sameDomain } from './affinity-term.js';
import { labelOf, nodeOf, type Cluster } from './cluster.js';
import { SKIP, unresolvable, unschedulable, type FilterPlugin } from './plugin.js';
import type { Node, Pod, PodTerm } from './types.js';

/** Rejects nodes whose neighbourhood the pod cannot bear, or that cannot bear the pod. */
export const interPodAffinity: FilterPlugin = {
  name: 'InterPodAffinity',
  preFilter: (pod, cluster) => {
    const own = [...requiredTerms(pod, 'podAffinity'), ...requiredTerms(pod, 'podAntiAffinity')];
    const isUnwanted = cluster.nodes.some((node) => isUnwantedOn(node, pod, cluster));
    return own.length === 0 && !isUnwanted ? SKIP : undefined;
  },
  filter: (pod, node, cluster) => {
    if (!isAttracted(pod, node, cluster)) return unresolvable("node(s) didn't match pod affinity rules");
    if (isRepelled(pod, node, cluster)) {
      return unschedulable("node(s) didn't match pod anti-affinity rules");
    }
    return isUnwantedOn(node, pod, cluster)
      ? unschedulable("node(s) didn't satisfy existing pods anti-affinity rules")
      : undefined;
  },
};

/**
 * Whether, for each term of the pod's affinity, the node's domain has a pod that all the terms are about.
 *
 * The first pod of a group that has affinity to itself will do too, on a node with all the labels.
 */
function isAttracted(pod: Pod, node: Node, cluster: Cluster): boolean {
  const terms = requiredTerms(pod, 'podAffinity');
  if (terms.some(({ topologyKey }) => labelOf(node.metadata.labels, topologyKey) === undefined)) return false;
  const friends = cluster.pods.filter((other) => areAllAbout(terms, pod, other, cluster));
  const isNear = ({ topologyKey }: PodTerm): boolean =>
    friends.some((friend) => isInDomain(friend, topologyKey, node, cluster));
  if (terms.every(isNear)) return true;
  const isCounted = (friend: Pod): boolean =>
    terms.some(
      ({ topologyKey }) => labelOf(nodeOf(friend, cluster)?.metadata.labels, topologyKey) !== undefined,
    );
  return !friends.some(isCounted) && areAllAbout(terms, pod, pod, cluster);
}

function areAllAbout(terms: readonly PodTerm[], owner: Pod, other: Pod, cluster: Cluster): boolean {
  return terms.every((term) => isAbout(term, owner, other, cluster));
}

/** Whether the pod does not want to be where another is. */
function isRepelled(pod: Pod, node: Node, cluster: Cluster): boolean {
  return requiredTerms(pod, 'podAntiAffinity').some((term) =>
    cluster.pods.some(
      (other) => isAbout(term, pod, other, cluster) && isInDomain(other, term.topologyKey, node, cluster),
    ),
  );
}

/** Whether another pod does not want the pod where it is itself. */
function isUnwantedOn(node: Node, pod: Pod, cluster: Cluster): boolean {
  return cluster.pods.some((other) =>
    requiredTerms(other, 'podAntiAffinity').some(
      (term) => isAbout(term, other, pod, cluster) && isInDomain(other, term.topologyKey, node, cluster),
    ),
  );
}

function isInDomain(pod: Pod, topologyKey: string, node: Node, cluster: Cluster): boolean {
  const home = nodeOf(pod, cluster);
  return home !== undefined && sameDomain(topologyKey, home, node);
}
