import { ApiError } from './api-error.js';
import { preview } from './preview.js';
import {
  type CompiledRequirement,
  compileRequirement,
  fulfils,
  type LabelOperator,
  type LabelRequirement,
} from './label-requirement.js';
import { parseLabelSelector } from './label-selector-parser.js';

/** A condition of a {@link LabelSelectorSpec}. */
export interface LabelSelectorExpression {
  readonly key: string;
  /** `In`, `NotIn`, `Exists` or `DoesNotExist`. */
  readonly operator: string;
  /** One or more for `In` and `NotIn`, none for the others. */
  readonly values?: readonly string[] | null | undefined;
}

/** A selector as objects carry it, as in a Deployment's `spec.selector`: all conditions must hold. */
export interface LabelSelectorSpec {
  readonly matchLabels?: Readonly<Record<string, string>> | null | undefined;
  readonly matchExpressions?: readonly LabelSelectorExpression[] | null | undefined;
}

const OPERATORS: ReadonlyMap<unknown, LabelOperator> = /* @__PURE__ */ new Map<unknown, LabelOperator>([
  ['In', 'in'],
  ['NotIn', 'notin'],
  ['Exists', 'exists'],
  ['DoesNotExist', '!'],
]);

const NO_LABELS: Readonly<Record<string, string>> = /* @__PURE__ */ Object.freeze({});

/**
 * A condition on labels, such as `tier in (web,db),!canary`.
 *
 * - Immutable. All requirements must hold; without any, every object matches.
 * - `!=` and `notin` hold where the label is absent; `=`, `in`, `<` and `>` do not. `<` and `>` compare integers.
 * - `env=` and `env in ()` ask for the empty value.
 *
 * Source: `labels.Selector` in k8s.io/apimachinery.
 */
export class LabelSelector {
  // made when first asked for, so that a bundle that asks for none needs no LabelSelector
  static #everything: LabelSelector | undefined;
  static #nothing: LabelSelector | undefined;

  /** Sorted by key; those of one key in the order they were given. */
  readonly requirements: readonly LabelRequirement[];
  /** False for the selector that never matches, whatever the labels. */
  readonly selectable: boolean;
  // sorted as requirements is
  readonly #compiled: readonly CompiledRequirement[];

  private constructor(compiled: readonly CompiledRequirement[], selectable: boolean) {
    this.#compiled = compiled.toSorted(byKey);
    this.requirements = Object.freeze(this.#compiled.map((item) => item.requirement));
    this.selectable = selectable;
    Object.freeze(this);
  }

  /** The selector that every object matches. */
  static get everything(): LabelSelector {
    return (LabelSelector.#everything ??= new LabelSelector([], true));
  }

  /** The selector that no object matches. */
  static get nothing(): LabelSelector {
    return (LabelSelector.#nothing ??= new LabelSelector([], false));
  }

  /**
   * The selector of a text; an empty one matches everything.
   *
   * @throws ApiError BadRequest naming the text, the position in it and what was expected; also for more than 64 Ki
   * characters.
   */
  static parse(text: string): LabelSelector {
    return LabelSelector.#of(parseLabelSelector(text));
  }

  /**
   * The selector that an object carries: null and undefined match nothing, `{}` matches everything.
   *
   * @throws ApiError BadRequest naming the field, its value and what was expected.
   *
   * Source: `metav1.LabelSelectorAsSelector`.
   */
  static from(selector: LabelSelectorSpec | null | undefined): LabelSelector {
    if (selector === null || selector === undefined) return LabelSelector.nothing;
    expectObject(selector, 'label selector');
    const compiled: CompiledRequirement[] = [];
    const labels = selector.matchLabels ?? NO_LABELS;
    expectObject(labels, 'matchLabels');
    for (const key of Object.keys(labels)) {
      const value = labels[key] as string;
      expectString(value, `matchLabels[${key}]`);
      compiled.push(compileRequirement(key, '=', [value], () => 'matchLabels'));
    }
    const expressions = selector.matchExpressions ?? [];
    expectArray(expressions, 'matchExpressions');
    for (const [index, expression] of expressions.entries()) {
      compiled.push(compileExpression(expression, `matchExpressions[${index}]`));
    }
    return LabelSelector.#of(compiled);
  }

  static #of(compiled: readonly CompiledRequirement[]): LabelSelector {
    return compiled.length === 0 ? LabelSelector.everything : new LabelSelector(compiled, true);
  }

  /** Whether everything matches. */
  get empty(): boolean {
    return this.selectable && this.#compiled.length === 0;
  }

  /** Whether labels match; only own properties count, and undefined stands for no labels. */
  matches(labels: Readonly<Record<string, string>> | undefined): boolean {
    const own = labels ?? NO_LABELS;
    const compiled = this.#compiled;
    const { length } = compiled;
    // by index: measured, an iterator takes a nanosecond a requirement, of some ten
    let index = 0;
    while (index < length && fulfils(own, compiled[index] as CompiledRequirement)) index += 1;
    return index === length && this.selectable;
  }

  /** The selector that matches where both do. */
  and(other: LabelSelector): LabelSelector {
    if (!this.selectable || other.empty) return this;
    if (!other.selectable || this.empty) return other;
    return new LabelSelector([...this.#compiled, ...other.#compiled], true);
  }

  /** The canonical text, which {@link LabelSelector.parse} reads; '' for everything, and for nothing, which has no text. */
  toString(): string {
    return this.#compiled.map((item) => item.text).join(',');
  }
}

function compileExpression(expression: LabelSelectorExpression, path: string): CompiledRequirement {
  expectObject(expression, path);
  expectString(expression.key, `${path}.key`);
  const operator = OPERATORS.get(expression.operator);
  if (operator === undefined) {
    throw ApiError.badRequest(
      `expected In, NotIn, Exists or DoesNotExist, got ${preview(expression.operator)}`,
      `${path}.operator`,
    );
  }
  const values = expression.values ?? [];
  expectArray(values, `${path}.values`);
  for (const [index, value] of values.entries()) expectString(value, `${path}.values[${index}]`);
  return compileRequirement(expression.key, operator, values, () => path);
}

function expectObject(value: unknown, path: string): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  throw ApiError.badRequest(`expected an object, got ${preview(value)}`, path);
}

function expectArray(value: unknown, path: string): void {
  if (!Array.isArray(value)) throw ApiError.badRequest(`expected an array, got ${preview(value)}`, path);
}

function expectString(value: unknown, path: string): void {
  if (typeof value !== 'string') throw ApiError.badRequest(`expected a string, got ${preview(value)}`, path);
}

/** Keys are ASCII, so that this is the order of their bytes. */
function byKey(a: CompiledRequirement, b: CompiledRequirement): number {
  return a.requirement.key < b.requirement.key ? -1 : a.requirement.key > b.requirement.key ? 1 : 0;
}
