import { formatKey } from '../../../core/index.js';
import {
  type Node,
  PersistentVolume,
  PersistentVolumeClaim,
  type Pod,
  StorageClass,
} from '../../../resources/kinds/index.js';
import type { ClusterView } from '../../framework/index.js';
import { isMadeFor } from './claim-of-pod.js';
import { classNameOf, volumeNameOf } from './claim.js';
import { inTreePluginNamed, inTreePluginOf } from './in-tree-plugin.js';
import type { CsiVolume, VolumeUse } from './volume-use.js';

/**
 * The volume of a use, as the driver that attaches it knows it; undefined where no driver does, or the claim is not there.
 *
 * A claim that has no volume yet counts as one of the driver that will make it.
 *
 * Source: `getCSIDriverInfo` of kube-scheduler's NodeVolumeLimits.
 */
export function csiVolumeOf(use: VolumeUse, cluster: ClusterView<Pod, Node>): CsiVolume | undefined {
  if ('volume' in use) return use.volume;
  const claim = cluster.objects(PersistentVolumeClaim).get(use.claim);
  if (claim === undefined || (use.owner !== undefined && !isMadeFor(claim, use.owner))) return undefined;
  const volume = cluster.objects(PersistentVolume).get({ name: volumeNameOf(claim) });
  return volume === undefined ? volumeToBe(claim, cluster) : volumeThatIs(volume);
}

function volumeThatIs({ metadata: { labels = {} }, spec }: PersistentVolume): CsiVolume | undefined {
  if (spec?.csi !== undefined) {
    const { driver, volumeHandle } = spec.csi;
    return driver === '' || volumeHandle === '' ? undefined : { driver, handle: volumeHandle };
  }
  const plugin = spec === undefined ? undefined : inTreePluginOf(spec);
  if (spec === undefined || plugin === undefined || plugin.counted === 'never') return undefined;
  const handle = plugin.handleOf(spec, labels);
  return handle ? { driver: plugin.driver, handle, plugin } : undefined;
}

function volumeToBe(claim: PersistentVolumeClaim, cluster: ClusterView<Pod, Node>): CsiVolume | undefined {
  const { provisioner } = cluster.objects(StorageClass).get({ name: classNameOf(claim) }) ?? {};
  if (!provisioner) return undefined;
  // no driver's own, as it has a line break in it
  const handle = `claim\n${formatKey(claim.metadata)}`;
  const plugin = inTreePluginNamed(provisioner);
  if (plugin === undefined) return { driver: provisioner, handle };
  return plugin.counted === 'never' ? undefined : { driver: plugin.driver, handle, plugin };
}
