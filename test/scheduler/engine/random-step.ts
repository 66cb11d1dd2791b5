import type { Random } from '../../../src/core/index.js';
import { PluginError } from '../../../src/scheduler/engine/plugin-error.js';
import { chance, pick } from '../plain/random/pick.js';
import { randomStatuses } from '../plain/random/random-containers.js';
import { randomBudgets, randomGroups } from '../plain/random/random-groups.js';
import { randomCsiNodes, randomNode } from '../plain/random/random-node.js';
import { randomStorage } from '../plain/random/random-storage.js';
import { PRIORITIES, ZONE, ZONES } from '../plain/random/vocabulary.js';
import type { Node, Pod } from '../plain/types.js';
import type { AnyObject, ListName, MovingCluster } from './moving-cluster.js';

/** Pods may be bound to it before it is there. */
const LATE = 'absent';
const NODES = 15;
const CLAIMS = 8;

type Step = (cluster: MovingCluster, random: Random, keepsFork: boolean) => void;

const STEPS: readonly (readonly [weight: number, step: Step])[] = [
  [8, (cluster, random) => cluster.set('pods', boundPod(cluster, random))],
  [8, placeOne],
  [2, (cluster, random) => cluster.assume(cluster.randomPod(random), nodeName(random))],
  [6, (cluster, random) => withPod(cluster, random, (pod) => cluster.unset('pods', pod))],
  [8, (cluster, random) => withPod(cluster, random, (pod) => cluster.set('pods', changed(pod, random)))],
  [3, (cluster, random) => nominate(cluster, random)],
  [5, (cluster, random) => cluster.set('nodes', nodeNamed(nodeName(random), random))],
  [8, (cluster, random) => changeNode(cluster, random)],
  [4, (cluster, random) => replaceNode(cluster, random)],
  [3, (cluster, random) => changeNamespace(cluster, random)],
  [6, (cluster, random) => changeObject(cluster, random)],
  [3, (cluster) => cluster.fork()],
  [2, (cluster, _, keepsFork) => (cluster.forks > 0 && !keepsFork ? cluster.rollback() : undefined)],
  [1, (cluster, _, keepsFork) => (cluster.forks > 0 && !keepsFork ? cluster.commit() : undefined)],
];
const WEIGHT = STEPS.reduce((sum, [weight]) => sum + weight, 0);

/**
 * Changes something: each kind of change has its turn.
 *
 * @param keepsFork - Whether the last fork stays open.
 */
export function takeRandomStep(cluster: MovingCluster, random: Random, keepsFork = false): void {
  let left = random.integer(WEIGHT);
  for (const [weight, step] of STEPS) {
    if (left < weight) {
      step(cluster, random, keepsFork);
      return;
    }
    left -= weight;
  }
}

/** Placing a pod whose preferences make no sense fails, and changes nothing. */
function placeOne(cluster: MovingCluster, random: Random): void {
  try {
    cluster.place(cluster.randomPod(random));
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
  }
}

function nodeName(random: Random): string {
  return chance(random, 0.05) ? LATE : `n${String(random.integer(NODES)).padStart(2, '0')}`;
}

function nodeNamed(name: string, random: Random): Node {
  const node = randomNode(random, 0, 1);
  const labels = node.metadata.labels ?? {};
  const hostname = labels['kubernetes.io/hostname'] === undefined ? {} : { 'kubernetes.io/hostname': name };
  return { ...node, metadata: { name, labels: { ...labels, ...hostname } } };
}

function boundPod(cluster: MovingCluster, random: Random): Pod {
  const pod = cluster.randomPod(random);
  return { ...pod, spec: { ...pod.spec, nodeName: nodeName(random) } };
}

function withPod(cluster: MovingCluster, random: Random, change: (pod: Pod) => void): void {
  if (cluster.pods.length > 0) change(pick(random, cluster.pods));
}

