import type { Random } from '../../../../src/core/index.js';
import type { Labels, NodeAffinity, NodeRequirement, NodeTerm, Toleration } from '../types.js';
import { chance, maybe, pick, several, some } from './pick.js';
import { NODE_LABELS, TAINTS, ZONE, ZONES } from './vocabulary.js';

const LABELS: readonly (readonly [string, readonly string[]])[] = [
  ...NODE_LABELS,
  [ZONE, ZONES],
  [ZONE, ZONES],
  ['rack', ['k1', 'k2', 'k3']],
];

export function randomNodeSelector(random: Random): Labels {
  const [key, values] = pick(random, LABELS);
  return { [key]: pick(random, values) };
}

/** @param names - Those of the nodes. */
export function randomNodeAffinity(random: Random, names: readonly string[]): NodeAffinity {
  return {
    ...maybe(random, 0.4, () => ({
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: chance(random, 0.2)
          ? several(random, 1, 3, () => ({ matchFields: [nameRequirement(random, names, 'In')] }))
          : several(random, 1, 3, () => term(random, names)),
      },
    })),
    ...maybe(random, 0.8, () => ({
      preferredDuringSchedulingIgnoredDuringExecution: several(random, 1, 3, () => ({
        weight: pick(random, [1, 3, 5, 10, 50, 100]),
        preference: term(random, names),
      })),
    })),
  };
}

export function randomToleration(random: Random): Toleration {
  const [key, values] = pick(random, [...TAINTS, ['node.kubernetes.io/unschedulable', ['']] as const]);
  const value = pick(random, values);
  const effect = maybe(random, 0.5, () => ({
    effect: pick(random, ['NoSchedule', 'NoExecute', 'PreferNoSchedule']),
  }));
  return pick<Toleration>(random, [
    { operator: 'Exists', ...effect },
    { key, operator: 'Exists', ...effect },
    { key, operator: 'Exists', ...effect },
    { key, operator: 'Equal', value, ...effect },
    { key, value, ...effect },
    { key, operator: 'Gt', value: '3', ...effect },
  ]);
}

/** Some terms are empty, and a very few in error. */
function term(random: Random, names: readonly string[]): NodeTerm {
  return {
    ...maybe(random, 0.9, () => ({
      matchExpressions: several(random, 1, 2, () => requirement(random)),
    })),
    ...maybe(random, 0.1, () => ({
      matchFields: [nameRequirement(random, names, pick(random, ['In', 'In', 'NotIn']))],
    })),
  };
}

function nameRequirement(random: Random, names: readonly string[], operator: string): NodeRequirement {
  return { key: 'metadata.name', operator, values: [pick(random, [...names, 'absent'])] };
}

function requirement(random: Random): NodeRequirement {
  const [key, values] = pick(random, LABELS);
  return pick<NodeRequirement>(random, [
    { key, operator: 'In', values: some(random, values, 3) },
    { key, operator: 'In', values: some(random, values, 3) },
    { key, operator: 'NotIn', values: some(random, values, 2) },
    { key, operator: 'Exists' },
    { key, operator: 'DoesNotExist' },
    { key: 'cores', operator: 'Gt', values: [pick(random, ['0', '4', '8'])] },
    {
      key: 'cores',
      operator: 'Lt',
      values: [pick(random, ['8', '16', '16', '32', '32', '64', '64', '64', '64', '-5'])],
    },
  ]);
}
