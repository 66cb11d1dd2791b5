import type { ApiObject } from '../../core/index.js';
import type { Cluster, PlacedWorkload } from '../cluster/index.js';
import { SKIP, type Verdict } from '../framework/index.js';
import type { Column } from './column.js';
import { type ActiveFilter, prepareFilter } from './filters.js';
import type { Profile } from './profile.js';
import type { VerdictTable } from './verdict-table.js';

/** The only hosts in question, and what is to be said of all others. */
export interface Narrowed {
  readonly hosts: ReadonlySet<string>;
  readonly others: Verdict;
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

/**
 * Runs what is left of `preFilter`, in the order of the plugins.
 *
 * @param columns - Of plugins that have run it before. @param among - The only hosts in question; all of them unless given.
 * @throws PluginError
 */
export function outlookFor<W extends ApiObject, H extends ApiObject>(
  workload: PlacedWorkload<W, H>,
  columns: readonly Column<W, H>[],
  among: Narrowed | undefined,
  profile: Profile<W, H>,
  cluster: Cluster<W, H>,
  verdicts: VerdictTable,
): Outlook<W, H> {
  const filters: ActiveFilter<W, H>[] = [];
  const narrowing: string[] = [];
  let hosts: ReadonlySet<string> | undefined;
  let next = 0;
  const narrow = (name: string, named: ReadonlySet<string> | undefined): void => {
    if (named === undefined) return;
    narrowing.push(name);
    const before = hosts;
    hosts = before === undefined ? named : new Set([...named].filter((host) => before.has(host)));
  };
  for (const member of profile.members) {
    const { name, plugin } = member;
    if (columns[next]?.member === member) {
      const column = columns[next] as Column<W, H>;
      next += 1;
      if (column.rejection !== undefined) return { filters: [], rejection: column.rejection };
      narrow(name, column.hosts);
      continue;
    }
    if (plugin.filter === undefined && plugin.preFilter === undefined) continue;
    const plan = prepareFilter(member, workload, cluster);
    if (plan === SKIP) continue;
    if ('code' in plan) return { filters: [], rejection: verdicts.of(name, plan) };
    narrow(name, plan.hosts);
    if (plugin.filter !== undefined) filters.push({ member, state: plan.state });
  }
  if (hosts === undefined) return { filters, narrowed: among };
  const narrowedBy = narrowing;
  if (hosts.size === 0) return { filters: [], narrowedBy, rejection: verdicts.nothingLeft(narrowing) };
  const others = verdicts.leftOut(narrowing);
  if (among !== undefined) hosts = new Set([...hosts].filter((host) => among.hosts.has(host)));
  return { filters, narrowedBy, narrowed: { hosts, others } };
}
