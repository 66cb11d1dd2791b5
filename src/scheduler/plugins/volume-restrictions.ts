import { formatKey } from '../../core/index.js';
import { type Node, PersistentVolumeClaim, type Pod, type Volume } from '../../resources/kinds/index.js';
import {
  definePlugin,
  type HostInfo,
  type Plugin,
  type Rejection,
  SKIP,
  unresolvable,
  unschedulable,
  type WorkloadInfo,
} from '../framework/index.js';
import { changeOf } from './volumes/change-of.js';
import { claimNotFound } from './volumes/claim-of-pod.js';
import { areInConflict } from './volumes/disk-conflict.js';
import { volumesOf } from './volumes/pod-volumes.js';
import { VolumeUsers } from './volumes/volume-users.js';

interface State {
  readonly disks: readonly Volume[];
  /** The keys of the claims that one Pod at a time may use. */
  readonly exclusive: readonly string[];
  readonly users: VolumeUsers;
}

const DISK_TAKEN: Rejection = /* @__PURE__ */ unschedulable('node(s) had no available disk');
const CLAIM_IN_USE: Rejection = /* @__PURE__ */ unschedulable(
  'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod',
);

/**
 * Keeps Pods off nodes where others write to their disks (GCE, AWS, RBD and iSCSI, named in the Pod itself), and off all nodes while
 * another Pod uses a claim of theirs that is `ReadWriteOncePod`.
 */
export function volumeRestrictions(): Plugin<Pod, Node> {
  return definePlugin<Pod, Node, State>({
    name: 'VolumeRestrictions',
    reads: { kinds: [PersistentVolumeClaim] },
    preFilter(pod, cluster) {
      const { claims, disks } = volumesOf(pod);
      if (claims.length === 0 && disks.length === 0) return SKIP;
      const exclusive = new Set<string>();
      for (const { claim: name } of claims) {
        if (name === undefined) continue;
        const key = { namespace: pod.namespace, name };
        const claim = cluster.objects(PersistentVolumeClaim).get(key);
        if (claim === undefined) return unresolvable(claimNotFound(name));
        if (claim.spec?.accessModes?.includes('ReadWriteOncePod')) exclusive.add(formatKey(key));
      }
      if (disks.length === 0 && exclusive.size === 0) return SKIP;
      const users = cluster.index(VolumeUsers);
      const inUse = [...exclusive].filter((key) => users.isUsed(key));
      if (disks.length === 0 && inUse.length === 0) return SKIP;
      return { state: { disks, exclusive: [...exclusive], users } };
    },
    filter(_pod, host, { disks, exclusive, users }) {
      if (disks.length > 0 && isDiskTaken(disks, host)) return DISK_TAKEN;
      return exclusive.some((key) => users.isUsed(key)) ? CLAIM_IN_USE : undefined;
    },
    wakes(event, pod) {
      const { claims, disks } = volumesOf(pod);
      if (event.type === 'host') return event.before === undefined && disks.length > 0;
      if (event.type === 'removed') return shares(event.workload, pod);
      const change = changeOf(event, PersistentVolumeClaim);
      if (change === undefined || change.after.metadata.namespace !== pod.namespace) return false;
      return claims.some(({ claim }) => claim === change.after.metadata.name);
    },
  });
}

function isDiskTaken(disks: readonly Volume[], host: HostInfo<Pod, Node>): boolean {
  return host.workloads.some((pod) =>
    volumesOf(pod).disks.some((taken) => disks.some((disk) => areInConflict(disk, taken))),
  );
}

/** Whether a Pod that has gone used a claim or a disk of another. */
function shares(gone: WorkloadInfo<Pod>, pod: WorkloadInfo<Pod>): boolean {
  const { claims, disks } = volumesOf(gone);
  const wanted = volumesOf(pod);
  if (disks.some((taken) => wanted.disks.some((disk) => areInConflict(disk, taken)))) return true;
  if (gone.namespace !== pod.namespace) return false;
  return claims.some(({ claim }) => claim !== undefined && wanted.claims.some((own) => own.claim === claim));
}
