import { validateName } from '../../../src/core/index.js';
import { hasLabels, labelOf } from './cluster.js';
import type { Labels, Node, NodeRequirement, NodeSelector, NodeTerm, Pod } from './types.js';

const LARGEST_INTEGER = 2n ** 63n - 1n;
const SMALLEST_INTEGER = -(2n ** 63n);

/** Whether a node has what the pod's `nodeSelector` and required node affinity ask for. */
export function matchesRequiredAffinity(pod: Pod, node: Node): boolean {
  if (!hasLabels(node.metadata.labels, pod.spec.nodeSelector ?? {})) return false;
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || matchesSelector(required, node.metadata.labels, node.metadata.name);
}

/**
 * Whether one of the terms matches; an empty term, or one in error, matches nothing.
 *
 * @param name - The node's; without it, conditions on fields are left out.
 */
export function matchesSelector(
  selector: NodeSelector,
  labels: Labels | undefined,
  name: string | undefined,
): boolean {
  return selector.nodeSelectorTerms.some((term) => matchesTerm(term, labels, name));
}

export function matchesTerm(term: NodeTerm, labels: Labels | undefined, name: string | undefined): boolean {
  if (isEmptyTerm(term) || isErroneousTerm(term)) return false;
  const expressions = term.matchExpressions ?? [];
  const fields = name === undefined ? [] : (term.matchFields ?? []);
  return (
    expressions.every((requirement) => fulfils(labelOf(labels, requirement.key), requirement)) &&
    fields.every((requirement) =>
      fulfils(requirement.key === 'metadata.name' ? (name ?? '') : '', requirement),
    )
  );
}

export function isEmptyTerm(term: NodeTerm): boolean {
  return (term.matchExpressions ?? []).length === 0 && (term.matchFields ?? []).length === 0;
}

/** Whether a term asks for something that cannot be. */
export function isErroneousTerm(term: NodeTerm): boolean {
  return (
    (term.matchExpressions ?? []).some((requirement) => !isValid(requirement)) ||
    (term.matchFields ?? []).some((requirement) => !isValidField(requirement))
  );
}

/** Values must be valid label values, so a negative number is none. */
function isValid({ key, operator, values = [] }: NodeRequirement): boolean {
  if (validateName('qualified-name', key).length > 0) return false;
  if (values.some((value) => validateName('label-value', value).length > 0)) return false;
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values.length > 0;
    case 'Exists':
    case 'DoesNotExist':
      return values.length === 0;
    case 'Gt':
    case 'Lt':
      return values.length === 1 && integer(values[0]) !== undefined;
    default:
      return false;
  }
}

function isValidField({ operator, values = [] }: NodeRequirement): boolean {
  return (operator === 'In' || operator === 'NotIn') && values.length === 1;
}

/** Whether a value, undefined where there is none, fulfils a valid requirement. */
function fulfils(value: string | undefined, { operator, values = [] }: NodeRequirement): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default: {
      const number = integer(value);
      const bound = integer(values[0]);
      if (number === undefined || bound === undefined) return false;
      return operator === 'Gt' ? number > bound : number < bound;
    }
  }
}

/** A decimal integer of 64 bits; undefined of any other text. */
function integer(text: string | undefined): bigint | undefined {
  if (text === undefined || !/^[+-]?\d+$/.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ''));
  return value > LARGEST_INTEGER || value < SMALLEST_INTEGER ? undefined : value;
}
