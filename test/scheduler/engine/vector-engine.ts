import {
  CSINode,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodDisruptionBudget,
  ReplicaSet,
  ReplicationController,
  Service,
  StatefulSet,
  StorageClass,
} from '../../../src/resources/kinds/index.js';
import type { AnyResource } from '../../../src/resources/index.js';
import { SchedulingEngine } from '../../../src/scheduler/engine/scheduling-engine.js';
import { defaultPlugins } from '../../../src/scheduler/plugins/default-plugins.js';

/** The lists of a case, by the kind of what is in them. */
export const LISTS: Readonly<Record<string, AnyResource>> = {
  nodes: Node,
  pods: Pod,
  nominated: Pod,
  namespaces: Namespace,
  services: Service,
  replicaSets: ReplicaSet,
  statefulSets: StatefulSet,
  replicationControllers: ReplicationController,
  podDisruptionBudgets: PodDisruptionBudget,
  persistentVolumes: PersistentVolume,
  persistentVolumeClaims: PersistentVolumeClaim,
  storageClasses: StorageClass,
  csiNodes: CSINode,
};

/** An engine with kube-scheduler's plugins that knows the cluster of a case. */
export function engineOf(input: object, seed = 1): SchedulingEngine {
  const engine = new SchedulingEngine({ plugins: defaultPlugins(), seed });
  tell(engine, input);
  return engine;
}

/** Tells an engine of the cluster of a case. */
export function tell(engine: Pick<SchedulingEngine, 'set'>, input: object): void {
  for (const [name, resource] of Object.entries(LISTS)) {
    const objects = (input as Readonly<Record<string, readonly object[] | undefined>>)[name] ?? [];
    // the cases have what rules read of the objects, and nothing else
    for (const object of objects) engine.set(resource, object);
  }
}
