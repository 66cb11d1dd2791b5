import { unresolvable, type FilterPlugin } from './plugin.js';
import { toleratedBy } from './taints.js';

/** Rejects cordoned nodes, unless the pod tolerates the taint that stands for it. */
export const nodeUnschedulable: FilterPlugin = {
  name: 'NodeUnschedulable',
  filter: (pod, node) => {
    if (node.spec.unschedulable !== true) return undefined;
    const taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
    return toleratedBy(taint, pod.spec.tolerations ?? [])
      ? undefined
      : unresolvable('node(s) were unschedulable');
  },
};
