import { LabelSelector, Quantity } from '../../../src/core/index.js';
import type { Cluster } from './cluster.js';
import { matchesSelector } from './node-selector.js';
import type { Node, PersistentVolume, PersistentVolumeClaim } from './types.js';

/**
 * The volume that a claim would get on a node: the one that is kept for it, else the smallest that suits it.
 *
 * Known of Kubernetes, not from the vectors. Of equal ones the first in the list is taken.
 * Undefined where there is none, or where the node cannot reach the one that is kept.
 */
export function findVolume(
  claim: PersistentVolumeClaim,
  node: Node,
  taken: readonly PersistentVolume[],
  cluster: Cluster,
): PersistentVolume | undefined {
  const candidates = (cluster.persistentVolumes ?? []).filter(
    (volume) =>
      (volume.spec.storageClassName ?? '') === (claim.spec.storageClassName ?? '') &&
      !taken.includes(volume) &&
      volume.metadata.deletionTimestamp === undefined &&
      (volume.spec.volumeMode ?? 'Filesystem') === (claim.spec.volumeMode ?? 'Filesystem') &&
      capacity(volume).cmp(requested(claim)) >= 0,
  );
  const kept = candidates.find((volume) => isKeptFor(volume, claim));
  if (kept !== undefined) return isReachable(kept, node) ? kept : undefined;
  const [smallest] = candidates
    .filter((volume) => isAvailableTo(claim, volume) && isReachable(volume, node))
    .toSorted((a, b) => capacity(a).cmp(capacity(b)));
  return smallest;
}

/** Whether the node has the labels that the volume's node affinity asks for. */
export function isReachable(volume: PersistentVolume, node: Node): boolean {
  const required = volume.spec.nodeAffinity?.required;
  return required === undefined || matchesSelector(required, node.metadata.labels, undefined);
}

function isKeptFor(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const kept = volume.spec.claimRef;
  const { namespace, name, uid } = claim.metadata;
  return kept?.namespace === namespace && kept.name === name && ['', undefined, uid].includes(kept.uid);
}

function isAvailableTo(claim: PersistentVolumeClaim, volume: PersistentVolume): boolean {
  const { selector, accessModes = [] } = claim.spec;
  const modes = volume.spec.accessModes ?? [];
  return (
    volume.spec.claimRef === undefined &&
    volume.status?.phase === 'Available' &&
    (selector === undefined || LabelSelector.from(selector).matches(volume.metadata.labels)) &&
    accessModes.every((mode) => modes.includes(mode))
  );
}

function capacity(volume: PersistentVolume): Quantity {
  return Quantity.parse(volume.spec.capacity?.['storage'] ?? '0');
}

function requested(claim: PersistentVolumeClaim): Quantity {
  return Quantity.parse(claim.spec.resources?.requests?.['storage'] ?? '0');
}
