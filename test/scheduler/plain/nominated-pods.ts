import { boundTo, nameOf, priorityOf, withPods, type Cluster } from './cluster.js';
import { filter, type Verdict } from './framework.js';
import type { Node, Pod } from './types.js';

/**
 * {@link filter} on a node that room is kept on: it must do with the pods there that it is kept for, and without them.
 *
 * Only nominated pods of the same or a higher priority count.
 */
export function filterWithNominated(
  pod: Pod,
  node: Node,
  cluster: Cluster,
  skipped: readonly string[],
): Verdict | undefined {
  const nominated = nominatedFor(pod, node, cluster);
  if (nominated.length > 0) {
    const crowded = withPods(cluster, [...cluster.pods, ...nominated.map((other) => boundTo(other, node))]);
    const verdict = filter(pod, node, crowded, skipped);
    if (verdict !== undefined) return verdict;
  }
  return filter(pod, node, cluster, skipped);
}

function nominatedFor(pod: Pod, node: Node, cluster: Cluster): readonly Pod[] {
  return (cluster.nominated ?? []).filter(
    (other) =>
      other.status?.nominatedNodeName === node.metadata.name &&
      priorityOf(other) >= priorityOf(pod) &&
      nameOf(other) !== nameOf(pod),
  );
}
