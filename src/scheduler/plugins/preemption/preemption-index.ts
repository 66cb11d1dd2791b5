import { LruMap } from '../../../core/index.js';
import { type Node, type Pod, PodDisruptionBudget } from '../../../resources/kinds/index.js';
import type {
  ClusterIndex,
  ClusterView,
  HostInfo,
  IndexDefinition,
  RoomNeeded,
  WorkloadInfo,
} from '../../framework/index.js';
import { Budgets } from './budgets.js';
import { type Occupant, occupantsOf } from './occupants.js';
import { RoomClass } from './room-class.js';
import { isSameList } from './same-list.js';
import { StartTimes } from './start-times.js';

/** How many classes of Pods are remembered, each with some 60 bytes a host: as many as the engine remembers for sure. */
const CLASSES = 64;

/** Those on a host: as it listed them at some time, and the most important first. */
interface Known {
  readonly listed: readonly WorkloadInfo<Pod>[];
  readonly occupants: readonly Occupant[];
}

/** What is remembered of a cluster from one search for victims to the next. */
export class PreemptionIndex implements ClusterIndex<Pod, Node> {
  readonly budgets: Budgets;
  readonly starts: StartTimes = new StartTimes();
  readonly #cluster: ClusterView<Pod, Node>;
  // by the index of the host: who was on it when somebody asked; undefined where nobody has asked since the host has changed
  readonly #known: (Known | undefined)[] = [];
  // by the index of the host: whether nobody has come or gone since #known was found out, or found to be true again
  readonly #isSure: boolean[] = [];
  // by priority and room
  readonly #classes = new LruMap<RoomClass>(CLASSES);

  constructor(cluster: ClusterView<Pod, Node>) {
    this.#cluster = cluster;
    this.budgets = new Budgets(cluster.objects(PodDisruptionBudget));
  }

  placed(_pod: WorkloadInfo<Pod>, { index }: HostInfo<Pod, Node>): void {
    this.#isSure[index] = false;
  }

  removed(_pod: WorkloadInfo<Pod>, { index }: HostInfo<Pod, Node>): void {
    this.#isSure[index] = false;
  }

  hostEntered({ index }: HostInfo<Pod, Node>): void {
    this.#known[index] = undefined;
  }

  hostLeaving({ index }: HostInfo<Pod, Node>): void {
    this.#known[index] = undefined;
  }

  /** Those on a host, the most important first: the same list as long as the host and those on it are the same, whatever was tried meanwhile. */
  occupantsOf({ index, workloads }: HostInfo<Pod, Node>): readonly Occupant[] {
    let known = this.#known[index];
    if (known !== undefined && this.#isSure[index] === true) return known.occupants;
    if (known === undefined || !isSameList(known.listed, workloads)) {
      known = { listed: [...workloads], occupants: occupantsOf(workloads, this.starts) };
      this.#known[index] = known;
    }
    this.#isSure[index] = true;
    return known.occupants;
  }

  /** What is remembered for all Pods that need the same room and are of the same priority. */
  classOf({ priority }: WorkloadInfo<Pod>, room: RoomNeeded): RoomClass {
    const key = JSON.stringify([priority, room.plugin, ...room.amounts]);
    let cls = this.#classes.get(key);
    if (cls === undefined) {
      cls = new RoomClass(priority, room, this.#cluster, this.budgets);
      this.#classes.set(key, cls);
    }
    return cls;
  }
}

export const preemptionIndex: IndexDefinition<Pod, Node, PreemptionIndex> = {
  make: (cluster) => new PreemptionIndex(cluster),
};
