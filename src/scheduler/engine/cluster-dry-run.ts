import { type ApiObject, preview } from '../../core/index.js';
import type { Cluster, HostSlot, PlacedWorkload } from '../cluster/index.js';
import type {
  Amounts,
  DryRun,
  HostInfo,
  RoomNeeded,
  Trial,
  Verdict,
  WorkloadInfo,
} from '../framework/index.js';
import { keptFor, prepareFilters, rejectionBesideOthers } from './filters.js';
import { PluginError } from './plugin-error.js';
import type { Member, Profile } from './profile.js';
import type { VerdictTable } from './verdict-table.js';

/** Tries changes on the cluster itself, and takes them back. */
export class ClusterDryRun<W extends ApiObject, H extends ApiObject> implements DryRun<W, H> {
  readonly #profile: Profile<W, H>;
  readonly #cluster: Cluster<W, H>;
  readonly #workload: PlacedWorkload<W, H>;
  readonly #verdicts: VerdictTable;
  readonly among: Int32Array | undefined;
  readonly mayHelp: boolean;
  // the filters that have something to say about the workload; found out when they are first asked for
  #filters: readonly Member<W, H>[] | undefined;

  /**
   * @param given - Why no host will do: each verdict at least once.
   * @param among - The only hosts in question; all of them unless given.
   */
  constructor(
    profile: Profile<W, H>,
    cluster: Cluster<W, H>,
    workload: PlacedWorkload<W, H>,
    verdicts: VerdictTable,
    given: Iterable<Verdict>,
    among?: Int32Array,
  ) {
    this.among = among;
    let mayHelp = false;
    for (const { code } of given) if (code === 'Unschedulable') mayHelp = true;
    this.mayHelp = mayHelp;
    this.#profile = profile;
    this.#cluster = cluster;
    this.#workload = workload;
    this.#verdicts = verdicts;
  }

  get room(): RoomNeeded | undefined {
    let counts: Member<W, H> | undefined;
    for (const member of this.#active()) {
      const { reads } = member.plugin;
      if (reads?.room !== undefined && counts === undefined) counts = member;
      else if (!member.isLocal || reads?.placed !== false) return undefined;
    }
    if (counts === undefined) return undefined;
    return { plugin: counts.name, amounts: roomOf(counts, this.#workload) };
  }

  trial<T>(work: (trial: Trial<W>) => T): T {
    // those who have something to say now are asked, whatever is tried
    this.#active();
    const cluster = this.#cluster;
    const trial: Trial<W> = {
      remove: (workload) => {
        const placed = cluster.workload(workload.key);
        if (placed === undefined)
          throw new TypeError(`Expected ${workload.key} to be placed on a host, and it is not`);
        cluster.forget(placed);
      },
      place: (workload, host) => cluster.place(cluster.describe(workload.object), host),
    };
    return cluster.trial(() => work(trial));
  }

  verdict(host: HostInfo<W, H>): Verdict | undefined {
    return rejectionBesideOthers(
      this.#active(),
      this.#cluster,
      this.#workload,
      this.#slot(host),
      this.#verdicts,
    );
  }

  nominated(host: HostInfo<W, H>): readonly WorkloadInfo<W>[] {
    return keptFor(this.#cluster, this.#workload, this.#slot(host));
  }

  #slot(host: HostInfo<W, H>): HostSlot<W, H> {
    const slot = this.#cluster.at(host.index);
    if (slot !== host)
      throw new TypeError(`Expected the host ${JSON.stringify(host.name)} to be there, and it is gone`);
    return slot;
  }

  #active(): readonly Member<W, H>[] {
    if (this.#filters === undefined) {
      const { filters } = this.#profile;
      const prepared = prepareFilters(filters, this.#workload, this.#cluster, this.#verdicts);
      // after a no to all hosts it is not known who else would have something to say
      this.#filters =
        prepared.rejection === undefined ? prepared.active.map(({ member }) => member) : filters;
    }
    return this.#filters;
  }
}

function roomOf<W extends ApiObject, H extends ApiObject>(
  { plugin, name }: Member<W, H>,
  workload: WorkloadInfo<W>,
): Amounts {
  try {
    const amounts: unknown = plugin.reads?.room?.(workload);
    if (amounts instanceof Map && [...amounts.values()].every((amount) => Number.isFinite(amount))) {
      return amounts as Amounts;
    }
    throw new TypeError(`expected a Map of numbers, got ${preview(amounts)}`);
  } catch (error) {
    throw new PluginError(name, 'reads.room', error);
  }
}
