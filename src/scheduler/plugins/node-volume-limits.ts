import {
  CSINode,
  type Node,
  PersistentVolume,
  PersistentVolumeClaim,
  type Pod,
  StorageClass,
  VolumeAttachment,
} from '../../resources/kinds/index.js';
import {
  definePlugin,
  type ClusterView,
  type Plugin,
  type Rejection,
  SKIP,
  unresolvable,
  unschedulable,
} from '../framework/index.js';
import { changeOf, removalOf } from './volumes/change-of.js';
import { claimNotFound } from './volumes/claim-of-pod.js';
import { limitsOf, NewVolumes } from './volumes/new-volumes.js';
import { usesClaim, volumesOf } from './volumes/pod-volumes.js';
import { usesOf, type VolumeUse } from './volumes/volume-use.js';

const TOO_MANY: Rejection = /* @__PURE__ */ unschedulable('node(s) exceed max volume count');

/**
 * Keeps Pods off nodes to which a CSI driver can attach no more volumes, by the node's CSINode.
 *
 * Volumes of plugins that have become CSI drivers count for these.
 */
export function nodeVolumeLimits(): Plugin<Pod, Node> {
  return definePlugin<Pod, Node, NewVolumes | Rejection>({
    name: 'NodeVolumeLimits',
    reads: { kinds: [PersistentVolumeClaim, PersistentVolume, StorageClass, CSINode, VolumeAttachment] },
    preFilter(pod, cluster) {
      const { claims, inTree } = volumesOf(pod);
      if (claims.length === 0 && inTree.length === 0) return SKIP;
      const uses = usesOf(pod);
      return { state: findMissing(uses, cluster) ?? new NewVolumes(uses, cluster) };
    },
    filter(_pod, host, volumes) {
      if (!(volumes instanceof NewVolumes)) return volumes;
      return volumes.areTooManyFor(host) ? TOO_MANY : undefined;
    },
    wakes(event, pod) {
      const { claims, inTree } = volumesOf(pod);
      if (claims.length === 0 && inTree.length === 0) return false;
      if (event.type === 'host') return event.before === undefined;
      if (event.type === 'removed') return usesOf(event.workload).length > 0;
      if (removalOf(event, VolumeAttachment) !== undefined) return true;
      const claim = changeOf(event, PersistentVolumeClaim);
      if (claim !== undefined) return claim.before === undefined && usesClaim(pod, claim.after);
      const csiNode = changeOf(event, CSINode);
      return (
        csiNode !== undefined && (csiNode.before === undefined || hasMoreRoom(csiNode.before, csiNode.after))
      );
    },
  });
}

/** What to say of a Pod one of whose claims is not there. */
function findMissing(uses: readonly VolumeUse[], cluster: ClusterView<Pod, Node>): Rejection | undefined {
  const claims = cluster.objects(PersistentVolumeClaim);
  for (const use of uses) {
    if (!('claim' in use) || claims.get(use.claim) !== undefined) continue;
    const { namespace, name } = use.claim;
    return unresolvable(`looking up PVC ${namespace}/${name}: ${claimNotFound(name)}`);
  }
  return undefined;
}

/** Whether a driver can attach more volumes than before. */
function hasMoreRoom(before: CSINode, after: CSINode): boolean {
  const limits = limitsOf(after);
  for (const [driver, limit] of limitsOf(before)) {
    if ((limits.get(driver) ?? Number.POSITIVE_INFINITY) > limit) return true;
  }
  return false;
}
