import type { ApiObject } from '../../core/index.js';
import type { Cluster, PlacedWorkload } from '../cluster/index.js';
import type { Verdict } from '../framework/index.js';
import type { Column } from './column.js';
import { type ActiveFilter, keptFor, rejectionBesideOthers } from './filters.js';
import type { VerdictTable } from './verdict-table.js';

/** The verdicts of hosts on which room is kept for others, by index: undefined for a yes. */
export type Beside = ReadonlyMap<number, Verdict | undefined>;

export const NOBODY: Beside = /* @__PURE__ */ new Map<number, Verdict | undefined>();

/** The verdicts of the hosts on which room is kept for others. @throws PluginError */
export function besideOthers<W extends ApiObject, H extends ApiObject>(
  workload: PlacedWorkload<W, H>,
  columns: readonly Column<W, H>[],
  filters: readonly ActiveFilter<W, H>[],
  cluster: Cluster<W, H>,
  verdicts: VerdictTable,
): Beside {
  const hosts = cluster.nominatedHosts();
  if (hosts.length === 0) return NOBODY;
  const members = [...columns.filter((column) => column.filters), ...filters]
    .map(({ member }) => member)
    .sort((a, b) => a.order - b.order);
  let beside: Map<number, Verdict | undefined> | undefined;
  for (const name of hosts) {
    const host = cluster.host(name);
    if (host === undefined || keptFor(cluster, workload, host).length === 0) continue;
    beside ??= new Map();
    beside.set(host.index, rejectionBesideOthers(members, cluster, workload, host, verdicts));
  }
  return beside ?? NOBODY;
}
