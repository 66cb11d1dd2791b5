import { type Node, PersistentVolumeClaim, type Pod } from '../../../resources/kinds/index.js';
import type { ClusterView, WorkloadInfo } from '../../framework/index.js';
import type { NodeIdentity } from '../../pods/node-requirement.js';
import { BindingSearch } from './binding-search.js';
import { claimsOf } from './pod-volumes.js';
import type { VolumeBindings } from './volume-bindings.js';

/**
 * Which volumes the claims of a Pod get on a node, as the cluster is now.
 *
 * Claims that are bound need nothing. Undefined where the volumes of the Pod cannot be there, or a claim does not exist.
 */
export function chooseBindings(
  pod: WorkloadInfo<Pod>,
  node: NodeIdentity,
  cluster: ClusterView<Pod, Node>,
): VolumeBindings | undefined {
  const table = cluster.objects(PersistentVolumeClaim);
  const claims: PersistentVolumeClaim[] = [];
  for (const { name } of claimsOf(pod)) {
    const claim = table.get({ namespace: pod.namespace, name });
    if (claim === undefined) return undefined;
    claims.push(claim);
  }
  const search = new BindingSearch(claims, cluster);
  return search.unbound.length > 0 ? undefined : search.bindingsOn(node);
}
