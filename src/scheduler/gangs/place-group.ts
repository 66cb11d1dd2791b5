import { type ApiObject, preview } from '../../core/index.js';
import type { Cluster, PlacedWorkload } from '../cluster/index.js';
import type { GroupAhead } from './group-ahead.js';
import type { GroupDecision } from './group-decision.js';
import type { GroupOptions } from './group-options.js';
import { GroupSearch, type GroupWish } from './group-search.js';

/**
 * Places a group of workloads, none of which is placed, or none of them: the higher priority first, then the larger, then the
 * given order.
 *
 * Everything is tried in forks that are taken back; only what was found in the end is placed. Nothing is reserved by plugins.
 *
 * @param ahead - What may have begun to look for the same.
 * @throws TypeError or RangeError for options or members that make no sense; PluginError. Nothing has changed then.
 */
export function placeGroup<W extends ApiObject, H extends ApiObject>(
  cluster: Cluster<W, H>,
  wish: GroupWish<W, H>,
  ahead?: GroupAhead<W, H>,
): GroupDecision<W> {
  checkMembers(cluster, wish.members);
  checkOptions(wish.options, wish.members.length);
  return (ahead?.take(wish) ?? new GroupSearch(cluster, wish)).decide();
}

function checkMembers<W extends ApiObject, H extends ApiObject>(
  cluster: Cluster<W, H>,
  members: readonly PlacedWorkload<W, H>[],
): void {
  const keys = new Set<string>();
  for (const { key } of members) {
    const host = cluster.workload(key)?.hostName;
    if (host !== undefined) {
      throw new TypeError(
        `Expected members of a group that are not placed, and ${key} is on ${preview(host)}`,
      );
    }
    if (keys.has(key)) throw new TypeError(`Expected each member of a group once, and got ${key} twice`);
    keys.add(key);
  }
}

function checkOptions({ minCount, topologyKey, domain }: GroupOptions, members: number): void {
  if (minCount !== undefined && !(Number.isInteger(minCount) && minCount >= 0 && minCount <= members)) {
    throw new RangeError(
      `minCount: expected a whole number from 0 to ${members}, the number of members, got ${preview(minCount)}`,
    );
  }
  if (topologyKey !== undefined && (typeof topologyKey !== 'string' || topologyKey === '')) {
    throw new TypeError(`topologyKey: expected the name of a label, got ${preview(topologyKey)}`);
  }
  if (domain !== undefined && topologyKey === undefined) {
    throw new TypeError(`domain: expected a topologyKey beside it, got ${preview(domain)} alone`);
  }
}
