import { type ApiObject, preview } from '../../core/index.js';
import type { AnyResource } from '../../resources/index.js';
import type { Cluster, PlacedWorkload } from '../cluster/index.js';
import { ProfileEngine } from '../engine/profile-engine.js';
import type { Member } from '../engine/profile.js';
import type { Plugin, WorkloadInfo } from '../framework/index.js';
import type { SchedulerProfile } from './scheduler-options.js';

/** A profile at work. */
export interface WorkingProfile<W extends ApiObject, H extends ApiObject> {
  readonly name: string;
  readonly engine: ProfileEngine<W, H>;
  readonly members: readonly Member<W, H>[];
}

/** The profiles of a scheduler, by the name that workloads ask for. */
export class Profiles<W extends ApiObject, H extends ApiObject> {
  readonly #cluster: Cluster<W, H>;
  readonly #profiles = new Map<string, WorkingProfile<W, H>>();
  readonly #plugins: ReadonlyMap<string, readonly Plugin<W, H>[]>;

  /** @throws TypeError or RangeError where there is no profile, two have one name, or plugins or a percentage make no sense. */
  constructor(cluster: Cluster<W, H>, profiles: readonly SchedulerProfile<W, H>[], seed: number) {
    this.#cluster = cluster;
    if (!Array.isArray(profiles) || profiles.length === 0) {
      throw new TypeError(`Scheduler: profiles: expected one at least, got ${preview(profiles)}`);
    }
    for (const profile of profiles as readonly SchedulerProfile<W, H>[]) {
      const { schedulerName, plugins, percentageOfNodesToScore } = profile;
      if (typeof schedulerName !== 'string' || schedulerName === '') {
        throw new TypeError(
          `Scheduler: profiles: expected schedulerName to be a text, got ${preview(schedulerName)}`,
        );
      }
      if (this.#profiles.has(schedulerName)) {
        throw new TypeError(
          `Scheduler: profiles: expected names that differ, got ${preview(schedulerName)} twice`,
        );
      }
      const engine = new ProfileEngine(cluster, plugins, seed, percentageOfNodesToScore);
      this.#profiles.set(schedulerName, { name: schedulerName, engine, members: engine.profile.members });
    }
    this.#plugins = new Map(profiles.map(({ schedulerName, plugins }) => [schedulerName, plugins]));
  }

  get names(): readonly string[] {
    return [...this.#profiles.keys()];
  }

  /** The plugin that sorts the queue of all profiles. */
  get sort(): Plugin<W, H> | undefined {
    const [first] = this.#plugins.values();
    return first?.find((plugin) => plugin.less !== undefined);
  }

  /** The kinds that plugins look at, beside hosts and workloads. */
  get kinds(): readonly AnyResource[] {
    const kinds = new Map<string, AnyResource>();
    for (const plugins of this.#plugins.values()) {
      for (const { reads } of plugins) {
        for (const kind of reads?.kinds ?? []) kinds.set(`${kind.group}/${kind.kind}`, kind);
      }
    }
    const { workload, host } = this.#cluster.model;
    for (const { group, kind } of [workload, host]) kinds.delete(`${group}/${kind}`);
    return [...kinds.values()];
  }

  /** The profile that decides about a workload; undefined where another scheduler does. */
  of(workload: W): WorkingProfile<W, H> | undefined {
    const name = this.#cluster.model.schedulerNameOf?.(workload);
    if (name !== undefined) return this.#profiles.get(name);
    const [first] = this.#profiles.values();
    return first;
  }

  /** The plugins of the profile of a workload in the queue. */
  pluginsOf({ object }: WorkloadInfo<W>): readonly Plugin<W, H>[] {
    return this.#plugins.get(this.of(object)?.name ?? '') ?? [];
  }

  /** A workload of the queue, which is one that the cluster has described. */
  describe(workload: WorkloadInfo<W>): PlacedWorkload<W, H> {
    return workload as PlacedWorkload<W, H>;
  }
}
