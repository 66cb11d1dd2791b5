import { CSINode, type Node, PersistentVolume, type Pod } from '../../../resources/kinds/index.js';
import type { ClusterView, HostInfo } from '../../framework/index.js';
import { csiVolumeOf } from './csi-volume-of.js';
import { isNamedBy } from './in-tree-plugin.js';
import type { CsiVolume, VolumeUse } from './volume-use.js';
import { VolumeUsers } from './volume-users.js';

/** Handles of volumes, by the driver that attaches them. */
type Handles = Map<string, Set<string>>;

/** The volumes that would have to be attached to a node for a Pod, against what the node's drivers can attach. */
export class NewVolumes {
  readonly #cluster: ClusterView<Pod, Node>;
  readonly #users: VolumeUsers;
  readonly #volumes: readonly CsiVolume[];

  /** @param uses - What the Pod uses. */
  constructor(uses: readonly VolumeUse[], cluster: ClusterView<Pod, Node>) {
    this.#cluster = cluster;
    this.#users = cluster.index(VolumeUsers);
    this.#volumes = uses
      .map((use) => csiVolumeOf(use, cluster))
      .filter((volume): volume is CsiVolume => volume !== undefined);
  }

  /**
   * Whether they are too many for a driver on a host, beside what is attached already: for the Pods that are there, or by a
   * VolumeAttachment. A volume counts once, however many use it.
   */
  areTooManyFor({ index, name }: HostInfo<Pod, Node>): boolean {
    if (this.#volumes.length === 0) return false;
    const csiNode = this.#cluster.objects(CSINode).get({ name });
    if (csiNode === undefined) return false;
    const limits = limitsOf(csiNode);
    const limited = this.#volumes.filter((volume) => limits.has(volume.driver) && isCounted(volume, csiNode));
    if (limited.length === 0) return false;
    // most nodes are far from their limits: then the number of all volumes there says enough
    const atMost = limited.length + this.#users.on(index).size + this.#users.attachedTo(name).length;
    if (limited.every(({ driver }) => atMost <= (limits.get(driver) as number))) return false;

    const there = this.#attached(index, name, csiNode);
    const added: Handles = new Map();
    for (const { driver, handle } of limited) {
      if (there.get(driver)?.has(handle) !== true) addTo(added, driver, handle);
    }
    for (const [driver, handles] of added) {
      if (handles.size + (there.get(driver)?.size ?? 0) > (limits.get(driver) as number)) return true;
    }
    return false;
  }

  #attached(host: number, node: string, csiNode: CSINode): Handles {
    const handles: Handles = new Map();
    for (const { use } of this.#users.on(host).values()) {
      const volume = csiVolumeOf(use, this.#cluster);
      if (volume !== undefined && isCounted(volume, csiNode)) addTo(handles, volume.driver, volume.handle);
    }
    const volumes = this.#cluster.objects(PersistentVolume);
    for (const { spec } of this.#users.attachedTo(node)) {
      const { persistentVolumeName } = spec.source;
      if (persistentVolumeName === undefined) continue;
      const csi = volumes.get({ name: persistentVolumeName })?.spec?.csi;
      if (csi !== undefined) addTo(handles, spec.attacher, csi.volumeHandle);
    }
    return handles;
  }
}

/** How many volumes each driver can attach to a node, where it says. */
export function limitsOf({ spec: { drivers = [] } }: CSINode): ReadonlyMap<string, number> {
  const limits = new Map<string, number>();
  for (const { name, allocatable } of drivers) {
    if (allocatable?.count !== undefined) limits.set(name, allocatable.count);
  }
  return limits;
}

/** Whether a node counts a volume: that of a plugin which its driver has not taken over there, it does not. */
function isCounted({ plugin }: CsiVolume, csiNode: CSINode): boolean {
  return plugin?.counted !== 'where named' || isNamedBy(csiNode, plugin);
}

function addTo(handles: Handles, driver: string, handle: string): void {
  const ofDriver = handles.get(driver);
  if (ofDriver === undefined) handles.set(driver, new Set([handle]));
  else ofDriver.add(handle);
}
