import type { Random } from '../../../../src/core/index.js';
import type { Labels, Pod, PodSpec } from '../types.js';
import { chance, maybe, pick, several } from './pick.js';
import { randomContainers } from './random-containers.js';
import { randomOwner } from './random-groups.js';
import { randomNodeAffinity, randomNodeSelector, randomToleration } from './random-node-affinity.js';
import { randomPodAffinity, type AffinityChances } from './random-pod-affinity.js';
import { randomSpread } from './random-spread.js';
import { NAMESPACES, POD_LABELS, PRIORITIES } from './vocabulary.js';

/** What every random pod has, be it bound or not: all but its volumes, and where it is. */
export function randomPodBody(
  random: Random,
  name: string,
  nodeNames: readonly string[],
  chances: AffinityChances,
): Pod {
  const labels = randomLabels(random);
  return {
    metadata: {
      name,
      namespace: pick(random, NAMESPACES),
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      ...maybe(random, 0.2, () => ({ ownerReferences: [randomOwner(random)] })),
    },
    spec: {
      ...randomContainers(random),
      ...maybe(random, 0.7, () => ({ priority: pick(random, PRIORITIES) })),
      ...placement(random),
      ...affinity(random, labels, nodeNames, chances),
      ...maybe(random, 0.3, () => ({ topologySpreadConstraints: randomSpread(random) })),
      ...maybe(random, 0.03, () => ({ hostNetwork: true, hostUsers: chance(random, 0.3) })),
    },
  };
}

function randomLabels(random: Random): Labels {
  const labels: Record<string, string> = {};
  for (const [key, values] of POD_LABELS) {
    if (chance(random, key === 'app' ? 0.9 : 0.5)) labels[key] = pick(random, values);
  }
  return labels;
}

function placement(random: Random): Pick<PodSpec, 'tolerations' | 'nodeSelector'> {
  return {
    ...maybe(random, 0.5, () => ({ tolerations: several(random, 1, 3, () => randomToleration(random)) })),
    ...maybe(random, 0.06, () => ({ nodeSelector: randomNodeSelector(random) })),
  };
}

function affinity(
  random: Random,
  labels: Labels,
  nodeNames: readonly string[],
  chances: AffinityChances,
): Pick<PodSpec, 'affinity'> {
  const nodeAffinity = maybe(random, 0.2, () => ({ nodeAffinity: randomNodeAffinity(random, nodeNames) }));
  const podAffinity = randomPodAffinity(random, labels, chances);
  const whole = { ...nodeAffinity, ...podAffinity };
  return Object.keys(whole).length === 0 ? {} : { affinity: whole };
}
