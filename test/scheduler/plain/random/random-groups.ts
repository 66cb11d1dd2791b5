import type { Random } from '../../../../src/core/index.js';
import type { Cluster } from '../cluster.js';
import type { DisruptionBudget, Labels, Owner, Pod } from '../types.js';
import { chance, maybe, pick, several } from './pick.js';
import { randomSelector } from './random-pod-affinity.js';
import { NAMESPACES, POD_LABELS } from './vocabulary.js';

type Groups = Required<Pick<Cluster, 'services' | 'replicationControllers' | 'replicaSets' | 'statefulSets'>>;

const OWNERS: readonly Owner[] = [
  { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'rs0', uid: 'rs0', controller: true },
  { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'ss0', uid: 'ss0', controller: true },
  { apiVersion: 'v1', kind: 'ReplicationController', name: 'rc0', uid: 'rc0', controller: true },
  { apiVersion: 'batch/v1', kind: 'Job', name: 'job0', uid: 'job0', controller: true },
  { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'gone', uid: 'gone', controller: true },
];

/** Services and controllers, which decide how pods spread that do not say. */
export function randomGroups(random: Random): Groups {
  return {
    services: several(random, 0, 3, (index) => ({
      metadata: { name: `s${index}`, namespace: pick(random, NAMESPACES) },
      spec: maybe(random, 0.9, () => ({ selector: randomLabel(random) })),
    })),
    replicationControllers: [{ metadata: named(random, 'rc0'), spec: { selector: randomLabel(random) } }],
    replicaSets: [{ metadata: named(random, 'rs0'), spec: { selector: randomSelector(random) } }],
    statefulSets: [{ metadata: named(random, 'ss0'), spec: { selector: randomSelector(random) } }],
  };
}

export function randomOwner(random: Random): Owner {
  return pick(random, OWNERS);
}

/** @param pods - Of which some may be known as disrupted. */
export function randomBudgets(random: Random, pods: readonly Pod[]): readonly DisruptionBudget[] {
  return several(random, 0, 5, (index) => ({
    metadata: { name: `b${index}`, namespace: pick(random, NAMESPACES) },
    spec: { selector: chance(random, 0.9) ? randomSelector(random) : {} },
    status: {
      disruptionsAllowed: pick(random, [0, 0, 1, 2]),
      ...maybe(random, pods.length === 0 ? 0 : 0.3, () => ({
        disruptedPods: { [pick(random, pods).metadata.name]: '2026-01-01T00:00:00Z' },
      })),
    },
  }));
}

function named(random: Random, name: string): { readonly name: string; readonly namespace: string } {
  return { name, namespace: pick(random, NAMESPACES) };
}

function randomLabel(random: Random): Labels {
  const [key, values] = pick(random, POD_LABELS);
  return { [key]: pick(random, values) };
}
