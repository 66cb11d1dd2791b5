import { ApiError, FieldError, joinPath, type JsonObject, preview } from '../../core/index.js';
import { isJsonObject, memberOf } from '../json-object.js';
import type { LeafShape, ListShape, ObjectShape, Shape } from './apply-shape.js';
import { elementOf } from './list-keys.js';
import { formatPath } from './path-element.js';

/** A validation stops at this many errors. */
const MAX_ERRORS = 100;

/** Frozen parts without errors, which never change. */
const valid = /* @__PURE__ */ new WeakMap<object, Shape>();

/**
 * Checks that an intent is one: known fields with values of the right kind, and lists whose items can be told apart.
 *
 * Null is legal everywhere but as an item of a list whose items are owned alone. Nothing is required.
 *
 * @throws ApiError Invalid, with a cause for each field that is wrong.
 *
 * Source: `Validate` of `typed.TypedValue` in structured-merge-diff.
 */
export function validateIntent(object: JsonObject, shape: ObjectShape): void {
  const errors = findErrors(object, shape);
  if (errors.length === 0) return;
  const kind = String(memberOf(object, 'kind'));
  const metadata = memberOf(object, 'metadata');
  const name = isJsonObject(metadata) ? memberOf(metadata, 'name') : undefined;
  const texts = errors.map((error) => error.toString());
  throw new ApiError({
    reason: 'Invalid',
    message: `${kind} ${preview(name)} cannot be applied: ${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}`,
    details: {
      ...(typeof name === 'string' ? { name } : {}),
      kind,
      causes: errors.map((error) => error.toCause()),
    },
  });
}

/** What is wrong with an intent: at most 100 errors. */
export function findErrors(object: JsonObject, shape: ObjectShape): readonly FieldError[] {
  const validation = new Validation();
  validation.members(object, shape, true);
  return validation.errors;
}

class Validation {
  readonly errors: FieldError[] = [];
  /** Names and indexes from the object down to the value at hand. */
  readonly #path: (string | number)[] = [];

  members(object: JsonObject, shape: ObjectShape, isRoot = false): void {
    for (const name of Object.keys(object)) {
      const member = shape.fields.get(name) ?? shape.rest;
      this.#path.push(name);
      if (member === undefined) this.#report(object[name], 'unknown field');
      else if (isRoot) this.#part(object[name], member);
      else this.#value(object[name], member);
      this.#path.pop();
      if (this.errors.length >= MAX_ERRORS) return;
    }
  }

  /** A part that is likely to be met again. */
  #part(value: unknown, shape: Shape): void {
    if (typeof value !== 'object' || value === null) {
      this.#value(value, shape);
    } else if (valid.get(value) !== shape) {
      const before = this.errors.length;
      this.#value(value, shape);
      if (this.errors.length === before && Object.isFrozen(value)) valid.set(value, shape);
    }
  }

  #value(value: unknown, shape: Shape): void {
    if (value === null) return;
    switch (shape.form) {
      case 'leaf':
        if (!isOfScalar(value, shape.scalar)) this.#report(value, EXPECTED[shape.scalar]);
        return;
      case 'object':
        if (isJsonObject(value)) this.members(value, shape);
        else if (!shape.loose) this.#report(value, 'expected an object');
        return;
      case 'list':
        if (Array.isArray(value)) this.#list(value, shape);
        else this.#report(value, 'expected an array');
        return;
      case 'atomic':
        if (shape.holds === 'object') this.#value(value, shape.content);
        else if (shape.holds === 'list') this.#atomicList(value, shape.content);
    }
  }

  #atomicList(value: unknown, shape: Shape): void {
    if (!Array.isArray(value)) {
      this.#report(value, 'expected an array');
      return;
    }
    for (let index = 0; index < value.length && this.errors.length < MAX_ERRORS; index += 1) {
      this.#path.push(index);
      this.#value(value[index], shape);
      this.#path.pop();
    }
  }

  #list(list: readonly unknown[], shape: ListShape): void {
    const seen = new Set<string>();
    for (let index = 0; index < list.length && this.errors.length < MAX_ERRORS; index += 1) {
      const item = list[index];
      const element = elementOf(item, shape);
      this.#path.push(index);
      if (element === undefined) {
        this.#report(item, expectedItem(shape));
      } else {
        if (seen.has(element)) this.errors.push(FieldError.duplicate(this.#where(), formatPath([element])));
        seen.add(element);
        this.#part(item, shape.element);
      }
      this.#path.pop();
    }
  }

  #report(value: unknown, expected: string): void {
    this.errors.push(FieldError.typeInvalid(this.#where(), value, expected));
  }

  #where(): string {
    return this.#path.reduce<string>(
      (path, part) => (typeof part === 'number' ? `${path}[${part}]` : joinPath(path, part)),
      '',
    );
  }
}

function isOfScalar(value: unknown, scalar: LeafShape['scalar']): boolean {
  return scalar === 'any' ? typeof value !== 'object' : typeof value === scalar;
}

const EXPECTED: { readonly [Scalar in LeafShape['scalar']]: string } = {
  string: 'expected a string',
  number: 'expected a number',
  boolean: 'expected a boolean',
  any: 'expected a string, number or boolean',
};

function expectedItem({ keys }: ListShape): string {
  if (keys.length === 0) return 'expected a string, number or boolean, for the list is a set';
  return `expected an object with ${keys.map(({ name }) => JSON.stringify(name)).join(' or ')}, by which items are told apart`;
}
