import { ApiError, LabelSelector, preview, validateName } from '../../core/index.js';
import type { NodeSelectorRequirement } from '../../resources/kinds/index.js';

/** What selectors see of a node. */
export interface NodeIdentity {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** One condition on a node. */
export interface NodeCondition {
  /** In the words of label selectors: `disk in (ssd,nvme)`. */
  readonly text: string;
  /** Whether it is about the name, which no node can change; about labels otherwise. */
  readonly isOfName: boolean;
  matches(node: NodeIdentity): boolean;
}

/** The only field of a node that can be asked for. */
const NAME_FIELD = 'metadata.name';

/** The condition that a label has a value. */
export function labelIs(key: string, value: string): NodeCondition {
  return {
    text: `${key}=${value}`,
    isOfName: false,
    // as Kubernetes does it, this takes any text for a value
    matches: ({ labels }) => labels[key] === value && Object.hasOwn(labels, key),
  };
}

/**
 * A condition on labels: `In`, `NotIn`, `Exists`, `DoesNotExist`, `Gt` or `Lt`.
 *
 * @throws TypeError naming the field, its value and what was expected.
 *
 * Source: `NodeSelectorRequirementsAsSelector` of k8s.io/component-helpers.
 */
export function labelCondition(requirement: NodeSelectorRequirement, field: string): NodeCondition {
  const { operator } = requirement;
  const selector =
    operator === 'Gt' || operator === 'Lt'
      ? comparison(requirement, field)
      : inField(field, () => LabelSelector.from({ matchExpressions: [requirement] }));
  return { text: selector.toString(), isOfName: false, matches: ({ labels }) => selector.matches(labels) };
}

/**
 * A condition on the name of the node: `In` or `NotIn` with one value.
 *
 * @throws TypeError naming the field, its value and what was expected.
 *
 * Source: `nodeSelectorRequirementsAsFieldSelector` of k8s.io/component-helpers: any other field is empty.
 */
export function fieldCondition(
  { key, operator, values = [] }: NodeSelectorRequirement,
  field: string,
): NodeCondition {
  if (operator !== 'In' && operator !== 'NotIn') {
    throw new TypeError(`${field}.operator: expected In or NotIn, got ${preview(operator)}`);
  }
  const [value] = values;
  if (value === undefined || values.length > 1) {
    throw new TypeError(`${field}.values: expected one value, got ${preview(values)}`);
  }
  const isWanted = operator === 'In';
  return {
    text: `${key}${isWanted ? '=' : '!='}${value}`,
    isOfName: true,
    matches: ({ name }) => ((key === NAME_FIELD ? name : '') === value) === isWanted,
  };
}

/** The names that a requirement on fields leaves, where it says which: undefined otherwise. */
export function namesIn({
  key,
  operator,
  values = [],
}: NodeSelectorRequirement): ReadonlySet<string> | undefined {
  return key === NAME_FIELD && operator === 'In' ? new Set(values) : undefined;
}

function comparison({ key, operator, values = [] }: NodeSelectorRequirement, field: string): LabelSelector {
  const [value] = values;
  if (value === undefined || values.length > 1) {
    throw new TypeError(`${field}.values: expected one value, got ${preview(values)}`);
  }
  if (!/^[0-9]+$/.test(value)) {
    // a label value has no sign
    throw new TypeError(`${field}.values: expected a whole number from 0 up, got ${preview(value)}`);
  }
  // with a good key the text below reads as it is meant
  const [problem] = validateName('qualified-name', key);
  if (problem !== undefined) throw new TypeError(`${field}.key: ${preview(key)}: ${problem}`);
  return inField(field, () => LabelSelector.parse(`${key}${operator === 'Gt' ? '>' : '<'}${value}`));
}

/** Runs `make`, whose error then names the field. */
function inField(field: string, make: () => LabelSelector): LabelSelector {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const where = 'matchExpressions[0]';
    const rest = error.message.startsWith(where) ? error.message.slice(where.length) : `: ${error.message}`;
    throw new TypeError(`${field}${rest}`, { cause: error });
  }
}
