import { LabelSelector } from '../../../src/core/index.js';
import type { Cluster } from './cluster.js';
import type { DisruptionBudget, Pod } from './types.js';

/**
 * Of pods, those that would break a disruption budget if they were all removed in this order.
 *
 * Each pod takes one from every budget that covers it, unless the budget knows already that it is disrupted.
 */
export function breakingBudgets(pods: readonly Pod[], cluster: Cluster): readonly Pod[] {
  const budgets = cluster.podDisruptionBudgets ?? [];
  const left = new Map(budgets.map((budget) => [budget, budget.status.disruptionsAllowed]));
  return pods.filter((pod) => {
    let isBroken = false;
    for (const budget of budgets.filter((one) => covers(one, pod))) {
      const rest = (left.get(budget) ?? 0) - 1;
      left.set(budget, rest);
      if (rest < 0) isBroken = true;
    }
    return isBroken;
  });
}

/** An empty selector covers nothing, and a pod without labels is covered by nothing. */
function covers({ metadata, spec, status }: DisruptionBudget, pod: Pod): boolean {
  const selector = LabelSelector.from(spec.selector);
  return (
    metadata.namespace === pod.metadata.namespace &&
    Object.keys(pod.metadata.labels ?? {}).length > 0 &&
    !selector.empty &&
    selector.matches(pod.metadata.labels) &&
    !Object.hasOwn(status.disruptedPods ?? {}, pod.metadata.name)
  );
}
