import { formatKey } from '../../core/index.js';
import type { Pod } from '../../resources/kinds/index.js';
import type { WorkloadInfo } from '../framework/index.js';

/** The label by which a Pod names its group. */
const LABEL = 'scheduling.x-k8s.io/pod-group';

/**
 * The group of a Pod, as `namespace/name`: the one that `spec.schedulingGroup` names, or else the label
 * `scheduling.x-k8s.io/pod-group`; undefined where it has none.
 *
 * Source: `schedulingGroup` of Kubernetes 1.36, and the label of the scheduler-plugins project.
 */
export function podGroupOf({ object, namespace, labels }: WorkloadInfo<Pod>): string | undefined {
  const labelled = Object.hasOwn(labels, LABEL) ? labels[LABEL] : undefined;
  const name = object.spec.schedulingGroup?.podGroupName || labelled;
  return name ? formatKey({ namespace, name }) : undefined;
}
