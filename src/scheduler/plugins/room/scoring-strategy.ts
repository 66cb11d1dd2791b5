import { preview } from '../../../core/index.js';
import { type ShapePoint, shapeOf } from './shape.js';
import { percentOf } from './percent.js';

/** How much a resource counts in the score. */
export interface ResourceWeight {
  readonly name: string;
  /** 1 to 100; 1 unless given. */
  readonly weight?: number | undefined;
}

/**
 * How NodeResourcesFit likes nodes.
 *
 * - `LeastAllocated`: the better the more is free, which spreads Pods.
 * - `MostAllocated`: the better the less is free, which packs them.
 * - `RequestedToCapacityRatio`: by the `shape`, the score (0 to 10) at some utilizations (0 to 100 percent, ascending), straight
 *   lines between them.
 */
export interface ScoringStrategy {
  readonly type: 'LeastAllocated' | 'MostAllocated' | 'RequestedToCapacityRatio';
  /** CPU and memory, 1 each, unless given. */
  readonly resources?: readonly ResourceWeight[] | undefined;
  readonly shape?: readonly ShapePoint[] | undefined;
}

/** A strategy made ready. */
export interface Strategy {
  readonly resources: readonly { readonly name: string; readonly weight: number }[];
  /** The score, 0 to 100, of a resource of which so much would be used; capacity is above 0. */
  resourceScore(used: number, capacity: number): number;
  /** The score of the node, where resources of so much weight have so much in sum. */
  total(sum: number, weights: number): number;
  /** Whether resources that score 0 do not count at all. */
  readonly leavesOutZero: boolean;
}

const USUAL: readonly ResourceWeight[] = /* @__PURE__ */ Object.freeze([{ name: 'cpu' }, { name: 'memory' }]);
const FIELD = 'scoringStrategy';

/** A strategy made ready. @throws TypeError or RangeError naming the field, its value and what was expected. */
export function strategyOf({ type, resources = USUAL, shape }: ScoringStrategy): Strategy {
  const weighted = { resources: readResources(resources) };
  if (shape !== undefined && type !== 'RequestedToCapacityRatio') {
    throw new TypeError(`${FIELD}.shape: expected none for the type ${preview(type)}, got ${preview(shape)}`);
  }
  const total = (sum: number, weights: number): number => Math.trunc(sum / weights);
  switch (type) {
    case 'LeastAllocated':
      return { ...weighted, resourceScore: leastAllocated, total, leavesOutZero: false };
    case 'MostAllocated':
      return { ...weighted, resourceScore: mostAllocated, total, leavesOutZero: false };
    case 'RequestedToCapacityRatio': {
      const score = shapeOf(shape, `${FIELD}.shape`);
      return {
        ...weighted,
        resourceScore: (used, capacity) => score(used > capacity ? 100 : percentOf(used, capacity)),
        total: (sum, weights) => Math.round(sum / weights),
        leavesOutZero: true,
      };
    }
    default:
      throw new TypeError(
        `${FIELD}.type: expected LeastAllocated, MostAllocated or RequestedToCapacityRatio, got ${preview(type)}`,
      );
  }
}

function leastAllocated(used: number, capacity: number): number {
  return used > capacity ? 0 : percentOf(capacity - used, capacity);
}

function mostAllocated(used: number, capacity: number): number {
  return used > capacity ? 100 : percentOf(used, capacity);
}

function readResources(resources: readonly ResourceWeight[]): Strategy['resources'] {
  if (!Array.isArray(resources) || resources.length === 0) {
    throw new TypeError(`${FIELD}.resources: expected a list that is not empty, got ${preview(resources)}`);
  }
  const names = new Set<string>();
  return (resources as readonly ResourceWeight[]).map(({ name, weight = 1 }, index) => {
    const field = `${FIELD}.resources[${index}]`;
    if (typeof name !== 'string' || name === '' || names.has(name)) {
      throw new TypeError(`${field}.name: expected a resource that is named once, got ${preview(name)}`);
    }
    names.add(name);
    if (!Number.isInteger(weight) || weight < 1 || weight > 100) {
      throw new RangeError(`${field}.weight: expected a whole number from 1 to 100, got ${preview(weight)}`);
    }
    return { name, weight };
  });
}
