import { MAX_SCORE, normalized, unresolvable, type FilterPlugin, type ScorePlugin } from './plugin.js';
import { hasForbiddingTaint, toleratedBy } from './taints.js';
import type { Node, Pod } from './types.js';

const NAME = 'TaintToleration';

/** Rejects nodes with a taint that the pod does not tolerate. */
export const taintToleration: FilterPlugin = {
  name: NAME,
  filter: (pod, node) =>
    hasForbiddingTaint(pod, node) ? unresolvable('node(s) had untolerated taint(s)') : undefined,
};

/** Prefers nodes with few PreferNoSchedule taints that the pod does not tolerate. */
export const taintTolerationScore: ScorePlugin = {
  name: NAME,
  weight: 3,
  score: (pod, nodes) => {
    const counts = nodes.map((node) => untolerated(pod, node));
    return normalized(counts).map((share) => MAX_SCORE - share);
  },
};

function untolerated(pod: Pod, node: Node): number {
  const tolerations = (pod.spec.tolerations ?? []).filter(({ effect }) =>
    ['', 'PreferNoSchedule'].includes(effect ?? ''),
  );
  return (node.spec.taints ?? []).filter(
    (taint) => taint.effect === 'PreferNoSchedule' && !toleratedBy(taint, tolerations),
  ).length;
}
