import { type ApiObject, formatKey, keyOf, parseKey } from '../../core/index.js';
import { type ClusterEvent, type Plugin, type Rejection, unresolvable } from '../framework/index.js';
import type { GangBook } from './gang-book.js';
import { PodGroup } from './pod-group.js';

/** The name of the plugin that keeps groups together. */
export const GANG_SCHEDULING = 'GangScheduling';

const TOO_FEW = /* @__PURE__ */ unresolvable(
  'waiting for minCount pods from a gang to appear in scheduling queue',
);

/**
 * Keeps workloads that belong to a group out of the queue until their group is known and enough members are there.
 *
 * It goes by a book that is kept by somebody else, who also activates members when their group has become ready. Where a group with a topology
 * key was rejected, this plugin has to be named among those that rejected it: it knows when domains have changed.
 *
 * Source: `GangScheduling` of kube-scheduler 1.36.
 */
export function gangScheduling<W extends ApiObject, H extends ApiObject>(book: GangBook<W>): Plugin<W, H> {
  return {
    name: GANG_SCHEDULING,
    reads: { part: (workload) => book.groupOf(workload) ?? '', kinds: [PodGroup] },
    preEnqueue(workload) {
      const group = book.groupOf(workload);
      if (group === undefined || book.ready(group)) return undefined;
      return book.gang(group) === undefined ? unknown(group) : TOO_FEW;
    },
    wakes(event, workload) {
      const group = book.groupOf(workload);
      return group !== undefined && concerns(event, group, book);
    },
  };
}

function unknown(group: string): Rejection {
  return unresolvable(
    `waiting for pods's pod group ${JSON.stringify(parseKey(group).name)} to appear in scheduling queue`,
  );
}

/** Whether an event lets a group be tried, or changes its domains. */
function concerns<W extends ApiObject, H extends ApiObject>(
  event: ClusterEvent<W, H>,
  group: string,
  book: GangBook<W>,
): boolean {
  switch (event.type) {
    case 'object': {
      const { resource, after } = event;
      if (resource.group !== PodGroup.group || resource.kind !== PodGroup.kind) return false;
      return after !== undefined && formatKey(keyOf(after)) === group;
    }
    case 'placed':
      return book.groupOf(event.workload) === group;
    case 'host': {
      const key = book.gang(group)?.topologyKey;
      if (key === undefined || !Object.hasOwn(event.host.labels, key)) return false;
      return event.before?.metadata.labels?.[key] !== event.host.labels[key];
    }
    default:
      return false;
  }
}
