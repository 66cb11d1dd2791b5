import { allocatable, amount, amountsOf, requestedOn, type Amounts } from './node-resources.js';
import { MAX_SCORE, type ScorePlugin } from './plugin.js';
import { podRequests } from './pod-requests.js';

const RESOURCES = ['cpu', 'memory'];

/** Prefers nodes whose cpu and memory the pod would make more evenly used; says nothing about pods that ask for neither. */
export const balancedAllocation: ScorePlugin = {
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  score: (pod, nodes, cluster) => {
    const wanted = amountsOf(podRequests(pod));
    if (RESOURCES.every((name) => amount(wanted, name) === 0n)) return undefined;
    return nodes.map((node) => {
      const capacity = allocatable(node);
      const used = requestedOn(node, cluster);
      const after = new Map(RESOURCES.map((name) => [name, amount(used, name) + amount(wanted, name)]));
      return 50 + Math.trunc((50 + balance(after, capacity) - balance(used, capacity)) / 2);
    });
  },
};

/** 100 where both are used to the same share; a resource that the node does not have is left out. */
function balance(used: Amounts, capacity: Amounts): number {
  const shares = RESOURCES.filter((name) => amount(capacity, name) > 0n).map((name) =>
    Math.min(1, Number(amount(used, name)) / Number(amount(capacity, name))),
  );
  const [first = 0, second = first] = shares;
  const deviation = Math.abs((first - second) / 2);
  return Math.trunc((1 - deviation) * MAX_SCORE);
}
