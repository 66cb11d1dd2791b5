import { Quantity } from '../../../src/core/index.js';
import { absentClaim, claimNames, claimsOf, classOf, notFound, volumeOf, waitsForPod } from './claims.js';
import { labelOf, type Cluster } from './cluster.js';
import { findVolume, isReachable } from './find-volume.js';
import { rejectAll, SKIP, type FilterPlugin } from './plugin.js';
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from './types.js';

const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const NO_PROVISIONER = 'kubernetes.io/no-provisioner';

/** Rejects nodes that cannot reach the volumes of the pod's claims, or where none can be found or made for them. */
export const volumeBinding: FilterPlugin = {
  name: 'VolumeBinding',
  preFilter: (pod, cluster) => {
    if (claimNames(pod).length === 0) return SKIP;
    const absent = absentClaim(pod, cluster);
    if (absent !== undefined) return rejectAll(notFound(absent));
    for (const { metadata, spec, status } of claimsOf(pod, cluster)) {
      if (status?.phase === 'Lost') {
        return rejectAll(
          `persistentvolumeclaim "${metadata.name}" bound to non-existent persistentvolume "${spec.volumeName ?? ''}"`,
        );
      }
      if (metadata.deletionTimestamp !== undefined) {
        return rejectAll(`persistentvolumeclaim "${metadata.name}" is being deleted`);
      }
    }
    const immediate = claimsOf(pod, cluster).some((claim) => !isBound(claim) && !isFree(claim, cluster));
    return immediate ? rejectAll('pod has unbound immediate PersistentVolumeClaims') : undefined;
  },
  filter: (pod, node, cluster) => {
    const reasons = [...boundReasons(pod, node, cluster), ...freeReasons(pod, node, cluster)];
    return reasons.length === 0 ? undefined : { code: 'UnschedulableAndUnresolvable', reasons };
  },
};

function isBound({ metadata, spec }: PersistentVolumeClaim): boolean {
  const completed = labelOf(metadata.annotations, 'pv.kubernetes.io/bind-completed');
  return (spec.volumeName ?? '') !== '' && completed !== undefined;
}

/** Whether the claim waits for a pod, and so takes a volume that suits the pod's node. */
function isFree(claim: PersistentVolumeClaim, cluster: Cluster): boolean {
  return waitsForPod(claim, cluster) && (claim.spec.volumeName ?? '') === '';
}

/** The first bound claim that is in the way decides. */
function boundReasons(pod: Pod, node: Node, cluster: Cluster): readonly string[] {
  for (const claim of claimsOf(pod, cluster).filter(isBound)) {
    const volume = volumeOf(claim, cluster);
    if (volume === undefined) {
      return ['node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)'];
    }
    if (!isReachable(volume, node)) return ["node(s) didn't match PersistentVolume's node affinity"];
  }
  return [];
}

/** Each claim, the smallest first, takes a volume that no other took; else its class must be able to make one. */
function freeReasons(pod: Pod, node: Node, cluster: Cluster): readonly string[] {
  const free = claimsOf(pod, cluster).filter((claim) => !isBound(claim));
  const unbindable = ["node(s) didn't find available persistent volumes to bind"];
  const taken: PersistentVolume[] = [];
  const toMake: PersistentVolumeClaim[] = [];
  for (const claim of free.toSorted(bySize)) {
    const selected = labelOf(claim.metadata.annotations, SELECTED_NODE);
    if (selected !== undefined && selected !== node.metadata.name) return unbindable;
    const volume = selected === undefined ? findVolume(claim, node, taken, cluster) : undefined;
    if (volume === undefined) toMake.push(claim);
    else taken.push(volume);
  }
  return toMake.every((claim) => canMake(claim, node, cluster)) ? [] : unbindable;
}

/** Storage capacity is not covered: what can be made is there in any amount. */
function canMake(claim: PersistentVolumeClaim, node: Node, cluster: Cluster): boolean {
  const storageClass = classOf(claim, cluster);
  if (storageClass === undefined) return false;
  const { provisioner } = storageClass;
  return provisioner !== '' && provisioner !== NO_PROVISIONER && allows(storageClass, node);
}

/** Whether one of the class's topologies is the node's; without any, all are. */
function allows({ allowedTopologies = [] }: StorageClass, node: Node): boolean {
  return (
    allowedTopologies.length === 0 ||
    allowedTopologies.some(
      ({ matchLabelExpressions = [] }) =>
        matchLabelExpressions.length > 0 &&
        matchLabelExpressions.every(({ key, values }) => {
          const value = labelOf(node.metadata.labels, key);
          return value !== undefined && values.includes(value);
        }),
    )
  );
}

function bySize(a: PersistentVolumeClaim, b: PersistentVolumeClaim): number {
  return storage(a).cmp(storage(b));
}

function storage({ spec }: PersistentVolumeClaim): Quantity {
  return Quantity.parse(spec.resources?.requests?.['storage'] ?? '0');
}