/** A pod that has other labels, is going, is resized, counts otherwise, has moved, or has ended. */
function changed(pod: Pod, random: Random): Pod {
  const { metadata, spec, status } = pod;
  return pick<() => Pod>(random, [
    () => ({ ...pod, metadata: { ...metadata, labels: { app: pick(random, ['web', 'db', 'cache']) } } }),
    () => ({ ...pod, metadata: { ...metadata, deletionTimestamp: '2026-04-01T00:00:00Z' } }),
    () => ({ ...pod, spec: { ...spec, priority: pick(random, PRIORITIES) } }),
    () => ({ ...pod, status: { ...status, containerStatuses: randomStatuses(random, spec.containers) } }),
    () => ({ ...pod, spec: { ...spec, tolerations: [] } }),
    () => ({ ...pod, metadata: { ...metadata, annotations: { note: 'of no interest' } } }),
    () => ({ ...pod, spec: { ...spec, nodeName: nodeName(random) } }),
    () => ({ ...pod, status: { ...status, phase: 'Succeeded' } }),
  ])();
}

function nominate(cluster: MovingCluster, random: Random): void {
  const pod = cluster.randomPod(random);
  const { nodeName: _, ...spec } = pod.spec;
  const nominated: Pod = { ...pod, spec, status: { ...pod.status, nominatedNodeName: nodeName(random) } };
  cluster.set('pods', nominated);
}

/** One part of a node becomes that of another. */
function changeNode(cluster: MovingCluster, random: Random): void {
  const nodes = cluster.lists.nodes;
  if (nodes.length === 0) return;
  const node = pick(random, nodes);
  const { metadata, spec, status } = nodeNamed(node.metadata.name, random);
  const part = pick<Partial<Node>>(random, [
    { metadata },
    { spec: { ...node.spec, unschedulable: chance(random, 0.3) } },
    { spec },
    { status: { ...node.status, allocatable: status.allocatable ?? {} } },
    { status },
    { metadata: { ...node.metadata, annotations: { note: 'of no interest' } } },
    {},
  ]);
  const after: Node = { ...node, ...part };
  cluster.set('nodes', after);
}

/** A node goes; now and then it comes again, or another does. */
function replaceNode(cluster: MovingCluster, random: Random): void {
  const nodes = cluster.lists.nodes;
  if (nodes.length === 0) return;
  const node = pick(random, nodes);
  cluster.unset('nodes', node);
  if (chance(random, 0.4)) cluster.set('nodes', node);
  else if (chance(random, 0.5)) cluster.set('nodes', nodeNamed(nodeName(random), random));
}

function changeNamespace(cluster: MovingCluster, random: Random): void {
  const name = pick(random, ['default', 'team-a', 'team-b', 'batch']);
  if (chance(random, 0.2)) cluster.unset('namespaces', { metadata: { name } });
  else {
    const labels = { env: pick(random, ['prod', 'dev']), team: pick(random, ['a', 'b']) };
    cluster.set('namespaces', { metadata: { name, labels } });
  }
}

/** An object of another kind is set or goes. */
function changeObject(cluster: MovingCluster, random: Random): void {
  const all: Partial<Record<ListName, readonly AnyObject[]>> = {
    ...randomGroups(random),
    podDisruptionBudgets: randomBudgets(random, cluster.pods),
    ...randomStorage(random, CLAIMS),
    csiNodes: randomCsiNodes(random, cluster.lists.nodes),
  };
  const list = pick(random, Object.keys(all)) as ListName;
  const there = cluster.all(list);
  const others = all[list] ?? [];
  if (there.length > 0 && chance(random, 0.4)) cluster.unset(list, pick(random, there));
  else if (others.length > 0) cluster.set(list, inOtherZone(pick(random, others), random));
}

/** A volume may also have another zone. */
function inOtherZone(object: AnyObject, random: Random): AnyObject {
  const { metadata } = object;
  return metadata.name.startsWith('pv-') && chance(random, 0.3)
    ? { ...object, metadata: { ...metadata, labels: { [ZONE]: pick(random, ZONES) } } }
    : object;
}
