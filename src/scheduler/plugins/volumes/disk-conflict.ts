import type { Volume } from '../../../resources/kinds/index.js';

/**
 * Whether two volumes are the same disk, and not both for reading alone. An AWS disk has one user in any case.
 *
 * Source: `isVolumeConflict` of kube-scheduler's VolumeRestrictions.
 */
export function areInConflict(a: Volume, b: Volume): boolean {
  const { gcePersistentDisk: gce, awsElasticBlockStore: aws, iscsi, rbd } = a;
  if (gce !== undefined && gce.pdName === b.gcePersistentDisk?.pdName) {
    return !areReadOnly(gce, b.gcePersistentDisk);
  }
  if (aws !== undefined && aws.volumeID === b.awsElasticBlockStore?.volumeID) return true;
  if (iscsi !== undefined && iscsi.iqn === b.iscsi?.iqn) return !areReadOnly(iscsi, b.iscsi);
  if (rbd === undefined || b.rbd === undefined) return false;
  const { monitors, pool = 'rbd', image } = b.rbd;
  return (
    rbd.image === image &&
    (rbd.pool ?? 'rbd') === pool &&
    rbd.monitors.some((monitor) => monitors.includes(monitor)) &&
    !areReadOnly(rbd, b.rbd)
  );
}

function areReadOnly(a: { readonly readOnly?: boolean }, b: { readonly readOnly?: boolean }): boolean {
  return a.readOnly === true && b.readOnly === true;
}
