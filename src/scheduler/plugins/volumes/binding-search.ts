import {
  CSINode,
  type Node,
  type PersistentVolumeClaim,
  type Pod,
  StorageClass,
  type PersistentVolume,
} from '../../../resources/kinds/index.js';
import { Quantity } from '../../../core/index.js';
import type { ClusterView, ObjectTable } from '../../framework/index.js';
import type { NodeIdentity } from '../../pods/node-requirement.js';
import { classNameOf, isBound, requestedBy, volumeNameOf } from './claim.js';
import { Provisioning } from './provisioning.js';
import type { VolumeBinding, VolumeBindings } from './volume-bindings.js';
import { VolumeCandidates } from './volume-candidates.js';
import type { VolumeFacts } from './volume-facts.js';
import { VolumeIndex } from './volume-index.js';

/** What is wrong with the volumes of a Pod on a node, each a bit of the sum. */
export const UNREACHABLE = 1;
export const NO_VOLUME = 2;
export const NO_SPACE = 4;
export const NO_SUCH_VOLUME = 8;

const NOTHING: Quantity = /* @__PURE__ */ Quantity.parse('0');

/** A claim that gets its volume once its Pod has a node. */
interface WaitingClaim {
  readonly claim: PersistentVolumeClaim;
  readonly requested: Quantity;
  /** The node for which its volume is already to be made. */
  readonly selectedNode: string | undefined;
  readonly candidates: VolumeCandidates;
  readonly provisioning: Provisioning;
}

/**
 * Finds volumes for the claims of one Pod, node by node, as the cluster is now.
 *
 * Source: `FindPodVolumes` of kube-scheduler's VolumeBinding. Unlike there, a claim that is several volumes of the Pod counts once.
 */
export class BindingSearch {
  /** The claims that have no volume, and do not wait for the Pod to have a node. */
  readonly unbound: readonly PersistentVolumeClaim[];
  // the volumes of the claims that are bound; undefined for one that is not there
  readonly #bound: (VolumeFacts | undefined)[] = [];
  // the smallest first
  readonly #waiting: readonly WaitingClaim[];
  readonly #csiNodes: ObjectTable<CSINode>;

  /** @throws ApiError BadRequest where the selector of a claim makes no sense. */
  constructor(claims: readonly PersistentVolumeClaim[], cluster: ClusterView<Pod, Node>) {
    const index = cluster.index(VolumeIndex);
    const unbound: PersistentVolumeClaim[] = [];
    const waiting: WaitingClaim[] = [];
    for (const claim of claims) {
      if (isBound(claim)) {
        this.#bound.push(index.get(volumeNameOf(claim)));
        continue;
      }
      const storageClass = cluster.objects(StorageClass).get({ name: classNameOf(claim) });
      const waits = storageClass?.volumeBindingMode === 'WaitForFirstConsumer' && volumeNameOf(claim) === '';
      if (waits) waiting.push(waitingClaim(claim, storageClass, cluster, index));
      else unbound.push(claim);
    }
    this.unbound = unbound;
    this.#waiting = waiting.sort((a, b) => a.requested.cmp(b.requested));
    this.#csiNodes = cluster.objects(CSINode);
  }

  /** What is wrong on a node: a sum of bits, 0 where nothing is. */
  conflictsOn(node: NodeIdentity): number {
    return this.#search(node, [], []);
  }

  /** What has to be written for the Pod to run on a node; undefined where its volumes cannot be there. */
  bindingsOn({ name, labels }: NodeIdentity): VolumeBindings | undefined {
    const node = { name, labels };
    const bind: VolumeBinding[] = [];
    const provision: PersistentVolumeClaim[] = [];
    if (this.#search(node, bind, provision) !== 0) return undefined;
    return { node, csiNode: this.#csiNodes.get({ name }), bind, provision };
  }

  #search(node: NodeIdentity, bind: VolumeBinding[], provision: PersistentVolumeClaim[]): number {
    const csiNode = this.#csiNodes.get({ name: node.name });
    return this.#checkBound(node, csiNode) | this.#findWaiting(node, csiNode, bind, provision);
  }

  #checkBound(node: NodeIdentity, csiNode: CSINode | undefined): number {
    for (const facts of this.#bound) {
      if (facts === undefined) return NO_SUCH_VOLUME;
      if (!facts.isReachable(node, csiNode)) return UNREACHABLE;
    }
    return 0;
  }

  #findWaiting(
    node: NodeIdentity,
    csiNode: CSINode | undefined,
    bind: VolumeBinding[],
    provision: PersistentVolumeClaim[],
  ): number {
    if (this.#waiting.length === 0) return 0;
    const selected = this.#waiting.filter(({ selectedNode }) => selectedNode !== undefined);
    if (selected.some(({ selectedNode }) => selectedNode !== node.name)) return NO_VOLUME;
    const toProvision = selected;
    const taken = new Set<PersistentVolume>();
    for (const waiting of this.#waiting) {
      if (waiting.selectedNode !== undefined) continue;
      const volume = waiting.candidates.bestFor(node, csiNode, taken);
      if (volume === undefined) {
        toProvision.push(waiting);
      } else {
        taken.add(volume);
        bind.push({ claim: waiting.claim, volume });
      }
    }
    for (const { claim, provisioning } of toProvision) {
      const answer = provisioning.on(node);
      if (answer !== 'possible') return answer === 'no space' ? NO_SPACE : NO_VOLUME;
      provision.push(claim);
    }
    return 0;
  }
}

function waitingClaim(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  cluster: ClusterView<Pod, Node>,
  index: VolumeIndex,
): WaitingClaim {
  return {
    claim,
    requested: requestedBy(claim) ?? NOTHING,
    selectedNode: index.assumed.nodeOf(claim),
    candidates: new VolumeCandidates(claim, index),
    provisioning: new Provisioning(claim, storageClass, cluster),
  };
}
