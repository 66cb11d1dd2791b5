import type { Client } from '../../client/index.js';
import type { ApiObject, Logger, MetricsProvider } from '../../core/index.js';
import type { ElectionTiming } from '../../leader-election/index.js';
import type { HostPercentage } from '../engine/sample-size.js';
import type { Plugin, SchedulingModel, WorkloadInfo } from '../framework/index.js';
import type { WorkloadWriter } from './reports/workload-writer.js';

/** Rules for the workloads that ask for them by name. */
export interface SchedulerProfile<W extends ApiObject, H extends ApiObject> {
  /** The `spec.schedulerName` of the Pods that it decides about: `default-scheduler` is that of Pods that name none. */
  readonly schedulerName: string;
  /** In order: `defaultPlugins()` are kube-scheduler's. */
  readonly plugins: readonly Plugin<W, H>[];
  /** How many nodes that will do are enough for a decision: see `SchedulingEngineOptions`. Every node counts unless given. */
  readonly percentageOfNodesToScore?: HostPercentage | undefined;
}

/** Which lease decides who schedules. */
export interface SchedulerElection extends ElectionTiming {
  readonly namespace: string;
  /** The name of the Lease. */
  readonly name: string;
  /** Who this process is: unique among all that are alive at the same time; made by chance unless given. */
  readonly identity?: string | undefined;
  /** Refuses to run where the server cannot check at each write that the leader still leads; false unless given. */
  readonly requireFencing?: boolean | undefined;
}

/** What a `Scheduler` is made from. */
export interface SchedulerOptions<W extends ApiObject, H extends ApiObject> {
  readonly client: Client;
  /** One at least. All share the queue, which the first one sorts. */
  readonly profiles: readonly SchedulerProfile<W, H>[];
  /** What is placed, and where; Pods on Nodes unless given. */
  readonly model?: SchedulingModel<W, H> | undefined;
  /** How workloads are written; Pods as kube-scheduler does unless a model is given, and then by deleting who has to go alone. */
  readonly writer?: WorkloadWriter<W> | undefined;
  /**
   * The group of a workload, `namespace/name`, where it has one: members of a group are placed together, as its `PodGroup` says, or none of
   * them is. `podGroupOf` is that of Pods; each workload stands for itself unless given.
   */
  readonly groupOf?: ((workload: WorkloadInfo<W>) => string | undefined) | undefined;
  /** One process schedules and the others stand by, with everything in mind; each schedules unless given. */
  readonly leaderElection?: SchedulerElection | undefined;
  /** Draws among hosts that are equally good; by chance unless given. */
  readonly seed?: number | undefined;
  /** After so many milliseconds of decisions, and of what follows from them, other work of the process has its turn; 2 unless given. */
  readonly slice?: number | undefined;
  /** After so many milliseconds a step of a binding that has not ended is given up: `bind`, or `preBind` of a plugin; 600,000 unless given. */
  readonly bindTimeout?: number | undefined;
  /** How long a workload waits after its first rejection, in milliseconds, each one more doubles it; 1,000 unless given. */
  readonly initialBackoff?: number | undefined;
  /** The longest that this gets, in milliseconds; 10,000 unless given. */
  readonly maxBackoff?: number | undefined;
  readonly logger?: Logger | undefined;
  readonly metrics?: MetricsProvider | undefined;
}
