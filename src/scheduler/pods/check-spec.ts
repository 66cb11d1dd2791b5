import { preview } from '../../core/index.js';
import type { PodSpec } from '../../resources/kinds/index.js';
import { type Fields, listOf } from './list-of.js';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';
const HIGHEST_WEIGHT = 100;

/** Checks that there are containers to read. @throws TypeError naming the field. */
export function checkContainers(spec: PodSpec): void {
  if (typeof spec !== 'object' || spec === null) {
    throw new TypeError(`spec: expected an object, got ${preview(spec)}`);
  }
  if (!Array.isArray(spec.containers)) {
    throw new TypeError(`spec.containers: expected a list, got ${preview(spec.containers)}`);
  }
  listOf(spec.containers, 'spec.containers');
  listOf(spec.initContainers, 'spec.initContainers');
}

/**
 * Checks the shape of what is read of a spec long after it was taken over, and of what counts for other Pods: so that a Pod that makes no
 * sense is refused at once, and does no harm to others.
 *
 * Selectors and operators are left to those who read them: some of them that make no sense match nothing.
 *
 * @throws TypeError naming the field; RangeError for a weight that is no whole number from 0 to 100.
 */
export function checkSpec(spec: PodSpec): void {
  listOf(spec.tolerations, 'spec.tolerations');
  listOf(spec.topologySpreadConstraints, 'spec.topologySpreadConstraints');
  listOf(spec.volumes, 'spec.volumes');
  const affinity = objectOf(spec.affinity, 'spec.affinity');
  const ofNodes = objectOf(affinity?.['nodeAffinity'], 'spec.affinity.nodeAffinity');
  weighted(ofNodes?.[PREFERRED], `spec.affinity.nodeAffinity.${PREFERRED}`, 'preference');
  for (const kind of ['podAffinity', 'podAntiAffinity']) {
    const field = `spec.affinity.${kind}`;
    const terms = objectOf(affinity?.[kind], field);
    listOf(terms?.[REQUIRED], `${field}.${REQUIRED}`);
    weighted(terms?.[PREFERRED], `${field}.${PREFERRED}`, 'podAffinityTerm');
  }
}

function weighted(value: unknown, field: string, term: string): void {
  for (const [index, item] of listOf(value, field).entries()) {
    const { weight } = item;
    if (!Number.isInteger(weight) || (weight as number) < 0 || (weight as number) > HIGHEST_WEIGHT) {
      throw new RangeError(
        `${field}[${index}].weight: expected a whole number from 0 to ${HIGHEST_WEIGHT}, got ${preview(weight)}`,
      );
    }
    if (objectOf(item[term], `${field}[${index}].${term}`) === undefined) {
      throw new TypeError(`${field}[${index}].${term}: expected an object, got ${preview(item[term])}`);
    }
  }
}

function objectOf(value: unknown, field: string): Fields | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object') throw new TypeError(`${field}: expected an object, got ${preview(value)}`);
  return value as Fields;
}
