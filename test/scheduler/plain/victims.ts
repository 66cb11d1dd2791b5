import { breakingBudgets } from './budgets.js';
import { podsOn, priorityOf, withPods, type Cluster } from './cluster.js';
import type { Verdict } from './framework.js';
import { filterWithNominated } from './nominated-pods.js';
import type { Node, Pod } from './types.js';

/** The pods to remove from a node. */
export interface Victims {
  /** The most important first. */
  readonly pods: readonly Pod[];
  readonly pdbViolations: number;
}

/**
 * As few pods of a lower priority as make room for the pod on a node, or why removing all of them does not.
 *
 * All are removed, and then brought back one by one where the pod still fits: first those whose removal breaks a disruption
 * budget, and of these the most important first.
 */
export function selectVictims(
  pod: Pod,
  node: Node,
  cluster: Cluster,
  skipped: readonly string[],
): Victims | Verdict {
  const lower = podsOn(node, cluster).filter((other) => priorityOf(other) < priorityOf(pod));
  if (lower.length === 0) {
    return {
      plugin: '',
      code: 'UnschedulableAndUnresolvable',
      reasons: ['No preemption victims found for incoming pod'],
    };
  }
  const verdictWithout = (removed: readonly Pod[]): Verdict | undefined => {
    const rest = cluster.pods.filter((other) => !removed.includes(other));
    return filterWithNominated(pod, node, withPods(cluster, rest), skipped);
  };

  const verdict = verdictWithout(lower);
  if (verdict !== undefined) return verdict;

  const candidates = lower.toSorted(moreImportantFirst);
  const breaking = breakingBudgets(candidates, cluster);
  let victims = candidates;
  for (const candidate of [...breaking, ...candidates.filter((other) => !breaking.includes(other))]) {
    const fewer = victims.filter((other) => other !== candidate);
    if (verdictWithout(fewer) === undefined) victims = fewer;
  }
  return { pods: victims, pdbViolations: victims.filter((victim) => breaking.includes(victim)).length };
}

/** When a pod started; one that has not yet is as if it started now, which is later than any other. */
export function startOf(pod: Pod): number {
  const { startTime } = pod.status ?? {};
  return startTime === undefined ? Number.POSITIVE_INFINITY : Date.parse(startTime);
}

/** By priority; of the same priority, the one that started earlier. */
function moreImportantFirst(a: Pod, b: Pod): number {
  if (priorityOf(a) !== priorityOf(b)) return priorityOf(b) - priorityOf(a);
  return startOf(a) === startOf(b) ? 0 : startOf(a) - startOf(b);
}
