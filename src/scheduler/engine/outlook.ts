import type { ApiObject } from '../../core/index.js';
import type { Cluster, PlacedWorkload } from '../cluster/index.js';
import { SKIP, type Verdict } from '../framework/index.js';
import type { Preparation } from './equal-workloads.js';
import { type ActiveFilter, prepareFilter } from './filters.js';
import type { VerdictTable } from './verdict-table.js';

/** The only hosts in question, and what is to be said of all others. */
export interface Narrowed {
  readonly hosts: ReadonlySet<string>;
  readonly others: Verdict;
  /** The same by index, in order, of those that are there: given where they are so many that it pays to look at them by class. */
  readonly indexes?: Int32Array | undefined;
}

/** What the filters make of a workload before any host is looked at. */
export interface Outlook<W extends ApiObject, H extends ApiObject> {
  /** The filters that are to be asked, as nothing is remembered of what they say. */
  readonly filters: readonly ActiveFilter<W, H>[];
  readonly rejection?: Verdict | undefined;
  readonly narrowed?: Narrowed | undefined;
  /** The plugins that named them, where that is a reason why no host will do. */
  readonly narrowedBy?: readonly string[] | undefined;
}

/** Nothing is left to ask, and all hosts are in question. */
const OPEN: Outlook<never, never> = /* @__PURE__ */ Object.freeze({ filters: Object.freeze([]) });

/**
 * Runs what is left of `preFilter`, in the order of the plugins.
 *
 * @param among - The only hosts in question; all of them unless given.
 * @throws PluginError
 */
export function outlookFor<W extends ApiObject, H extends ApiObject>(
  workload: PlacedWorkload<W, H>,
  preparations: readonly Preparation<W, H>[],
  among: Narrowed | undefined,
  cluster: Cluster<W, H>,
  verdicts: VerdictTable,
): Outlook<W, H> {
  let filters: ActiveFilter<W, H>[] | undefined;
  let narrowing: string[] | undefined;
  let hosts: ReadonlySet<string> | undefined;
  for (const { member, column } of preparations) {
    const { name } = member;
    let named: ReadonlySet<string> | undefined;
    if (column === undefined) {
      const plan = prepareFilter(member, workload, cluster);
      if (plan === SKIP) continue;
      if ('code' in plan) return { filters: [], rejection: verdicts.of(name, plan) };
      if (member.plugin.filter !== undefined) (filters ??= []).push({ member, state: plan.state });
      named = plan.hosts;
    } else {
      if (column.rejection !== undefined) return { filters: [], rejection: column.rejection };
      named = column.hosts;
    }
    if (named === undefined) continue;
    (narrowing ??= []).push(name);
    hosts = hosts === undefined ? named : both(hosts, named);
  }
  if (hosts === undefined || narrowing === undefined) {
    return filters === undefined && among === undefined ? OPEN : { filters: filters ?? [], narrowed: among };
  }
  const narrowedBy = narrowing;
  if (hosts.size === 0) return { filters: [], narrowedBy, rejection: verdicts.nothingLeft(narrowing) };
  const others = verdicts.leftOut(narrowing);
  if (among !== undefined) hosts = both(among.hosts, hosts);
  return { filters: filters ?? [], narrowedBy, narrowed: { hosts, others } };
}

/** Those of some hosts that are also among others, in the order of the others. */
function both(hosts: ReadonlySet<string>, others: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...others].filter((name) => hosts.has(name)));
}
