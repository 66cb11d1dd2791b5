import type { ApiObject, Clock } from '../../core/index.js';
import type { ClusterView, Plugin, WorkloadInfo } from '../framework/index.js';
import type { QueuePlugin, QueueStep } from './queue-plugin.js';

export interface SchedulingQueueOptions<W extends ApiObject, H extends ApiObject> {
  readonly clock: Clock;
  /** The plugins of a workload's profile, in order, always the same objects. It must not throw. */
  pluginsOf(workload: WorkloadInfo<W>): readonly QueuePlugin<W, H>[];
  /** Handed to `preEnqueue`. */
  readonly cluster: ClusterView<W, H>;
  /** The plugin whose `less` says what is tried first; the higher priority, and then what has waited longer, unless given. */
  readonly sort?: Pick<Plugin<W, H>, 'name' | 'less'> | undefined;
  /**
   * What plugins can see of a workload beside its name, as a key of a Map: for workloads with the same answer each plugin answers the
   * same. `preEnqueue` may differ, as long as `wakes` does not.
   *
   * It lets a plugin that reads no `part` be asked once for all workloads that are alike, and tells changes that cannot help, such as
   * those of a status, from others. Unless given, each state of each workload is like no other. It must not throw.
   */
  readonly alike?: ((workload: WorkloadInfo<W>) => unknown) | undefined;
  /** How long a workload waits after its first rejection, in milliseconds; each one more doubles it; 1,000 unless given. */
  readonly initialBackoff?: number | undefined;
  /** The longest that this gets, in milliseconds; 10,000 unless given. */
  readonly maxBackoff?: number | undefined;
  /** What was rejected this long ago is tried again even if nobody says that it can help, in milliseconds; 300,000 unless given. */
  readonly flushAfter?: number | undefined;
  /** Told where something can be popped and nothing could before. Called last of all, so that it may call the queue. */
  onReady(): void;
  /** Told of each failure of a plugin: the queue goes on without its answer. Called before `onReady`, when all else is done. */
  onError(error: unknown, plugin: string, step: QueueStep): void;
}
