import { FieldError, joinPath, type JsonObject } from '../core/index.js';
import type { RuleNode } from './merge-rule.js';
import type { Judgement, ObjectSchema } from './resource.js';
import { MOST_ERRORS } from './zod-restore.js';

/** What {@link listTypeSchema} looks at: a place that leads to lists with rules, or is such a list. */
interface Check {
  readonly fields: readonly (readonly [name: string, check: Check])[];
  readonly items: Check | undefined;
  /** The fields that tell the items apart, none for a set; undefined where items may be equal. */
  readonly keys: readonly string[] | undefined;
}

/**
 * The judge of a kind, followed by a look at the lists whose rule is `listType` `map` or `set`: no two items may be equal.
 *
 * What the rules call a list and is none is TypeInvalid, an item of a `map` that is no object Invalid, and the second of some equal items
 * Duplicate, under its index. In a `map`, items are equal where all keys are; a key that is absent equals one that is absent. An
 * object with other errors is not looked at.
 *
 * @param schema - Judges first, so that defaults are there; undefined for a kind that takes any JSON.
 * @returns `schema` itself where no list has such a rule.
 * Source: listtype.ValidateListSetsAndMaps of k8s.io/apiextensions-apiserver.
 */
export function listTypeSchema(
  schema: ObjectSchema | undefined,
  rules: RuleNode | undefined,
): ObjectSchema | undefined {
  const root = rules === undefined ? undefined : checkOf(rules);
  if (root === undefined) return schema;
  return Object.freeze({
    changes: schema?.changes ?? false,
    judge(object: JsonObject, field?: string): Judgement {
      const judged = schema?.judge(object, field) ?? { object, errors: [] };
      if (judged.errors.length > 0) return judged;
      const errors: FieldError[] = [];
      const fields = root.fields.filter(([name]) => field === undefined || name === field);
      check(judged.object, { ...root, fields }, '', errors);
      return { object: judged.object, errors };
    },
  });
}

/** The way to the lists with rules below a place, and the rule of the place itself; undefined where there is none. */
function checkOf({ rule, fields, items }: RuleNode): Check | undefined {
  const inside: (readonly [string, Check])[] = [];
  for (const [name, node] of fields) {
    const below = checkOf(node);
    if (below !== undefined) inside.push([name, below]);
  }
  const ofItems = items === undefined ? undefined : checkOf(items);
  const keys = rule?.listType === 'set' ? [] : rule?.listMapKeys;
  if (inside.length === 0 && ofItems === undefined && keys === undefined) return undefined;
  return { fields: inside, items: ofItems, keys };
}

function check(value: unknown, { fields, items, keys }: Check, path: string, errors: FieldError[]): void {
  if (typeof value !== 'object' || value === null) {
    if (keys !== undefined && value !== undefined && value !== null) reportNoList(value, path, errors);
    return;
  }
  if (Array.isArray(value)) {
    if (keys !== undefined) checkItems(value, keys, path, errors);
    if (items === undefined) return;
    for (let index = 0; index < value.length && errors.length < MOST_ERRORS; index += 1)
      check(value[index], items, `${path}[${index}]`, errors);
    return;
  }
  if (keys !== undefined) {
    reportNoList(value, path, errors);
    return;
  }
  const object = value as JsonObject;
  for (const [name, below] of fields)
    if (Object.hasOwn(object, name)) check(object[name], below, joinPath(path, name), errors);
  if (items === undefined) return;
  for (const key of Object.keys(object)) {
    if (errors.length >= MOST_ERRORS) return;
    check(object[key], items, `${path}[${key}]`, errors);
  }
}

function reportNoList(value: unknown, path: string, errors: FieldError[]): void {
  if (errors.length < MOST_ERRORS) errors.push(FieldError.typeInvalid(path, value, 'expected an array'));
}

function checkItems(
  list: readonly unknown[],
  keys: readonly string[],
  path: string,
  errors: FieldError[],
): void {
  const identities = keys.length === 0 ? list.map(identityOf) : list.map((item) => keyText(item, keys));
  if (new Set(identities).size === list.length && !identities.includes(NO_OBJECT)) return;
  // how often each item was met
  const seen = new Map<unknown, number>();
  for (const [index, identity] of identities.entries()) {
    if (errors.length >= MOST_ERRORS) return;
    const item = list[index];
    const at = `${path}[${index}]`;
    if (identity === NO_OBJECT) {
      errors.push(FieldError.invalid(at, item, "expected an object, as the list's type is map"));
      continue;
    }
    const times = (seen.get(identity) ?? 0) + 1;
    seen.set(identity, times);
    // one finding for each group of equal items
    if (times === 2) errors.push(FieldError.duplicate(at, keys.length === 0 ? item : identity));
  }
}

/** What stands for an item of a `map` that has no fields. */
const NO_OBJECT = Symbol('no object');

/** Equal for equal items of a set, and for no others: a scalar stands for itself, unless it is a text that could be another item's. */
function identityOf(item: unknown): unknown {
  if (typeof item === 'string') return MAYBE_TEXT.test(item) ? canonical(item) : item;
  return typeof item === 'object' && item !== null ? canonical(item) : item;
}

/** How the JSON text of a string, list or object begins. */
const MAYBE_TEXT = /^["[{]/;

/** As in `port=80, protocol="TCP"`. */
function keyText(item: unknown, keys: readonly string[]): string | typeof NO_OBJECT {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return NO_OBJECT;
  let text = '';
  for (const key of keys) {
    const value = Object.hasOwn(item, key) ? (item as JsonObject)[key] : undefined;
    const part = value === undefined ? `no ${key}` : `${key}=${canonical(value)}`;
    text = text === '' ? part : `${text}, ${part}`;
  }
  return text;
}

/** A JSON text, the same for equal values and for no others: objects have their keys in order. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  const object = value as JsonObject;
  const members = Object.keys(object)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(object[key])}`);
  return `{${members.join()}}`;
}
