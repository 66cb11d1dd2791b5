import type { ApiObject } from '../../core/index.js';
import type { Cluster, HostSlot, PlacedWorkload } from '../cluster/index.js';
import {
  type DryRun,
  fitMessage,
  fitMessageForAll,
  NO_HOSTS,
  type PreemptionSurvey,
  type Verdict,
} from '../framework/index.js';
import { ClusterDryRun } from './cluster-dry-run.js';
import { firstRejection, keptFor, prepareFilters, rejectionBesideOthers } from './filters.js';
import { PluginError } from './plugin-error.js';
import type { Profile } from './profile.js';
import { type PluginScores, scoresOf } from './scores.js';
import type { VerdictTable } from './verdict-table.js';

/** Everything there is to say about placing a workload now. */
export interface Evaluation {
  /** Why it would not even be queued; the rest is as if it were. */
  readonly preEnqueue?: Verdict;
  /** The no of one plugin to all hosts at once. */
  readonly preFilter?: Verdict;
  /** The only hosts in question, where a plugin says so: by name, be they there or not. */
  readonly preFilterNodes?: readonly string[];
  /** The plugins whose filter has nothing to say. */
  readonly skippedFilters: readonly string[];
  /** The hosts that pass all filters. */
  readonly feasible: readonly string[];
  /** For each other host the first no. */
  readonly rejected: Readonly<Record<string, Verdict>>;
  /** The plugins whose score has nothing to say. */
  readonly skippedScores?: readonly string[];
  /** By plugin the normalised score of each feasible host, unweighted. */
  readonly scores?: Readonly<Record<string, readonly number[]>>;
  /** The sum of weight times score for each feasible host. */
  readonly totals?: readonly number[];
  /** The feasible hosts of which none is better than the others. */
  readonly best?: readonly string[];
  /** The plugins that said no to some host, be it by naming others, where no host will do. */
  readonly unschedulablePlugins?: readonly string[];
  /** Why no host will do; and why it would not help to remove workloads, where there were some to remove. */
  readonly message?: string;
  /** What it would take to make room. */
  readonly preemption?: PreemptionSurvey;
}

/** Runs every plugin on every host, and remembers nothing: slow, plain and complete. @throws PluginError */
export class Evaluator<W extends ApiObject, H extends ApiObject> {
  readonly #profile: Profile<W, H>;
  readonly #cluster: Cluster<W, H>;
  readonly #verdicts: VerdictTable;

  constructor(profile: Profile<W, H>, cluster: Cluster<W, H>, verdicts: VerdictTable) {
    this.#profile = profile;
    this.#cluster = cluster;
    this.#verdicts = verdicts;
  }

  evaluate(workload: PlacedWorkload<W, H>): Evaluation {
    const gate = this.preEnqueue(workload);
    const gated = gate === undefined ? {} : { preEnqueue: gate };
    const hosts = [...this.#cluster.hosts()];
    if (hosts.length === 0)
      return { ...gated, skippedFilters: [], feasible: [], rejected: {}, message: NO_HOSTS };

    const { active, skipped, narrowed, narrowedBy, rejection } = prepareFilters(
      this.#profile.filters,
      workload,
      this.#cluster,
      this.#verdicts,
    );
    const rejected = new Map<string, Verdict>();
    const feasible: HostSlot<W, H>[] = [];
    for (const host of hosts) {
      const verdict = rejection ?? (narrowed?.hosts.has(host.name) === false ? narrowed.others : undefined);
      const first = verdict ?? this.#rejection(active, workload, host);
      if (first === undefined) feasible.push(host);
      else rejected.set(host.name, first);
    }
    const found = {
      ...gated,
      ...(rejection === undefined ? {} : { preFilter: rejection }),
      ...(narrowed === undefined ? {} : { preFilterNodes: [...narrowed.hosts].sort() }),
      skippedFilters: skipped.toSorted(),
      feasible: feasible.map(({ name }) => name),
      rejected: Object.fromEntries(rejected),
    };
    return feasible.length === 0
      ? { ...found, ...this.#failure(workload, hosts.length, rejected, rejection, narrowedBy) }
      : { ...found, ...this.#choice(workload, feasible) };
  }

  /** Why a workload may not be queued. @throws PluginError */
  preEnqueue(workload: PlacedWorkload<W, H>): Verdict | undefined {
    for (const { plugin, name } of this.#profile.members) {
      try {
        const rejection = plugin.preEnqueue?.(workload, this.#cluster);
        if (rejection !== undefined) return this.#verdicts.of(name, rejection);
      } catch (error) {
        throw new PluginError(name, 'preEnqueue', error);
      }
    }
    return undefined;
  }

  #rejection(
    active: Parameters<typeof firstRejection<W, H>>[0],
    workload: PlacedWorkload<W, H>,
    host: HostSlot<W, H>,
  ): Verdict | undefined {
    return keptFor(this.#cluster, workload, host).length === 0
      ? firstRejection(active, workload, host, this.#verdicts)
      : rejectionBesideOthers(
          active.map(({ member }) => member),
          this.#cluster,
          workload,
          host,
          this.#verdicts,
        );
  }

  #choice(
    workload: PlacedWorkload<W, H>,
    feasible: readonly HostSlot<W, H>[],
  ): Pick<Evaluation, 'skippedScores' | 'scores' | 'totals' | 'best'> {
    const given: PluginScores<W, H>[] = [];
    const skipped: string[] = [];
    for (const member of this.#profile.scorers) {
      const scores = scoresOf(member, workload, this.#cluster, feasible);
      if (scores === undefined) skipped.push(member.name);
      else given.push(scores);
    }
    const totals = feasible.map((_, at) =>
      given.reduce((sum, { member, normalized }) => sum + member.weight * (normalized[at] as number), 0),
    );
    const highest = totals.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    return {
      skippedScores: skipped.toSorted(),
      scores: Object.fromEntries(given.map(({ member, normalized }) => [member.name, normalized])),
      totals,
      best: feasible.filter((_, at) => totals[at] === highest).map(({ name }) => name),
    };
  }

  #failure(
    workload: PlacedWorkload<W, H>,
    hosts: number,
    rejected: ReadonlyMap<string, Verdict>,
    rejection: Verdict | undefined,
    narrowedBy: readonly string[] = [],
  ): Pick<Evaluation, 'unschedulablePlugins' | 'message' | 'preemption'> {
    const plugins = new Set([...narrowedBy, ...Array.from(rejected.values(), ({ plugin }) => plugin)]);
    plugins.delete('');
    const message =
      rejection === undefined
        ? fitMessage(
            hosts,
            Array.from(rejected.values(), (verdict) => [verdict, 1] as const),
          )
        : fitMessageForAll(hosts, rejection);
    const failure = { unschedulablePlugins: [...plugins].sort(), message };
    const surveyor = this.#profile.members.find(({ plugin }) => plugin.survey !== undefined);
    if (surveyor?.plugin.survey === undefined) return failure;
    const dryRun: DryRun<W, H> = new ClusterDryRun(
      this.#profile,
      this.#cluster,
      workload,
      this.#verdicts,
      rejected.values(),
    );
    const preemption: PreemptionSurvey = surveyor.plugin.survey(
      workload,
      this.#cluster,
      ({ name }) => rejected.get(name),
      dryRun,
    );
    // it was tried where it was refused outright, or where filters had to say no without those who could go
    const wasTried =
      !preemption.eligible || Object.values(preemption.rejected).some(({ plugin }) => plugin !== '');
    if (preemption.message === undefined || !wasTried) return { ...failure, preemption };
    return { ...failure, message: `${message} ${preemption.message}`, preemption };
  }
}
