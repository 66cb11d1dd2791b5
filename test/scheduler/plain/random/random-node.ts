import type { Random } from '../../../../src/core/index.js';
import type { CsiNode, Node, ResourceList, Taint } from '../types.js';
import { between, chance, maybe, pick, several, some } from './pick.js';
import {
  CSI_DRIVERS,
  DECLARED_FEATURES,
  HOSTNAME,
  IMAGES,
  NODE_LABELS,
  REGION,
  TAINTS,
  ZONE,
  ZONES,
} from './vocabulary.js';

/** @param scale - How many times the usual room it has. */
export function randomNode(random: Random, index: number, scale: number): Node {
  const name = `n${String(index).padStart(2, '0')}`;
  return {
    metadata: { name, labels: labels(random, name) },
    spec: {
      ...maybe(random, 0.03, () => ({ unschedulable: true })),
      ...maybe(random, 0.15, () => ({ taints: several(random, 1, 2, () => taint(random)) })),
    },
    status: {
      allocatable: allocatable(random, scale),
      ...maybe(random, 0.5, () => ({ images: images(random) })),
      ...maybe(random, 0.4, () => ({ declaredFeatures: some(random, DECLARED_FEATURES, 3) })),
    },
  };
}

export function randomCsiNodes(random: Random, nodes: readonly Node[]): readonly CsiNode[] {
  return nodes
    .filter(() => chance(random, 0.6))
    .map(({ metadata: { name } }) => ({
      metadata: { name },
      spec: {
        drivers: some(random, CSI_DRIVERS, 2).map((driver) => ({
          name: driver,
          nodeID: name,
          topologyKeys: null,
          ...maybe(random, 0.8, () => ({ allocatable: { count: between(random, 0, 6) } })),
        })),
      },
    }));
}

/** Now and then a node lacks a label of a topology. */
function labels(random: Random, name: string): Record<string, string> {
  const result: Record<string, string> = {};
  if (chance(random, 0.98)) result[HOSTNAME] = name;
  if (chance(random, 0.93)) result[ZONE] = pick(random, ZONES);
  if (chance(random, 0.8)) result[REGION] = pick(random, ['r1', 'r2']);
  if (chance(random, 0.7)) result['rack'] = pick(random, ['k1', 'k2', 'k3', 'k4']);
  for (const [key, values] of NODE_LABELS) if (chance(random, 0.5)) result[key] = pick(random, values);
  return result;
}

function taint(random: Random): Taint {
  const [key, values] = pick(random, TAINTS);
  const value = pick(random, values);
  const effect = pick(random, ['NoSchedule', 'NoExecute', 'PreferNoSchedule', 'PreferNoSchedule']);
  return { key, effect, ...(value === '' ? {} : { value }) };
}

function allocatable(random: Random, scale: number): ResourceList {
  const cores = pick(random, [4, 8, 16, 16]) * scale;
  const gibibytes = pick(random, [8, 16, 32, 64]) * scale;
  return {
    ...maybe(random, 0.99, () => ({ cpu: pick(random, [`${cores}`, `${cores * 1000 - 100}m`]) })),
    ...maybe(random, 0.99, () => ({
      memory: pick(random, [`${gibibytes}Gi`, `${gibibytes * 1_000_000 + 12_345}Ki`]),
    })),
    pods: String(pick(random, [110, 110, 30, 8]) * scale),
    ...maybe(random, 0.8, () => ({ 'ephemeral-storage': pick(random, ['100Gi', '20Gi']) })),
    ...maybe(random, 0.6, () => ({ 'example.com/gpu': pick(random, ['1', '4', '8']) })),
    ...maybe(random, 0.3, () => ({ 'hugepages-2Mi': pick(random, ['64Mi', '512Mi']) })),
  };
}

function images(random: Random): { names: string[]; sizeBytes: number }[] {
  return some(random, IMAGES, 4).map(([name, sizeBytes]) => ({ names: [name], sizeBytes }));
}
