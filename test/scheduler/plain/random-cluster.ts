import { Quantity, type Random } from '../../../src/core/index.js';
import { priorityOf, type Cluster, type Input } from './cluster.js';
import { chance, maybe, pick, several } from './random/pick.js';
import { randomStatuses } from './random/random-containers.js';
import { randomBudgets, randomGroups } from './random/random-groups.js';
import { randomCsiNodes, randomNode } from './random/random-node.js';
import { randomPodBody } from './random/random-pod.js';
import { isHard } from './random/random-spread.js';
import { randomStorage } from './random/random-storage.js';
import { mountedClaims, randomVolumes } from './random/random-volumes.js';
import type { Namespace, Node, PersistentVolumeClaim, Pod } from './types.js';

export interface ClusterSize {
  readonly nodes: number;
  /** Bound ones. */
  readonly pods: number;
}

/** How many bound pods a node of the usual size has room for. */
const PODS_PER_NODE = 10;
const FIRST_START = Date.UTC(2026, 0, 1);
const SECOND = 1000;

const CLUSTER_NAMESPACES: readonly Namespace[] = [
  namespace('default', { env: 'prod' }),
  namespace('team-a', { env: 'prod', team: 'a' }),
  namespace('team-b', { env: 'dev', team: 'b' }),
  namespace('batch', {}),
];

/**
 * A random cluster, and a pod to place in it, in the shape of the vectors; the same for the same randomness.
 *
 * All that the scheduler's rules read occurs, each with a moderate probability. What the vectors leave out does not.
 */
export function randomCluster(random: Random, size: ClusterSize): Input {
  const scale = Math.max(1, Math.ceil(size.pods / Math.max(1, size.nodes) / PODS_PER_NODE));
  const nodes = Array.from({ length: size.nodes }, (_, index) => randomNode(random, index, scale));
  const storage = randomStorage(random, Math.ceil(Math.sqrt(size.pods)) + 2);
  const pods = boundPods(random, size.pods, nodes, storage.persistentVolumeClaims);
  const cluster: Cluster = {
    nodes,
    pods,
    namespaces: CLUSTER_NAMESPACES,
    ...randomGroups(random),
    podDisruptionBudgets: randomBudgets(random, pods),
    ...storage,
    csiNodes: randomCsiNodes(random, nodes),
    nominated: nominatedPods(random, nodes),
  };
  return { ...cluster, pod: randomPod(random, cluster) };
}

/** A random pod to place in a cluster. */
export function randomPod(random: Random, cluster: Cluster): Pod {
  const names = cluster.nodes.map(({ metadata }) => metadata.name);
  const name = `pod-${random.uuid().slice(0, 8)}`;
  const body = randomPodBody(random, name, names, { antiAffinity: 0.3, anyNamespace: false });
  const pod: Pod = {
    ...body,
    spec: {
      ...body.spec,
      ...randomVolumes(random, cluster.persistentVolumeClaims ?? [], body.metadata.namespace),
      ...maybe(random, names.length === 0 ? 0 : 0.02, () => ({ nodeName: pick(random, names) })),
      ...maybe(random, 0.03, () => ({ schedulingGates: [{ name: 'example.com/wait' }] })),
      ...maybe(random, 0.05, () => ({ preemptionPolicy: pick(random, ['Never', 'PreemptLowerPriority']) })),
    },
    ...maybe(random, names.length === 0 ? 0 : 0.05, () => ({
      status: { nominatedNodeName: pick(random, names) },
    })),
  };
  const asking = chance(random, 0.15) ? asksForMuch(random, pod, cluster) : pod;
  return removesTerminating(asking, cluster)
    ? { ...asking, spec: { ...asking.spec, preemptionPolicy: 'Never' } }
    : asking;
}

/** The pod, if it were important and needed most of some node: others must often make room for it. */
function asksForMuch(random: Random, pod: Pod, { nodes }: Cluster): Pod {
  const [first, ...others] = pod.spec.containers;
  // what the pod asks for as a whole would stand above it
  if (first === undefined || pod.spec.resources !== undefined || nodes.length === 0) return pod;
  const whole = Quantity.parse(pick(random, nodes).status.allocatable?.['cpu'] ?? '4').milliValue();
  const requests = { ...first.resources?.requests, cpu: `${(whole * 9n) / 10n}m` };
  return {
    ...pod,
    spec: {
      ...pod.spec,
      priority: pick(random, [100, 500, 1000, 1000]),
      containers: [{ ...first, resources: { requests } }, ...others],
    },
  };
}

/** Whether preemption would try to remove terminating pods under hard spread constraints, which the vectors leave out. */
function removesTerminating(pod: Pod, cluster: Cluster): boolean {
  return (
    (pod.spec.topologySpreadConstraints ?? []).some(isHard) &&
    cluster.pods.some(
      (other) => other.metadata.deletionTimestamp !== undefined && priorityOf(other) < priorityOf(pod),
    )
  );
}

/** A claim is mounted once at most where it is for one pod only. */
function boundPods(
  random: Random,
  count: number,
  nodes: readonly Node[],
  claims: readonly PersistentVolumeClaim[],
): readonly Pod[] {
  const names = nodes.map(({ metadata }) => metadata.name);
  const antiAffinity = Math.min(0.3, 4 / Math.max(1, count));
  const withTerminating = chance(random, 0.5);
  const pods: Pod[] = [];
  for (let index = 0; index < count; index += 1) {
    const body = randomPodBody(random, `p${index}`, names, { antiAffinity, anyNamespace: true });
    const mounted = mountedClaims(pods);
    const open = claims.filter(
      ({ metadata, spec }) =>
        spec.volumeName !== undefined &&
        (spec.accessModes?.includes('ReadWriteOncePod') !== true ||
          !mounted.has(`${metadata.namespace}/${metadata.name}`)),
    );
    const spec = { ...body.spec, ...randomVolumes(random, open, body.metadata.namespace) };
    pods.push(bound(random, { ...body, spec }, index, names, withTerminating));
  }
  return pods;
}

/** No two pods start at the same time, so that the order of victims is fixed. */
function bound(
  random: Random,
  pod: Pod,
  index: number,
  nodeNames: readonly string[],
  mayTerminate: boolean,
): Pod {
  const terminating = mayTerminate && chance(random, 0.08);
  const preempted = terminating && chance(random, 0.5);
  const condition = { type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' };
  return {
    metadata: { ...pod.metadata, ...(terminating ? { deletionTimestamp: '2026-01-02T00:00:00Z' } : {}) },
    spec: {
      ...pod.spec,
      nodeName: pick(random, chance(random, 0.02) || nodeNames.length === 0 ? ['absent'] : nodeNames),
    },
    status: {
      startTime: new Date(FIRST_START + index * SECOND).toISOString().replace('.000', ''),
      ...(preempted ? { conditions: [condition] } : {}),
      ...maybe(random, 0.03, () => ({ containerStatuses: randomStatuses(random, pod.spec.containers) })),
    },
  };
}

function nominatedPods(random: Random, nodes: readonly Node[]): readonly Pod[] {
  const names = nodes.map(({ metadata }) => metadata.name);
  if (names.length === 0 || !chance(random, 0.3)) return [];
  return several(random, 1, 3, (index) => ({
    ...randomPodBody(random, `nominated${index}`, names, { antiAffinity: 0.3, anyNamespace: false }),
    status: { nominatedNodeName: pick(random, names) },
  }));
}

function namespace(name: string, labels: Readonly<Record<string, string>>): Namespace {
  return { metadata: { name, labels: { 'kubernetes.io/metadata.name': name, ...labels } } };
}
