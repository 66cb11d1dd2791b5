import type { AnyResource } from '../../../resources/index.js';
import {
  type Node,
  PersistentVolume,
  PersistentVolumeClaim,
  type Pod,
} from '../../../resources/kinds/index.js';
import type { ClusterIndex, ClusterView, ObjectTable, WorkloadInfo } from '../../framework/index.js';
import { isBound } from './claim.js';
import type { VolumeBindings } from './volume-bindings.js';
import { VolumeIndex } from './volume-index.js';

/** What was chosen for a Pod. */
interface Reserved {
  readonly bindings: VolumeBindings;
  /** Lets it count no more; may be called again. */
  readonly undo: () => void;
  /** Whether the Pod is bound, so that nobody asks for it any more. */
  isLeft: boolean;
}

/**
 * The volumes that were chosen for Pods which are being bound: they count as taken until they are given back, or the cluster shows that
 * their claims are bound or gone.
 */
export class ReservedVolumes implements ClusterIndex<Pod, Node> {
  static make(cluster: ClusterView<Pod, Node>): ReservedVolumes {
    return new ReservedVolumes(cluster);
  }

  readonly #index: VolumeIndex;
  readonly #claims: ObjectTable<PersistentVolumeClaim>;
  readonly #volumes: ObjectTable<PersistentVolume>;
  // by the Pod as it was decided about; without those that had nothing to choose, and those that are bound and whose claims are, too
  readonly #reserved = new Map<WorkloadInfo<Pod>, Reserved>();

  constructor(cluster: ClusterView<Pod, Node>) {
    this.#index = cluster.index(VolumeIndex);
    this.#claims = cluster.objects(PersistentVolumeClaim);
    this.#volumes = cluster.objects(PersistentVolume);
  }

  /** For how many Pods something is reserved. */
  get size(): number {
    return this.#reserved.size;
  }

  /** What was chosen for a Pod counts from now on. */
  reserve(pod: WorkloadInfo<Pod>, bindings: VolumeBindings): void {
    if (bindings.bind.length === 0 && bindings.provision.length === 0) return;
    this.#reserved.set(pod, { bindings, undo: this.#index.assumed.assume(bindings), isLeft: false });
  }

  /** What was chosen for a Pod; undefined where it had nothing to choose. */
  of(pod: WorkloadInfo<Pod>): VolumeBindings | undefined {
    return this.#reserved.get(pod)?.bindings;
  }

  /** What was chosen for a Pod counts no more; nothing happens where nothing does. */
  giveBack(pod: WorkloadInfo<Pod>): void {
    this.#reserved.get(pod)?.undo();
    this.#reserved.delete(pod);
  }

  /** A Pod is bound: what was chosen for it counts only until the cluster shows it. */
  leave(pod: WorkloadInfo<Pod>): void {
    const reserved = this.#reserved.get(pod);
    if (reserved === undefined) return;
    reserved.isLeft = true;
    this.#settle(pod, reserved);
  }

  objectChanged({ group, kind }: AnyResource): void {
    const isOurs = [PersistentVolume, PersistentVolumeClaim].some(
      (resource) => resource.group === group && resource.kind === kind,
    );
    if (!isOurs) return;
    for (const [pod, reserved] of this.#reserved) this.#settle(pod, reserved);
  }

  #settle(pod: WorkloadInfo<Pod>, { bindings, undo, isLeft }: Reserved): void {
    if (!this.#isShown(bindings)) return;
    undo();
    if (isLeft) this.#reserved.delete(pod);
  }

  /** Whether the objects themselves say all of it, or will never do. */
  #isShown({ bind, provision }: VolumeBindings): boolean {
    return (
      bind.every(({ claim, volume }) => this.#isSettled(claim) && this.#isTaken(volume)) &&
      provision.every((claim) => this.#isSettled(claim))
    );
  }

  #isSettled({ metadata }: PersistentVolumeClaim): boolean {
    const { name, namespace, uid } = metadata;
    const now = this.#claims.get({ name, namespace });
    return now === undefined || now.metadata.uid !== uid || isBound(now);
  }

  #isTaken({ metadata }: PersistentVolume): boolean {
    const now = this.#volumes.get({ name: metadata.name });
    return now === undefined || now.spec?.claimRef !== undefined;
  }
}
