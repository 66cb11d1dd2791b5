import { ApiError } from './api-error.js';
import { preview } from './preview.js';
import { validateName } from './names.js';

/** How a requirement compares a label, in Kubernetes' spelling: `!` is "does not exist". */
export type LabelOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';

/** One condition of a label selector. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  /** Sorted, each once; empty for `exists` and `!`. */
  readonly values: readonly string[];
}

/** A requirement made ready for matching and printing. */
export interface CompiledRequirement {
  readonly requirement: LabelRequirement;
  /** The canonical text. */
  readonly text: string;
  readonly key: string;
  readonly test: Test;
  /** Whether the test must fail; it fails where the label is absent. */
  readonly negated: boolean;
  /** What `equals` compares with. */
  readonly value: string;
  /** What `member` looks in. */
  readonly values: ReadonlySet<string> | undefined;
  /** What `less` and `greater` compare with. */
  readonly bound: bigint | undefined;
}

type Test = 'present' | 'equals' | 'member' | 'less' | 'greater';

const LARGEST_INTEGER = 9_223_372_036_854_775_807n;
const SMALLEST_INTEGER = -9_223_372_036_854_775_808n;

/**
 * A requirement of these parts.
 *
 * `in` and `notin` take one value or more, `exists` and `!` none, the others one; that of `gt` and `lt` is an integer of 64 bits.
 *
 * @param at - Says where the requirement stands, for the message.
 * @throws ApiError BadRequest naming the key or value, and what was expected.
 *
 * Source: `labels.NewRequirement` in k8s.io/apimachinery.
 */
export function compileRequirement(
  key: string,
  operator: LabelOperator,
  given: readonly string[],
  at: () => string,
): CompiledRequirement {
  const [keyProblem] = validateName('qualified-name', key);
  if (keyProblem !== undefined)
    throw ApiError.badRequest(`${at()}: label key ${preview(key)}: ${keyProblem}`);
  const sorted = given.length < 2 ? given : given.toSorted();
  const counted = expectedValues(operator, sorted);
  if (counted !== undefined) {
    const found = sorted.length === 0 ? 'none' : sorted.map((value) => preview(value)).join(', ');
    throw ApiError.badRequest(
      `${at()}: expected ${counted} for the operator ${preview(operator)}, got ${found}`,
    );
  }
  for (const value of sorted) {
    const [problem] = validateName('label-value', value);
    if (problem !== undefined)
      throw ApiError.badRequest(`${at()}: label value ${preview(value)}: ${problem}`);
  }
  const values = Object.freeze(sorted.filter((value, index) => value !== sorted[index - 1]));
  const test = testOf(operator, values);
  return {
    requirement: Object.freeze({ key, operator, values }),
    text: print(key, operator, sorted),
    key,
    test,
    negated: operator === '!=' || operator === 'notin' || operator === '!',
    value: values[0] ?? '',
    values: test === 'member' ? new Set(values) : undefined,
    bound: test === 'less' || test === 'greater' ? integer(values[0] as string) : undefined,
  };
}

/** Whether labels, of which only own properties count, fulfil a requirement. */
export function fulfils(labels: Readonly<Record<string, string>>, compiled: CompiledRequirement): boolean {
  const label = labels[compiled.key];
  // most labels that fail do so by their value: only those that pass are worth a second lookup
  const own = label !== undefined && passes(label, compiled) && isOwn(labels, compiled.key);
  return own !== compiled.negated;
}

/** `Object.hasOwn`, which takes a third longer on Node 20: matching is little else than looking keys up. */
function isOwn(labels: object, key: string): boolean {
  return Object.prototype.hasOwnProperty.call(labels, key);
}

function passes(label: string, compiled: CompiledRequirement): boolean {
  switch (compiled.test) {
    case 'equals':
      return label === compiled.value;
    case 'member':
      return (compiled.values as ReadonlySet<string>).has(label);
    case 'present':
      return true;
    case 'less':
    case 'greater': {
      const value = integer(label);
      const bound = compiled.bound as bigint;
      return value !== undefined && (compiled.test === 'less' ? value < bound : value > bound);
    }
  }
}

function testOf(operator: LabelOperator, values: readonly string[]): Test {
  switch (operator) {
    case 'exists':
    case '!':
      return 'present';
    case 'gt':
      return 'greater';
    case 'lt':
      return 'less';
    case '=':
    case '==':
    case '!=':
      return 'equals';
    case 'in':
    case 'notin':
      return values.length === 1 ? 'equals' : 'member';
  }
}

/** How many and which values the operator takes, where the given ones are not so. */
function expectedValues(operator: LabelOperator, values: readonly string[]): string | undefined {
  switch (operator) {
    case 'in':
    case 'notin':
      return values.length === 0 ? 'one value or more' : undefined;
    case 'exists':
    case '!':
      return values.length === 0 ? undefined : 'no values';
    case '=':
    case '==':
    case '!=':
      return values.length === 1 ? undefined : 'one value';
    case 'gt':
    case 'lt':
      return values.length === 1 && integer(values[0] as string) !== undefined ? undefined : 'one integer';
  }
}

function print(key: string, operator: LabelOperator, values: readonly string[]): string {
  switch (operator) {
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'in':
    case 'notin':
      // repeated values stay, as in Kubernetes, but empty ones: three of those would not read back
      return `${key} ${operator} (${values.filter((value, index) => value !== '' || index === 0).join(',')})`;
    case 'gt':
      return `${key}>${values[0]}`;
    case 'lt':
      return `${key}<${values[0]}`;
    case '=':
    case '==':
    case '!=':
      return `${key}${operator}${values[0]}`;
  }
}

/** The integer of 64 bits that a label value spells in decimals; undefined for any other text. */
function integer(text: string): bigint | undefined {
  if (text.length > 63 || !/^[-+]?[0-9]+$/.test(text)) return undefined;
  const value = BigInt(text);
  return value >= SMALLEST_INTEGER && value <= LARGEST_INTEGER ? value : undefined;
}
