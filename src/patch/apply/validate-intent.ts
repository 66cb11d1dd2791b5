import { FieldError, invalidObject, type JsonObject } from '../../core/index.js';
import { fieldPath, type PathStep } from '../field-path.js';
import { isContainer, isJsonObject, memberOf } from '../json-object.js';
import { DEDUCED, type ListShape, type ObjectShape, type Shape } from './apply-shape.js';
import { elementOf } from './list-keys.js';
import { formatPath } from './path-element.js';
import { metadataOf } from './tracked-object.js';

/** A validation reports this many errors. */
const MAX_ERRORS = 100;

/** What every object has, whatever its schema says. */
const COMMON_FIELDS: readonly string[] = ['apiVersion', 'kind', 'metadata'];

/** Frozen parts without errors, which never change. */
const valid = /* @__PURE__ */ new WeakMap<object, Shape>();

/**
 * Checks that an intent, which has `apiVersion` and `kind`, is one: known fields with values of the right kind, and lists whose items
 * can be told apart.
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
  const [group = '', version] = String(object['apiVersion']).split('/');
  const name = memberOf(metadataOf(object), 'name');
  const resource = { group: version === undefined ? '' : group, kind: String(object['kind']), plural: '' };
  throw invalidObject(resource, typeof name === 'string' ? name : '', errors);
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
  readonly #path: PathStep[] = [];

  members(object: JsonObject, shape: ObjectShape, isRoot = false): void {
    for (const name of Object.keys(object)) {
      const isLegal = shape === DEDUCED || (isRoot && COMMON_FIELDS.includes(name));
      const member = shape.fields.get(name) ?? shape.rest ?? (isLegal ? DEDUCED : undefined);
      this.#path.push(name);
      if (!member) this.#report(object[name], 'unknown field');
      else if (isRoot) this.#part(object[name], member);
      else this.#value(object[name], member);
      this.#path.pop();
    }
  }

  /** A part that is likely to be met again. */
  #part(value: unknown, shape: Shape): void {
    if (!isContainer(value)) {
      this.#value(value, shape);
    } else if (valid.get(value) !== shape) {
      const before = this.errors.length;
      this.#value(value, shape);
      if (this.errors.length === before && Object.isFrozen(value)) valid.set(value, shape);
    }
  }

  #value(value: unknown, shape: Shape, isAtomic = false): void {
    if (value === null) return;
    if (shape.form === 'atomic') {
      this.#value(value, shape.content, true);
    } else if (shape.form === 'object') {
      if (isJsonObject(value)) this.members(value, shape);
      else if (shape !== DEDUCED) this.#report(value, 'expected an object');
    } else if (shape.form === 'list') {
      if (Array.isArray(value)) this.#items(value, shape, isAtomic);
      else this.#report(value, 'expected an array');
    } else if (
      typeof value === 'object' ||
      (shape.empty !== undefined && typeof value !== typeof shape.empty)
    ) {
      this.#report(value, `expected a ${shape.empty === undefined ? SCALAR : typeof shape.empty}`);
    }
  }

  #items(list: readonly unknown[], shape: ListShape, isAtomic: boolean): void {
    const seen = new Set<string>();
    for (const [index, item] of list.entries()) {
      this.#path.push(index);
      if (isAtomic) this.#value(item, shape.element);
      else this.#item(item, shape, seen);
      this.#path.pop();
    }
  }

  #item(item: unknown, shape: ListShape, seen: Set<string>): void {
    const element = elementOf(item, shape);
    if (!element) {
      const keys = shape.keys?.map(({ name }) => JSON.stringify(name)).join(' or ');
      this.#report(item, `expected ${keys ? `an object with ${keys}` : `a ${SCALAR}`}`);
      return;
    }
    if (seen.has(element)) this.#add(FieldError.duplicate(fieldPath(this.#path), formatPath([element])));
    seen.add(element);
    this.#part(item, shape.element);
  }

  #report(value: unknown, expected: string): void {
    this.#add(FieldError.typeInvalid(fieldPath(this.#path), value, expected));
  }

  #add(error: FieldError): void {
    if (this.errors.length < MAX_ERRORS) this.errors.push(error);
  }
}

const SCALAR = 'string, number or boolean';
