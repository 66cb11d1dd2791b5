import type { Random } from '../../../../src/core/index.js';
import type { Affinity, Labels, PodTerm, PodTerms, WeightedPodTerm } from '../types.js';
import { chance, maybe, pick, several, some } from './pick.js';
import { NAMESPACES, POD_LABELS, TEMPLATE_HASH, TOPOLOGY_KEYS } from './vocabulary.js';

type Selector = NonNullable<PodTerm['labelSelector']>;

/** How likely a pod is to have some affinity to others. */
export interface AffinityChances {
  /** Of required anti-affinity: where many pods have it, they leave no room for another. */
  readonly antiAffinity: number;
  /** Whether a namespace selector may match namespaces without labels. */
  readonly anyNamespace: boolean;
}

/** @param labels - Those of the pod. */
export function randomPodAffinity(random: Random, labels: Labels, chances: AffinityChances): Affinity {
  const make = (): PodTerm => randomPodTerm(random, labels, chances);
  return {
    ...maybe(random, 0.25, () => ({ podAffinity: randomTerms(random, 0.2, make) })),
    ...maybe(random, 0.3, () => ({ podAntiAffinity: randomTerms(random, chances.antiAffinity, make) })),
  };
}

export function randomSelector(random: Random): Selector {
  const [key, values] = pick(random, POD_LABELS);
  const label = { matchLabels: { [key]: pick(random, values) } };
  return pick<Selector>(random, [
    label,
    label,
    { matchExpressions: [{ key, operator: 'In', values: some(random, values, 2) }] },
    { matchExpressions: [{ key, operator: 'NotIn', values: some(random, values, 2) }] },
    { matchExpressions: [{ key, operator: 'Exists' }] },
    { ...label, matchExpressions: [{ key: 'version', operator: 'DoesNotExist' }] },
  ]);
}

function randomTerms(random: Random, required: number, make: () => PodTerm): PodTerms {
  return {
    ...maybe(random, required, () => ({
      requiredDuringSchedulingIgnoredDuringExecution: several(random, 1, 2, make),
    })),
    ...maybe(random, 0.7, () => ({
      preferredDuringSchedulingIgnoredDuringExecution: several(
        random,
        1,
        3,
        (): WeightedPodTerm => ({ weight: pick(random, [1, 5, 10, 50, 100]), podAffinityTerm: make() }),
      ),
    })),
  };
}

function randomPodTerm(random: Random, labels: Labels, { anyNamespace }: AffinityChances): PodTerm {
  return {
    topologyKey: pick(random, TOPOLOGY_KEYS),
    ...withKeys(random, labels),
    ...maybe(random, 0.2, () => ({ namespaces: some(random, NAMESPACES, 3) })),
    ...maybe(random, 0.15, () => ({ namespaceSelector: namespaceSelector(random, anyNamespace) })),
  };
}

/** A selector, into which `matchLabelKeys` or `mismatchLabelKeys` are merged as an API server does. */
function withKeys(
  random: Random,
  labels: Labels,
): Pick<PodTerm, 'labelSelector' | 'matchLabelKeys' | 'mismatchLabelKeys'> {
  const { matchExpressions = [], ...rest } = randomSelector(random);
  const expressions = matchExpressions ?? [];
  const hash = labels[TEMPLATE_HASH];
  if (hash === undefined || !chance(random, 0.15))
    return { labelSelector: { ...rest, matchExpressions: expressions } };
  const [operator, keys] = pick(random, [
    ['In', { matchLabelKeys: [TEMPLATE_HASH] }],
    ['NotIn', { mismatchLabelKeys: [TEMPLATE_HASH] }],
  ] as const);
  const merged = { key: TEMPLATE_HASH, operator, values: [hash] };
  return { labelSelector: { ...rest, matchExpressions: [...expressions, merged] }, ...keys };
}

/** Of a pod to place, only such as no namespace without labels matches, or all do: the others are left out of the vectors. */
function namespaceSelector(random: Random, anyNamespace: boolean): Selector {
  const clear: readonly Selector[] = [
    {},
    { matchLabels: { env: 'prod' } },
    { matchLabels: { team: 'none' } },
    { matchExpressions: [{ key: 'team', operator: 'Exists' }] },
    { matchExpressions: [{ key: 'env', operator: 'In', values: ['prod', 'dev'] }] },
  ];
  const loose: readonly Selector[] = [
    { matchExpressions: [{ key: 'env', operator: 'NotIn', values: ['prod'] }] },
    { matchExpressions: [{ key: 'team', operator: 'DoesNotExist' }] },
  ];
  return pick(random, anyNamespace ? [...clear, ...loose] : clear);
}
