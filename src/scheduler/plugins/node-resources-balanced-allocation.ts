import type { Node, Pod, PodSpec } from '../../resources/kinds/index.js';
import { definePlugin, type Plugin, type ResourceColumn, SKIP } from '../framework/index.js';
import { factsOf } from '../pods/pod-facts.js';
import { requestsOf } from '../pods/pod-requests.js';

/** What a Pod requests, and what nodes have. */
interface State {
  readonly cpu: ResourceColumn;
  readonly memory: ResourceColumn;
  readonly cpuAmount: number;
  readonly memoryAmount: number;
}

/**
 * Likes nodes better the more evenly CPU and memory are used with the Pod, compared to how they are without it: 50 to 100.
 *
 * Pods that request neither are left out. Source: `NodeResourcesBalancedAllocation` of kube-scheduler 1.36, which counts otherwise than
 * versions before.
 */
export function nodeResourcesBalancedAllocation(): Plugin<Pod, Node> {
  return definePlugin<Pod, Node, unknown, State>({
    name: 'NodeResourcesBalancedAllocation',
    reads: { part: (pod) => factsOf(pod).spec.of(partOf) },
    preScore(pod, cluster) {
      const requests = factsOf(pod).spec.of(requestsOf);
      const cpuAmount = requests.get('cpu') ?? 0;
      const memoryAmount = requests.get('memory') ?? 0;
      if (cpuAmount === 0 && memoryAmount === 0) return SKIP;
      const [cpu, memory] = [cluster.resource('cpu'), cluster.resource('memory')];
      return { state: { cpu, memory, cpuAmount, memoryAmount } };
    },
    score: (_pod, { index }, state) => scoreAt(index, state),
    scoreAll(_pod, indexes, state, scores) {
      for (let at = 0; at < indexes.length; at += 1) scores[at] = scoreAt(indexes[at] as number, state);
    },
  });
}

function scoreAt(index: number, { cpu, memory, cpuAmount, memoryAmount }: State): number {
  const cpuCapacity = cpu.capacity[index] as number;
  const memoryCapacity = memory.capacity[index] as number;
  const cpuUsed = cpu.used[index] as number;
  const memoryUsed = memory.used[index] as number;
  const before = balance(cpuUsed, cpuCapacity, memoryUsed, memoryCapacity);
  const after = balance(cpuUsed + cpuAmount, cpuCapacity, memoryUsed + memoryAmount, memoryCapacity);
  return 50 + Math.trunc((50 + after - before) / 2);
}

function partOf(spec: PodSpec): string {
  const requests = requestsOf(spec);
  return `${requests.get('cpu') ?? 0} ${requests.get('memory') ?? 0}`;
}

/** How evenly two resources are used, 50 to 100: 100 less their standard deviation. What a node has none of does not count. */
function balance(used: number, capacity: number, otherUsed: number, otherCapacity: number): number {
  if (capacity === 0 || otherCapacity === 0) return 100;
  const share = Math.min(1, used / capacity);
  const otherShare = Math.min(1, otherUsed / otherCapacity);
  return Math.trunc((1 - Math.abs((share - otherShare) / 2)) * 100);
}
