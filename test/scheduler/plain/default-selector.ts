import { LabelSelector } from '../../../src/core/index.js';
import { hasLabels, type Cluster } from './cluster.js';
import type { Labels, Meta, Pod } from './types.js';

/** The pods that belong with this one: those that its services and its controller select. Everything where there is none. */
export function defaultSelector(pod: Pod, cluster: Cluster): LabelSelector {
  const owner = (pod.metadata.ownerReferences ?? []).find(({ controller }) => controller === true);
  const find = <T extends { readonly metadata: Meta }>(all: readonly T[] | undefined): T | undefined =>
    (all ?? []).find((one) => isHere(one.metadata, pod) && one.metadata.name === owner?.name);

  const labels = serviceLabels(pod, cluster);
  switch (`${owner?.apiVersion} ${owner?.kind}`) {
    case 'v1 ReplicationController':
      return exactly({ ...labels, ...find(cluster.replicationControllers)?.spec.selector });
    case 'apps/v1 ReplicaSet':
      return exactly(labels).and(selectorOf(find(cluster.replicaSets)));
    case 'apps/v1 StatefulSet':
      return exactly(labels).and(selectorOf(find(cluster.statefulSets)));
    default:
      return exactly(labels);
  }
}

/** What all services ask for that select the pod; one without a selector selects nothing. */
function serviceLabels(pod: Pod, cluster: Cluster): Labels {
  const labels: Record<string, string> = {};
  for (const { metadata, spec } of cluster.services ?? []) {
    if (spec.selector === undefined || !isHere(metadata, pod)) continue;
    if (hasLabels(pod.metadata.labels, spec.selector)) Object.assign(labels, spec.selector);
  }
  return labels;
}

function isHere(metadata: Meta, pod: Pod): boolean {
  return metadata.namespace === pod.metadata.namespace;
}

function exactly(matchLabels: Labels): LabelSelector {
  return LabelSelector.from({ matchLabels });
}

/** A controller that is not there, or has no selector, adds nothing. */
function selectorOf(
  controller: { readonly spec: { readonly selector?: Parameters<typeof LabelSelector.from>[0] } } | undefined,
): LabelSelector {
  return LabelSelector.from(controller?.spec.selector ?? {});
}
