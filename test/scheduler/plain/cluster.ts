import type {
  CsiNode,
  DisruptionBudget,
  Labels,
  LabelSelected,
  MapSelected,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  StorageClass,
} from './types.js';

/** All that a decision may depend on, as plain lists. */
export interface Cluster {
  readonly nodes: readonly Node[];
  /** Those bound to a node. */
  readonly pods: readonly Pod[];
  readonly namespaces: readonly Namespace[];
  readonly services?: readonly MapSelected[];
  readonly replicationControllers?: readonly MapSelected[];
  readonly replicaSets?: readonly LabelSelected[];
  readonly statefulSets?: readonly LabelSelected[];
  readonly podDisruptionBudgets?: readonly DisruptionBudget[];
  readonly persistentVolumes?: readonly PersistentVolume[];
  readonly persistentVolumeClaims?: readonly PersistentVolumeClaim[];
  readonly storageClasses?: readonly StorageClass[];
  readonly csiNodes?: readonly CsiNode[];
  /** Unbound pods, for which their `status.nominatedNodeName` keeps room. */
  readonly nominated?: readonly Pod[];
}

/** A cluster and a pod to place in it. */
export interface Input extends Cluster {
  readonly pod: Pod;
}

export function podsOn(node: Node, cluster: Cluster): readonly Pod[] {
  return cluster.pods.filter((pod) => pod.spec.nodeName === node.metadata.name);
}

export function nodeOf(pod: Pod, cluster: Cluster): Node | undefined {
  return cluster.nodes.find((node) => node.metadata.name === pod.spec.nodeName);
}

/** The same cluster with other pods; those bound to a node that is not there do not count. */
export function withPods(cluster: Cluster, pods: readonly Pod[]): Cluster {
  return { ...cluster, pods: pods.filter((pod) => nodeOf(pod, cluster) !== undefined) };
}

/** The pod as it would be on a node. */
export function boundTo(pod: Pod, node: Node): Pod {
  return { ...pod, spec: { ...pod.spec, nodeName: node.metadata.name } };
}

export function nameOf(pod: Pod): string {
  return `${pod.metadata.namespace}/${pod.metadata.name}`;
}

export function priorityOf(pod: Pod): number {
  return pod.spec.priority ?? 0;
}

/** A label's value; undefined where it is absent. */
export function labelOf(labels: Labels | undefined, key: string): string | undefined {
  return labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
}

/** Whether all wanted labels are there with their values. */
export function hasLabels(labels: Labels | undefined, wanted: Labels): boolean {
  return Object.entries(wanted).every(([key, value]) => labelOf(labels, key) === value);
}
