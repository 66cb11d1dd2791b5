import { LruMap } from '../../../core/index.js';
import { type Node, type Pod, PodDisruptionBudget } from '../../../resources/kinds/index.js';
import type {
  ClusterIndex,
  ClusterView,
  HostInfo,
  IndexDefinition,
  WorkloadInfo,
} from '../../framework/index.js';
import { demandOf } from '../room/demand.js';
import { factsOf } from '../../pods/pod-facts.js';
import { Budgets } from './budgets.js';
import { type Occupant, occupantsOf } from './occupants.js';
import { RoomClass } from './room-class.js';
import { StartTimes } from './start-times.js';

/** How many classes of Pods are remembered. */
const CLASSES = 32;

/** What is remembered of a cluster from one search for victims to the next. */
export class PreemptionIndex implements ClusterIndex<Pod, Node> {
  readonly budgets: Budgets;
  readonly starts: StartTimes = new StartTimes();
  readonly #cluster: ClusterView<Pod, Node>;
  // by the index of the host: who is on it, the most important first; undefined where nobody has asked since that has changed
  readonly #occupants: (readonly Occupant[] | undefined)[] = [];
  // by priority and demand
  readonly #classes = new LruMap<RoomClass>(CLASSES);

  constructor(cluster: ClusterView<Pod, Node>) {
    this.#cluster = cluster;
    this.budgets = new Budgets(cluster.objects(PodDisruptionBudget));
  }

  placed(_pod: WorkloadInfo<Pod>, host: HostInfo<Pod, Node>): void {
    this.#forget(host);
  }

  removed(_pod: WorkloadInfo<Pod>, host: HostInfo<Pod, Node>): void {
    this.#forget(host);
  }

  hostEntered(host: HostInfo<Pod, Node>): void {
    this.#forget(host);
  }

  hostLeaving(host: HostInfo<Pod, Node>): void {
    this.#forget(host);
  }

  /** Those on a host, the most important first: the same list as long as nothing has changed there. */
  occupantsOf(host: HostInfo<Pod, Node>): readonly Occupant[] {
    let occupants = this.#occupants[host.index];
    if (occupants === undefined) {
      occupants = occupantsOf(host.workloads, this.starts);
      this.#occupants[host.index] = occupants;
    }
    return occupants;
  }

  /** What is remembered for all Pods that request the same and are of the same priority. */
  classOf(pod: WorkloadInfo<Pod>): RoomClass {
    const demand = factsOf(pod).spec.of(demandOf);
    const key = JSON.stringify([pod.priority, demand.resources, demand.amounts]);
    let cls = this.#classes.get(key);
    if (cls === undefined) {
      cls = new RoomClass(pod.priority, demand, this.#cluster, this.budgets);
      this.#classes.set(key, cls);
    }
    return cls;
  }

  #forget({ index }: HostInfo<Pod, Node>): void {
    this.#occupants[index] = undefined;
  }
}

export const preemptionIndex: IndexDefinition<Pod, Node, PreemptionIndex> = {
  make: (cluster) => new PreemptionIndex(cluster),
};
