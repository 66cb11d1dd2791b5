import { podsOn, type Cluster } from './cluster.js';
import {
  allocatable,
  amount,
  amountsOf,
  assumedOn,
  ASSUMED_REQUESTS,
  requestedOn,
  type Amounts,
} from './node-resources.js';
import { MAX_SCORE, type FilterPlugin, type Rejection, type ScorePlugin } from './plugin.js';
import { podRequests } from './pod-requests.js';
import type { Node, Pod } from './types.js';

const NAME = 'NodeResourcesFit';

/** Rejects nodes with too little left of a resource; where even the empty node has too little, for good. */
export const nodeResourcesFit: FilterPlugin = {
  name: NAME,
  filter: (pod, node, cluster) => {
    const capacity = allocatable(node);
    const used = requestedOn(node, cluster);
    const lacking = [...amountsOf(podRequests(pod))].filter(
      ([name, wanted]) =>
        isScheduled(name) && wanted > 0n && wanted > amount(capacity, name) - amount(used, name),
    );
    const reasons = lacking.map(([name]) => `Insufficient ${name}`);
    const room = amount(capacity, 'pods');
    if (BigInt(podsOn(node, cluster).length + 1) > room) reasons.push('Too many pods');
    return reasons.length === 0 ? undefined : rejection(reasons, lacking, capacity);
  },
};

/** Prefers nodes of which little cpu and memory is asked for. What the pod asks for as a whole does not count. */
export const nodeResourcesFitScore: ScorePlugin = {
  name: NAME,
  weight: 1,
  score: (pod, nodes, cluster) => nodes.map((node) => leastAllocated(pod, node, cluster)),
};

function rejection(
  reasons: readonly string[],
  lacking: readonly (readonly [string, bigint])[],
  capacity: Amounts,
): Rejection {
  const forGood = lacking.some(([name, wanted]) => wanted > amount(capacity, name));
  return { code: forGood ? 'UnschedulableAndUnresolvable' : 'Unschedulable', reasons };
}

/** Other resources, such as `pods`, are no matter of requests. */
function isScheduled(name: string): boolean {
  return (
    name === 'cpu' ||
    name === 'memory' ||
    name === 'ephemeral-storage' ||
    name.startsWith('hugepages-') ||
    name.startsWith('attachable-volumes-') ||
    name.includes('/')
  );
}

function leastAllocated(pod: Pod, node: Node, cluster: Cluster): number {
  const capacity = allocatable(node);
  const used = assumedOn(node, cluster);
  const wanted = amountsOf(podRequests(pod, { missing: ASSUMED_REQUESTS, ofContainersOnly: true }));
  const scores = ['cpu', 'memory']
    .filter((name) => amount(capacity, name) > 0n)
    .map((name) => freeShare(amount(capacity, name), amount(used, name) + amount(wanted, name)));
  if (scores.length === 0) return 0;
  return Number(scores.reduce((sum, score) => sum + score, 0n) / BigInt(scores.length));
}

function freeShare(capacity: bigint, used: bigint): bigint {
  return used > capacity ? 0n : ((capacity - used) * BigInt(MAX_SCORE)) / capacity;
}
