import { jsonEqual, preview, Quantity } from '../../core/index.js';
import {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  type Node,
  PersistentVolume,
  PersistentVolumeClaim,
  type Pod,
  StorageClass,
} from '../../resources/kinds/index.js';
import {
  definePlugin,
  type ClusterEvent,
  type ClusterView,
  type Plugin,
  type Rejection,
  SKIP,
  unresolvable,
  unschedulable,
  type WorkloadInfo,
} from '../framework/index.js';
import { BindingSearch, NO_SPACE, NO_SUCH_VOLUME, NO_VOLUME, UNREACHABLE } from './volumes/binding-search.js';
import { changeOf } from './volumes/change-of.js';
import { claimNotFound, isMadeFor } from './volumes/claim-of-pod.js';
import { claimKey, volumeNameOf } from './volumes/claim.js';
import { namedPlugins } from './volumes/in-tree-plugin.js';
import { bindClaims } from './volumes/bind-claims.js';
import { chooseBindings } from './volumes/choose-bindings.js';
import { claimsOf, usesClaim, volumesOf } from './volumes/pod-volumes.js';
import { ReservedVolumes } from './volumes/reserved-volumes.js';

export interface VolumeBindingArgs {
  /** How many milliseconds it may take until the claims of a Pod are bound; 600 000 unless given. */
  readonly bindTimeout?: number | undefined;
}

const REASONS: readonly (readonly [number, string])[] = [
  [UNREACHABLE, "node(s) didn't match PersistentVolume's node affinity"],
  [NO_VOLUME, "node(s) didn't find available persistent volumes to bind"],
  [NO_SPACE, 'node(s) did not have enough free storage'],
  [NO_SUCH_VOLUME, 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)'],
];
const TAKEN: Rejection = /* @__PURE__ */ unschedulable(
  "node(s) didn't have the volumes that were chosen any more",
);
const UNBOUND: Rejection = /* @__PURE__ */ unresolvable('pod has unbound immediate PersistentVolumeClaims');

/**
 * Keeps Pods to nodes where their claims have, or can get, volumes.
 *
 * - The volume of a bound claim must be in reach of the node.
 * - A claim that waits for its Pod gets the smallest volume that will do, equal ones by name, or one that is made for it.
 * - A claim that does not wait must be bound before.
 * - What is chosen for a Pod counts for the decisions that follow at once. Before the Pod is bound it is written, and waited for.
 *
 * It scores nothing: kube-scheduler does so with a feature gate only, which is off.
 *
 * @throws RangeError where `bindTimeout` is not above 0.
 */
export function volumeBinding(args: VolumeBindingArgs = {}): Plugin<Pod, Node> {
  const { bindTimeout = 600_000 } = args;
  if (!(bindTimeout > 0)) {
    throw new RangeError(
      `volumeBinding: expected bindTimeout to be a number of milliseconds above 0, got ${preview(bindTimeout)}`,
    );
  }
  // what was said of nodes, by the sum of what is wrong
  const said = new Map<number, Rejection>();
  return definePlugin<Pod, Node, BindingSearch>({
    name: 'VolumeBinding',
    reads: {
      kinds: [PersistentVolumeClaim, PersistentVolume, StorageClass, CSINode, CSIDriver, CSIStorageCapacity],
    },
    preFilter(pod, cluster) {
      if (volumesOf(pod).claims.length === 0) return SKIP;
      const claims: PersistentVolumeClaim[] = [];
      const problem = findClaims(pod, cluster, claims);
      if (problem !== undefined) return unresolvable(problem);
      const search = new BindingSearch(claims, cluster);
      return search.unbound.length > 0 ? UNBOUND : { state: search };
    },
    filter(_pod, host, search) {
      const conflicts = search.conflictsOn(host);
      if (conflicts === 0) return undefined;
      let rejection = said.get(conflicts);
      if (rejection === undefined) {
        const reasons = REASONS.filter(([bit]) => (conflicts & bit) !== 0).map(([, reason]) => reason);
        said.set(conflicts, (rejection = unresolvable(...reasons)));
      }
      return rejection;
    },
    preScore: () => SKIP,
    score: () => 0,
    reserve(pod, host, cluster) {
      if (volumesOf(pod).claims.length === 0) return undefined;
      const bindings = chooseBindings(pod, { name: host.name, labels: host.labels }, cluster);
      if (bindings === undefined) return TAKEN;
      cluster.index(ReservedVolumes).reserve(pod, bindings);
      return undefined;
    },
    unreserve: (pod, _host, cluster) => cluster.index(ReservedVolumes).giveBack(pod),
    preBind(pod, _host, context) {
      const { client, cluster } = context;
      const bindings = cluster.index(ReservedVolumes).of(pod);
      if (bindings === undefined) return undefined;
      return bindClaims(client, bindings, { signal: context.signal, timeout: bindTimeout });
    },
    postBind: (pod, _host, cluster) => cluster.index(ReservedVolumes).leave(pod),
    wakes: (event, pod) =>
      volumesOf(pod).claims.length > 0 &&
      (canBeReached(event) || canBeBound(event, pod) || canBeMade(event) || isGivenBack(event)),
  });
}

