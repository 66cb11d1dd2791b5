import type { Cluster } from './cluster.js';
import type { PersistentVolume, PersistentVolumeClaim, Pod, StorageClass, Volume } from './types.js';

/** The names of the claims that a pod mounts, all in its namespace. */
export function claimNames(pod: Pod): readonly string[] {
  return (pod.spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) =>
    persistentVolumeClaim === undefined ? [] : [persistentVolumeClaim.claimName],
  );
}

function findClaim(pod: Pod, name: string, cluster: Cluster): PersistentVolumeClaim | undefined {
  return (cluster.persistentVolumeClaims ?? []).find(
    ({ metadata }) => metadata.namespace === pod.metadata.namespace && metadata.name === name,
  );
}

/** The claims of a pod that are there. */
export function claimsOf(pod: Pod, cluster: Cluster): readonly PersistentVolumeClaim[] {
  return claimNames(pod).flatMap((name) => findClaim(pod, name, cluster) ?? []);
}

/** The first claim of a pod that is not there. */
export function absentClaim(pod: Pod, cluster: Cluster): string | undefined {
  return claimNames(pod).find((name) => findClaim(pod, name, cluster) === undefined);
}

export function notFound(claim: string): string {
  return `persistentvolumeclaim "${claim}" not found`;
}

export function volumeOf(claim: PersistentVolumeClaim, cluster: Cluster): PersistentVolume | undefined {
  const name = claim.spec.volumeName ?? '';
  return (cluster.persistentVolumes ?? []).find(({ metadata }) => metadata.name === name);
}

export function classOf(claim: PersistentVolumeClaim, cluster: Cluster): StorageClass | undefined {
  const name = claim.spec.storageClassName ?? '';
  return (cluster.storageClasses ?? []).find(({ metadata }) => metadata.name === name);
}

export function waitsForPod(claim: PersistentVolumeClaim, cluster: Cluster): boolean {
  return classOf(claim, cluster)?.volumeBindingMode === 'WaitForFirstConsumer';
}

/** Whether it is one of the old kinds of disk that a CSI driver may serve in their stead. */
export function isServedByCsi(volume: Volume): boolean {
  return volume.gcePersistentDisk !== undefined || volume.awsElasticBlockStore !== undefined;
}
