import type { ApiObject } from '../../core/index.js';
import { isRejection, type Rejection, SKIP, type Verdict, type WorkloadInfo } from '../framework/index.js';
import type { Cluster, HostSlot, PlacedWorkload } from '../cluster/index.js';
import { checkPlan } from './check-plan.js';
import { PluginError } from './plugin-error.js';
import type { Member } from './profile.js';
import type { VerdictTable } from './verdict-table.js';

const NOBODY: readonly never[] = /* @__PURE__ */ Object.freeze([]);

/** A filter that has something to say about a workload. */
export interface ActiveFilter<W extends ApiObject, H extends ApiObject> {
  readonly member: Member<W, H>;
  readonly state: unknown;
}

/** The filters of a profile, made ready for one workload. */
export interface PreparedFilters<W extends ApiObject, H extends ApiObject> {
  /** In order. */
  readonly active: readonly ActiveFilter<W, H>[];
  /** The names of those that have nothing to say. */
  readonly skipped: readonly string[];
  /** The only hosts in question, where some plugins say so, and what is to be said of all others. */
  readonly narrowed?: { readonly hosts: ReadonlySet<string>; readonly others: Verdict } | undefined;
  /** The plugins that named them, where that is a reason why no host will do. */
  readonly narrowedBy?: readonly string[] | undefined;
  /** The no to all hosts at once. */
  readonly rejection?: Verdict | undefined;
}

/** Runs `preFilter` of one plugin. @throws PluginError */
export function prepareFilter<W extends ApiObject, H extends ApiObject>(
  { plugin, name }: Member<W, H>,
  workload: PlacedWorkload<W, H>,
  cluster: Cluster<W, H>,
): { readonly state?: unknown; readonly hosts?: ReadonlySet<string> | undefined } | typeof SKIP | Rejection {
  if (plugin.preFilter === undefined) return {};
  try {
    const plan = plugin.preFilter(workload, cluster);
    if (plan === undefined) return {};
    if (plan === SKIP) return plan;
    if (typeof plan === 'object' && plan !== null && 'code' in plan) isRejection(plan, 'preFilter');
    else checkPlan(plan, 'preFilter');
    return plan;
  } catch (error) {
    throw new PluginError(name, 'preFilter', error);
  }
}

/** Runs `preFilter` of some plugins, as far as the first that says no to all hosts. @throws PluginError */
export function prepareFilters<W extends ApiObject, H extends ApiObject>(
  filters: readonly Member<W, H>[],
  workload: PlacedWorkload<W, H>,
  cluster: Cluster<W, H>,
  verdicts: VerdictTable,
): PreparedFilters<W, H> {
  const active: ActiveFilter<W, H>[] = [];
  const skipped: string[] = [];
  const narrowing: string[] = [];
  let hosts: ReadonlySet<string> | undefined;
  for (const member of filters) {
    const plan = prepareFilter(member, workload, cluster);
    if (plan === SKIP) {
      skipped.push(member.name);
      continue;
    }
    if ('code' in plan) return { active: [], skipped, rejection: verdicts.of(member.name, plan) };
    if (plan.hosts !== undefined) {
      narrowing.push(member.name);
      hosts = hosts === undefined ? plan.hosts : intersection(hosts, plan.hosts);
    }
    if (member.plugin.filter !== undefined) active.push({ member, state: plan.state });
  }
  if (hosts === undefined) return { active, skipped };
  const named = { skipped, narrowedBy: narrowing };
  if (hosts.size === 0) return { ...named, active: [], rejection: verdicts.nothingLeft(narrowing) };
  return { ...named, active, narrowed: { hosts, others: verdicts.leftOut(narrowing) } };
}

function intersection(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...a].filter((name) => b.has(name)));
}

/** The first no to a host. @throws PluginError */
export function firstRejection<W extends ApiObject, H extends ApiObject>(
  active: readonly ActiveFilter<W, H>[],
  workload: PlacedWorkload<W, H>,
  host: HostSlot<W, H>,
  verdicts: VerdictTable,
): Verdict | undefined {
  for (const filter of active) {
    const verdict = rejectionOf(filter, workload, host, verdicts);
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}

/** What one filter says of a host. @throws PluginError */
export function rejectionOf<W extends ApiObject, H extends ApiObject>(
  { member, state }: ActiveFilter<W, H>,
  workload: PlacedWorkload<W, H>,
  host: HostSlot<W, H>,
  verdicts: VerdictTable,
): Verdict | undefined {
  try {
    const rejection = member.plugin.filter?.(workload, host, state);
    return rejection === undefined ? undefined : verdicts.of(member.name, rejection);
  } catch (error) {
    throw error instanceof PluginError ? error : new PluginError(member.name, 'filter', error);
  }
}

/** Those for whom room is kept on a host, and who must not lose it to a workload. */
export function keptFor<W extends ApiObject, H extends ApiObject>(
  cluster: Cluster<W, H>,
  workload: PlacedWorkload<W, H>,
  host: HostSlot<W, H>,
): readonly WorkloadInfo<W>[] {
  let kept: WorkloadInfo<W>[] | undefined;
  for (const other of cluster.nominatedOn(host.name)) {
    if (other.key !== workload.key && other.priority >= workload.priority) (kept ??= []).push(other);
  }
  return kept ?? NOBODY;
}

/**
 * The first no to a host, on which room is kept for others: it has to do with them and without them.
 *
 * Only those filters are asked that had something to say about the workload in the first place.
 *
 * @throws PluginError
 * Source: `RunFilterPluginsWithNominatedPods` of kube-scheduler.
 */
export function rejectionBesideOthers<W extends ApiObject, H extends ApiObject>(
  filters: readonly Member<W, H>[],
  cluster: Cluster<W, H>,
  workload: PlacedWorkload<W, H>,
  host: HostSlot<W, H>,
  verdicts: VerdictTable,
): Verdict | undefined {
  const ask = (): Verdict | undefined => {
    const prepared = prepareFilters(filters, workload, cluster, verdicts);
    return prepared.rejection ?? firstRejection(prepared.active, workload, host, verdicts);
  };
  const kept = keptFor(cluster, workload, host);
  if (kept.length > 0) {
    const verdict = cluster.trial(() => {
      for (const other of kept) cluster.place(cluster.describe(other.object), host.name);
      return ask();
    });
    if (verdict !== undefined) return verdict;
  }
  return ask();
}