/** The claims of a Pod, or what is wrong with one of them. */
function findClaims(
  pod: WorkloadInfo<Pod>,
  cluster: ClusterView<Pod, Node>,
  found: PersistentVolumeClaim[],
): string | undefined {
  const { namespace } = pod;
  const table = cluster.objects(PersistentVolumeClaim);
  for (const { name, ephemeral } of claimsOf(pod)) {
    const claim = table.get({ namespace, name });
    if (claim === undefined) {
      return ephemeral
        ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
        : claimNotFound(name);
    }
    if (claim.status?.phase === 'Lost') {
      return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${volumeNameOf(claim)}"`;
    }
    if (claim.metadata.deletionTimestamp !== undefined)
      return `persistentvolumeclaim "${name}" is being deleted`;
    if (ephemeral && !isMadeFor(claim, pod.object)) {
      return `PVC ${claimKey(claim)} was not created for pod ${pod.key} (pod is not owner)`;
    }
    found.push(claim);
  }
  return undefined;
}

/** Whether a node may reach volumes that it could not reach before. */
function canBeReached(event: ClusterEvent<Pod, Node>): boolean {
  if (event.type === 'host') {
    return (
      event.before === undefined ||
      !jsonEqual(event.before.metadata.labels, event.host.object.metadata.labels)
    );
  }
  const change = changeOf(event, CSINode);
  if (change === undefined) return false;
  return change.before === undefined || namedPlugins(change.before) !== namedPlugins(change.after);
}

/** Whether a claim of the Pod may have, or get, a volume that it had not. */
function canBeBound(event: ClusterEvent<Pod, Node>, pod: WorkloadInfo<Pod>): boolean {
  if (changeOf(event, PersistentVolume) !== undefined) return true;
  const change = changeOf(event, PersistentVolumeClaim);
  return change !== undefined && usesClaim(pod, change.after);
}

/** Whether volumes may have been given back that were chosen for another Pod, which was not bound after all. */
function isGivenBack(event: ClusterEvent<Pod, Node>): boolean {
  if (event.type !== 'removed' || (event.workload.object.spec.nodeName ?? '') !== '') return false;
  return volumesOf(event.workload).claims.length > 0;
}

/** Whether a volume may be made where it could not be made before. */
function canBeMade(event: ClusterEvent<Pod, Node>): boolean {
  const ofClass = changeOf(event, StorageClass);
  if (ofClass !== undefined) {
    return (
      !jsonEqual(ofClass.before?.allowedTopologies, ofClass.after.allowedTopologies) ||
      ofClass.before === undefined
    );
  }
  const ofDriver = changeOf(event, CSIDriver);
  if (ofDriver !== undefined) {
    return ofDriver.before?.spec.storageCapacity === true && ofDriver.after.spec.storageCapacity !== true;
  }
  const ofCapacity = changeOf(event, CSIStorageCapacity);
  if (ofCapacity === undefined) return false;
  const { before, after } = ofCapacity;
  return (
    before === undefined ||
    roomOf(after) > roomOf(before) ||
    !jsonEqual(before.nodeTopology, after.nodeTopology)
  );
}

/** The largest volume, in bytes, that a store has room for. */
function roomOf({ maximumVolumeSize, capacity }: CSIStorageCapacity): bigint {
  const limit = maximumVolumeSize ?? capacity;
  return limit === undefined ? -1n : Quantity.parse(limit).value();
}
