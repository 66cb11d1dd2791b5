import type { CSINode, PersistentVolume, PersistentVolumeClaim } from '../../../resources/kinds/index.js';
import type { NodeIdentity } from '../../pods/node-requirement.js';

/** A claim and the volume that it is to have. */
export interface VolumeBinding {
  readonly claim: PersistentVolumeClaim;
  readonly volume: PersistentVolume;
}

/** What has to be written for the claims of a Pod to get volumes on a node. */
export interface VolumeBindings {
  readonly node: NodeIdentity;
  readonly csiNode: CSINode | undefined;
  /** Claims that get a volume that is there. */
  readonly bind: readonly VolumeBinding[];
  /** Claims for which a volume is to be made on the node. */
  readonly provision: readonly PersistentVolumeClaim[];
}
