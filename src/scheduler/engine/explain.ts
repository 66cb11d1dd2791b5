import type { ApiObject } from '../../core/index.js';
import type { Cluster, HostSlot, PlacedWorkload } from '../cluster/index.js';
import type { Remedy, Verdict } from '../framework/index.js';
import type { Counterfactual, Explanation, HostExplanation, PluginScore } from './explanation.js';
import { type ActiveFilter, prepareFilters, rejectionBesideOthers, rejectionOf } from './filters.js';
import { PluginError } from './plugin-error.js';
import type { Profile } from './profile.js';
import { scoresOf } from './scores.js';
import type { VerdictTable } from './verdict-table.js';

/** How many hosts are named as those that would do with the fewest changes. */
const NAMED = 5;

/** Asks every plugin about every host, and says what each answered. */
export class Explainer<W extends ApiObject, H extends ApiObject> {
  readonly #profile: Profile<W, H>;
  readonly #cluster: Cluster<W, H>;
  readonly #verdicts: VerdictTable;

  constructor(profile: Profile<W, H>, cluster: Cluster<W, H>, verdicts: VerdictTable) {
    this.#profile = profile;
    this.#cluster = cluster;
    this.#verdicts = verdicts;
  }

  /** @throws PluginError */
  explain(
    workload: PlacedWorkload<W, H>,
    node: string | undefined,
    message: string | undefined,
    isStale: boolean,
  ): Explanation {
    const prepared = prepareFilters(this.#profile.filters, workload, this.#cluster, this.#verdicts);
    const rejections = new Map<HostSlot<W, H>, readonly Verdict[]>();
    for (const host of this.#cluster.hosts()) {
      const outright =
        prepared.rejection ??
        (prepared.narrowed?.hosts.has(host.name) === false ? prepared.narrowed.others : undefined);
      rejections.set(
        host,
        outright === undefined ? this.#allRejections(prepared.active, workload, host) : [outright],
      );
    }
    const feasible = [...rejections].filter(([, verdicts]) => verdicts.length === 0).map(([host]) => host);
    const scores = this.#scores(workload, feasible);
    const hosts = Array.from(rejections, ([host, verdicts]): HostExplanation => {
      const given = scores.get(host);
      return given === undefined
        ? { host: host.name, rejections: verdicts }
        : { host: host.name, rejections: verdicts, scores: given, total: sumOf(given) };
    });
    const explanation = { workload: workload.key, node, isStale, hosts };
    if (node === undefined) {
      return {
        ...explanation,
        ...(message === undefined ? {} : { message }),
        wouldFit: this.#counterfactuals(prepared.active, workload, rejections),
      };
    }
    return { ...explanation, ...runnerUp(hosts, node) };
  }

  /** Every no to a host. Where room is kept for others, and that alone stands in the way, it is that no. */
  #allRejections(
    active: readonly ActiveFilter<W, H>[],
    workload: PlacedWorkload<W, H>,
    host: HostSlot<W, H>,
  ): readonly Verdict[] {
    const verdicts: Verdict[] = [];
    for (const filter of active) {
      const verdict = rejectionOf(filter, workload, host, this.#verdicts);
      if (verdict !== undefined) verdicts.push(verdict);
    }
    if (verdicts.length > 0 || this.#cluster.nominatedOn(host.name).size === 0) return verdicts;
    const beside = rejectionBesideOthers(
      active.map(({ member }) => member),
      this.#cluster,
      workload,
      host,
      this.#verdicts,
    );
    return beside === undefined ? [] : [beside];
  }

  #scores(
    workload: PlacedWorkload<W, H>,
    feasible: readonly HostSlot<W, H>[],
  ): ReadonlyMap<HostSlot<W, H>, readonly PluginScore[]> {
    const scores = new Map<HostSlot<W, H>, PluginScore[]>(feasible.map((host) => [host, []]));
    if (feasible.length === 0) return scores;
    for (const member of this.#profile.scorers) {
      const given = scoresOf(member, workload, this.#cluster, feasible);
      if (given === undefined) continue;
      for (const [at, host] of feasible.entries()) {
        const normalized = given.normalized[at] as number;
        scores.get(host)?.push({
          plugin: member.name,
          raw: given.raw[at] as number,
          normalized,
          weight: member.weight,
          weighted: normalized * member.weight,
        });
      }
    }
    return scores;
  }

  /** What would make a host do, for those hosts where every plugin that says no can tell; the fewest changes first. */
  #counterfactuals(
    active: readonly ActiveFilter<W, H>[],
    workload: PlacedWorkload<W, H>,
    rejections: ReadonlyMap<HostSlot<W, H>, readonly Verdict[]>,
  ): readonly Counterfactual[] {
    const found: (Counterfactual & { readonly missing: number })[] = [];
    for (const [host, verdicts] of rejections) {
      const changes: (Remedy & { readonly plugin: string })[] = [];
      for (const verdict of verdicts) {
        const filter = active.find(({ member }) => member.name === verdict.plugin);
        const remedy = filter === undefined ? undefined : remedyOf(filter, workload, host);
        if (remedy !== undefined) changes.push({ ...remedy, plugin: verdict.plugin });
      }
      if (changes.length < verdicts.length || changes.length === 0) continue;
      found.push({ host: host.name, changes, missing: missingShare(changes, host) });
    }
    found.sort(
      (a, b) => a.changes.length - b.changes.length || a.missing - b.missing || (a.host < b.host ? -1 : 1),
    );
    return found.slice(0, NAMED).map(({ host, changes }) => ({ host, changes }));
  }
}

function remedyOf<W extends ApiObject, H extends ApiObject>(
  { member, state }: ActiveFilter<W, H>,
  workload: PlacedWorkload<W, H>,
  host: HostSlot<W, H>,
): Remedy | undefined {
  try {
    return member.plugin.remedy?.(workload, host, state);
  } catch (error) {
    throw new PluginError(member.name, 'remedy', error);
  }
}

/** How much is missing, as shares of what the host has: what makes changes of the same number comparable. */
function missingShare<W extends ApiObject, H extends ApiObject>(
  changes: readonly Remedy[],
  host: HostSlot<W, H>,
): number {
  let share = 0;
  for (const { missing } of changes) {
    for (const [resource, amount] of missing ?? []) share += amount / Math.max(1, host.capacity(resource));
  }
  return share;
}

function runnerUp(hosts: readonly HostExplanation[], node: string): Pick<Explanation, 'runnerUp' | 'margin'> {
  const chosen = hosts.find(({ host }) => host === node)?.total;
  let best: HostExplanation | undefined;
  for (const host of hosts) {
    if (host.host === node || host.total === undefined) continue;
    if (best?.total === undefined || host.total > best.total) best = host;
  }
  if (best?.total === undefined) return {};
  return { runnerUp: best.host, ...(chosen === undefined ? {} : { margin: chosen - best.total }) };
}

function sumOf(scores: readonly PluginScore[]): number {
  return scores.reduce((sum, { weighted }) => sum + weighted, 0);
}
