import { absentClaim, claimNames, claimsOf, notFound } from './claims.js';
import { podsOn, type Cluster } from './cluster.js';
import { rejectAll, SKIP, unschedulable, type FilterPlugin } from './plugin.js';
import type { Pod, Volume } from './types.js';

/**
 * Rejects nodes where another pod uses the same disk, and all nodes where a claim for one pod only is used by another,
 * wherever that runs.
 */
export const volumeRestrictions: FilterPlugin = {
  name: 'VolumeRestrictions',
  preFilter: (pod, cluster) => {
    const absent = absentClaim(pod, cluster);
    if (absent !== undefined) return rejectAll(notFound(absent));
    const disks = (pod.spec.volumes ?? []).some(isRestricted);
    return disks || isClaimTaken(pod, cluster) ? undefined : SKIP;
  },
  filter: (pod, node, cluster) => {
    const used = podsOn(node, cluster).flatMap(({ spec }) => spec.volumes ?? []);
    const wanted = pod.spec.volumes ?? [];
    if (wanted.some((volume) => used.some((other) => conflict(volume, other)))) {
      return unschedulable('node(s) had no available disk');
    }
    return isClaimTaken(pod, cluster)
      ? unschedulable(
          'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod',
        )
      : undefined;
  },
};

function isRestricted({ gcePersistentDisk, awsElasticBlockStore, iscsi, rbd }: Volume): boolean {
  return [gcePersistentDisk, awsElasticBlockStore, iscsi, rbd].some((disk) => disk !== undefined);
}

function isClaimTaken(pod: Pod, cluster: Cluster): boolean {
  const exclusive = claimsOf(pod, cluster)
    .filter(({ spec }) => (spec.accessModes ?? []).includes('ReadWriteOncePod'))
    .map(({ metadata }) => metadata.name);
  return cluster.pods.some(
    (other) =>
      other.metadata.namespace === pod.metadata.namespace &&
      claimNames(other).some((name) => exclusive.includes(name)),
  );
}

/** Whether two pods of one node cannot both have these; most disks may be shared by those who only read, as is known of Kubernetes. */
function conflict(a: Volume, b: Volume): boolean {
  if (a.gcePersistentDisk !== undefined && b.gcePersistentDisk !== undefined) {
    if (a.gcePersistentDisk.pdName === b.gcePersistentDisk.pdName) {
      return isWritten(a.gcePersistentDisk, b.gcePersistentDisk);
    }
  }
  if (a.awsElasticBlockStore !== undefined && b.awsElasticBlockStore !== undefined) {
    return a.awsElasticBlockStore.volumeID === b.awsElasticBlockStore.volumeID;
  }
  if (a.iscsi !== undefined && b.iscsi !== undefined) {
    return a.iscsi.iqn === b.iscsi.iqn && isWritten(a.iscsi, b.iscsi);
  }
  if (a.rbd !== undefined && b.rbd !== undefined) {
    const { monitors, pool, image } = b.rbd;
    const same =
      a.rbd.monitors.some((monitor) => monitors.includes(monitor)) &&
      a.rbd.pool === pool &&
      a.rbd.image === image;
    return same && isWritten(a.rbd, b.rbd);
  }
  return false;
}

interface Disk {
  readonly readOnly?: boolean;
}

function isWritten(a: Disk, b: Disk): boolean {
  return !(a.readOnly === true && b.readOnly === true);
}
