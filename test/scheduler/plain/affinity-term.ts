import { LabelSelector } from '../../../src/core/index.js';
import { labelOf, type Cluster } from './cluster.js';
import type { Node, Pod, PodTerm, WeightedPodTerm } from './types.js';

type Kind = 'podAffinity' | 'podAntiAffinity';

export function requiredTerms(pod: Pod, kind: Kind): readonly PodTerm[] {
  return pod.spec.affinity?.[kind]?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
}

export function preferredTerms(pod: Pod, kind: Kind): readonly WeightedPodTerm[] {
  return pod.spec.affinity?.[kind]?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
}

/**
 * Whether a term of the pod `owner` is about another pod.
 *
 * Namespaces are those that the term lists, and those that its namespace selector matches; the owner's own where it says neither.
 */
export function isAbout(term: PodTerm, owner: Pod, other: Pod, cluster: Cluster): boolean {
  return (
    includesNamespace(term, owner, other.metadata.namespace, cluster) &&
    LabelSelector.from(term.labelSelector).matches(other.metadata.labels)
  );
}

/** Whether two nodes are in the same domain of a topology; a node without the label is in none. */
export function sameDomain(topologyKey: string, a: Node, b: Node): boolean {
  const domain = labelOf(a.metadata.labels, topologyKey);
  return domain !== undefined && domain === labelOf(b.metadata.labels, topologyKey);
}

function includesNamespace(term: PodTerm, owner: Pod, namespace: string, cluster: Cluster): boolean {
  const listed = term.namespaces ?? [];
  if (listed.length === 0 && term.namespaceSelector === undefined) {
    return namespace === owner.metadata.namespace;
  }
  const found = cluster.namespaces.find(({ metadata }) => metadata.name === namespace);
  return (
    listed.includes(namespace) || LabelSelector.from(term.namespaceSelector).matches(found?.metadata.labels)
  );
}
