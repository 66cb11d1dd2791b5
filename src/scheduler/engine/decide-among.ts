import type { ApiObject } from '../../core/index.js';
import type { Cluster, HostSlot, PlacedWorkload } from '../cluster/index.js';
import type { Verdict } from '../framework/index.js';
import { activeScores, addTo } from './active-scores.js';
import { besideOthers } from './beside-others.js';
import { type Choice, nowhere } from './choice.js';
import type { Remembered } from './equal-workloads.js';
import { type ActiveFilter, rejectionOf } from './filters.js';
import type { Narrowed } from './outlook.js';
import type { Member } from './profile.js';
import { normalize, rawScore } from './scores.js';
import { Tally } from './tally.js';
import type { VerdictTable } from './verdict-table.js';

/**
 * Decides among the only hosts in question: so few that nothing is worth remembering of them as a class.
 *
 * @param drawBest - Draws one of the highest totals, and answers its place. @throws PluginError
 */
export function decideAmong<W extends ApiObject, H extends ApiObject>(
  narrowed: Narrowed,
  workload: PlacedWorkload<W, H>,
  remembered: Remembered<W, H>,
  filters: readonly ActiveFilter<W, H>[],
  cluster: Cluster<W, H>,
  verdictTable: VerdictTable,
  drawBest: (totals: Float64Array) => number,
): Choice<W, H> {
  const { columns } = remembered;
  const tally = new Tally();
  const verdicts = new Map<string, Verdict>();
  const asked = hostsNamed(narrowed.hosts, cluster);
  const beside = besideOthers(workload, columns, filters, cluster, verdictTable);
  for (const column of columns) column.catchUp();
  const inOrder = [
    ...columns.map((column) => ({
      order: column.member.order,
      ask: (host: HostSlot<W, H>) => column.verdict(host),
    })),
    ...filters.map((filter) => ({
      order: filter.member.order,
      ask: (host: HostSlot<W, H>) => rejectionOf(filter, workload, host, verdictTable),
    })),
  ].sort((a, b) => a.order - b.order);
  const hosts = asked.filter((host) => {
    let verdict = beside.get(host.index);
    if (!beside.has(host.index)) {
      for (const { ask } of inOrder) if ((verdict = ask(host)) !== undefined) break;
    }
    if (verdict === undefined) return true;
    verdicts.set(host.name, verdict);
    tally.add(verdict);
    return false;
  });
  const counts = new Map(tally.finish());
  if (cluster.size > asked.length) counts.set(narrowed.others, cluster.size - asked.length);
  const verdictOf = ({ name }: HostSlot<W, H>): Verdict | undefined =>
    narrowed.hosts.has(name) ? verdicts.get(name) : narrowed.others;
  if (hosts.length === 0) return nowhere({ evaluated: asked.length, counts, verdictOf });
  const totals = new Float64Array(hosts.length);
  const given = scorersFor(workload, remembered, cluster, hosts).map(({ member, raw, state }) => {
    const scores = hosts.map(raw);
    normalize(member, scores, workload, hosts, state);
    addTo(totals, scores, member.weight);
    return { name: member.name, scores };
  });
  const chosen = drawBest(totals);
  return {
    host: hosts[chosen],
    feasible: hosts.length,
    evaluated: asked.length,
    counts,
    verdictOf,
    plugins: given.map(({ name }) => name),
    scores: given.map(({ scores }) => scores[chosen] as number),
    total: totals[chosen] as number,
  };
}

/** The hosts of these names that are there, by index. */
function hostsNamed<W extends ApiObject, H extends ApiObject>(
  names: ReadonlySet<string>,
  cluster: Cluster<W, H>,
): HostSlot<W, H>[] {
  const hosts: HostSlot<W, H>[] = [];
  for (const name of names) {
    const host = cluster.host(name);
    if (host !== undefined) hosts.push(host);
  }
  return hosts.sort((a, b) => a.index - b.index);
}

function scorersFor<W extends ApiObject, H extends ApiObject>(
  workload: PlacedWorkload<W, H>,
  { columns, scorers }: Remembered<W, H>,
  cluster: Cluster<W, H>,
  hosts: readonly HostSlot<W, H>[],
): readonly { member: Member<W, H>; state: unknown; raw: (host: HostSlot<W, H>) => number }[] {
  const known = columns
    .filter(({ scores }) => scores)
    .map((column) => ({
      member: column.member,
      state: undefined,
      raw: (host: HostSlot<W, H>) => column.raw(host),
    }));
  const others = activeScores(scorers, workload, cluster, () => hosts).map(({ member, state }) => ({
    member,
    state,
    raw: (host: HostSlot<W, H>) => rawScore(member, workload, host, state),
  }));
  return [...known, ...others];
}
