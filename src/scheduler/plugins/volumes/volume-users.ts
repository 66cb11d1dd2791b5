import { formatKey } from '../../../core/index.js';
import { type Node, type Pod, VolumeAttachment } from '../../../resources/kinds/index.js';
import type { AnyResource } from '../../../resources/index.js';
import type {
  ClusterIndex,
  ClusterView,
  HostInfo,
  ObjectTable,
  WorkloadInfo,
} from '../../framework/index.js';
import { volumesOf } from './pod-volumes.js';
import { type VolumeUse, usesOf } from './volume-use.js';

/** A volume that Pods on a node use, and how many do. */
interface CountedUse {
  readonly use: VolumeUse;
  pods: number;
}

const NO_USES: ReadonlyMap<string, CountedUse> = /* @__PURE__ */ new Map<string, CountedUse>();
const NO_ATTACHMENTS: readonly VolumeAttachment[] = /* @__PURE__ */ Object.freeze([]);

/** Which volumes are used by the Pods that are placed, and which are attached to nodes. */
export class VolumeUsers implements ClusterIndex<Pod, Node> {
  static make(cluster: ClusterView<Pod, Node>): VolumeUsers {
    const users = new VolumeUsers(cluster);
    for (const host of cluster.hosts()) users.hostEntered(host);
    return users;
  }

  // by the key of a claim, how many volumes of Pods name it; no count is 0
  readonly #claims = new Map<string, number>();
  // by the index of a host the volumes that are used there, by their key; no map is empty, no count 0
  readonly #hosts = new Map<number, Map<string, CountedUse>>();
  readonly #table: ObjectTable<VolumeAttachment>;
  // by the name of the node; undefined as long as nobody has asked since one changed
  #attachments: Map<string, VolumeAttachment[]> | undefined;

  private constructor(cluster: ClusterView<Pod, Node>) {
    this.#table = cluster.objects(VolumeAttachment);
  }

  /** Whether a Pod that is placed names a claim. */
  isUsed(claim: string): boolean {
    return this.#claims.has(claim);
  }

  /** The volumes that Pods on a host use, by their key. */
  on(host: number): ReadonlyMap<string, { readonly use: VolumeUse }> {
    return this.#hosts.get(host) ?? NO_USES;
  }

  /** What is attached to a node, or about to be. */
  attachedTo(node: string): readonly VolumeAttachment[] {
    if (this.#table.size === 0) return NO_ATTACHMENTS;
    this.#attachments ??= this.#byNode();
    return this.#attachments.get(node) ?? NO_ATTACHMENTS;
  }

  placed(pod: WorkloadInfo<Pod>, { index }: HostInfo<Pod, Node>): void {
    for (const { claim } of volumesOf(pod).claims) {
      if (claim === undefined) continue;
      const key = formatKey({ namespace: pod.namespace, name: claim });
      this.#claims.set(key, (this.#claims.get(key) ?? 0) + 1);
    }
    for (const use of usesOf(pod)) {
      let uses = this.#hosts.get(index);
      if (uses === undefined) this.#hosts.set(index, (uses = new Map()));
      const counted = uses.get(use.key);
      if (counted === undefined) uses.set(use.key, { use, pods: 1 });
      else counted.pods += 1;
    }
  }

  removed(pod: WorkloadInfo<Pod>, { index }: HostInfo<Pod, Node>): void {
    for (const { claim } of volumesOf(pod).claims) {
      if (claim === undefined) continue;
      const key = formatKey({ namespace: pod.namespace, name: claim });
      const left = (this.#claims.get(key) as number) - 1;
      if (left === 0) this.#claims.delete(key);
      else this.#claims.set(key, left);
    }
    for (const { key } of usesOf(pod)) {
      const uses = this.#hosts.get(index) as Map<string, CountedUse>;
      const counted = uses.get(key) as CountedUse;
      counted.pods -= 1;
      if (counted.pods === 0) uses.delete(key);
      if (uses.size === 0) this.#hosts.delete(index);
    }
  }

  hostEntered(host: HostInfo<Pod, Node>): void {
    for (const pod of host.workloads) this.placed(pod, host);
  }

  hostLeaving(host: HostInfo<Pod, Node>): void {
    for (const pod of host.workloads) this.removed(pod, host);
  }

  objectChanged({ group, kind }: AnyResource): void {
    if (kind === VolumeAttachment.kind && group === VolumeAttachment.group) this.#attachments = undefined;
  }

  #byNode(): Map<string, VolumeAttachment[]> {
    const byNode = new Map<string, VolumeAttachment[]>();
    for (const attachment of this.#table) {
      const { nodeName } = attachment.spec;
      const attached = byNode.get(nodeName);
      if (attached === undefined) byNode.set(nodeName, [attachment]);
      else attached.push(attachment);
    }
    return byNode;
  }
}
