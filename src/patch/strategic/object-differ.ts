import { define, type JsonObject, MAX_DEPTH, preview } from '../../core/index.js';
import { memberOf } from '../json-object.js';
import type { FieldSchema } from '../merge-schema.js';
import { elementOrderOf, listDeletionOf, PATCH, RETAIN_KEYS } from './directives.js';
import { equalValues, tooDeep } from './equal-values.js';
import {
  fieldOf,
  isReplaced,
  listRulesOf,
  type ObjectShape,
  objectShapeOf,
  retainsKeys,
} from './field-rules.js';
import type { List } from './list-items.js';
import { ListDiffer } from './list-differ.js';
import { MergePlace, NO_LIST, type SideNames, UNKNOWN_FIELD } from './merge-place.js';
import { compareTexts, kindOf } from './value-kind.js';

/** A patch in the making. */
type Patch = Record<string, unknown>;

/** What {@link ObjectDiffer} puts into a patch. */
export interface DifferOptions {
  /** What errors call the two objects. */
  readonly names: SideNames;
  /** What is new or changed. */
  readonly changes: boolean;
  /** What is gone. */
  readonly deletions: boolean;
  /** The order of lists that merge. */
  readonly order: boolean;
}

/**
 * Creates strategic merge patches; one differ for one patch.
 *
 * Neither input is changed or copied: the patch shares its values with them.
 *
 * Source: `diffMaps` in k8s.io/apimachinery.
 */
export class ObjectDiffer {
  readonly #options: DifferOptions;
  readonly #place: MergePlace;
  readonly #lists: ListDiffer;

  constructor(options: DifferOptions) {
    this.#options = options;
    this.#place = new MergePlace(options.names);
    this.#lists = new ListDiffer(this.#place, options, (before, after, shape, retainKeys) =>
      this.diff(before, after, shape, retainKeys),
    );
  }

  /**
   * The patch that turns `before` into `after`; undefined where it would be empty.
   *
   * @param retainKeys - Whether the patch says which members are kept.
   * @throws ApiError BadRequest where the objects do not fit the shape, or nest more than 1,000 levels deep.
   */
  diff(before: JsonObject, after: JsonObject, shape: ObjectShape, retainKeys = false): Patch | undefined {
    if (before === after) return undefined;
    if (this.#place.depth >= MAX_DEPTH) throw tooDeep(this.#place);
    const names = Object.keys(after);
    const oldNames = Object.keys(before);
    let patch: Patch | undefined;
    let found = 0;
    for (let index = 0; index < names.length; index += 1) {
      const name = names[index] as string;
      const value = after[name];
      if (value === undefined) continue;
      // mostly both have the same members in the same order, and then the look-up of the name is saved
      const old = oldNames[index] === name ? before[name] : memberOf(before, name);
      if (old !== undefined) found += 1;
      if (old !== value || name === PATCH) patch = this.#diffMember(patch, name, old, value, shape);
    }
    const gone = found === oldNames.length ? [] : goneFrom(before, after);
    if (this.#options.deletions) for (const name of gone) patch = put(patch, name, null);
    if (retainKeys && (patch !== undefined || gone.some((name) => before[name] !== null))) {
      const kept = names.filter((name) => after[name] !== null && after[name] !== undefined);
      if (kept.length > 0) patch = put(patch, RETAIN_KEYS, kept.sort(compareTexts));
    }
    return patch;
  }

  /** Adds to a patch what it says of one member. */
  #diffMember(
    patch: Patch | undefined,
    name: string,
    before: unknown,
    after: unknown,
    shape: ObjectShape,
  ): Patch | undefined {
    const { changes } = this.#options;
    if (before === undefined) return changes ? put(patch, name, after) : patch;
    if (name === PATCH) {
      for (const directive of [before, after]) {
        if (typeof directive === 'string') continue;
        throw this.#place.malformedAfter(`Expected a directive, got ${preview(directive)}`, PATCH);
      }
      return before === after ? patch : put(patch, name, after);
    }
    const kind = kindOf(after);
    if ((kind !== 'object' && kind !== 'list') || kind !== kindOf(before)) {
      return changes ? put(patch, name, after) : patch;
    }
    this.#place.enter(name);
    const field = this.#fieldFor(kind, before, after, fieldOf(shape, name));
    let result = patch;
    if (field !== undefined) {
      result =
        kind === 'object'
          ? this.#diffObjects(patch, name, before as JsonObject, after as JsonObject, field)
          : this.#diffLists(patch, name, before as List, after as List, field);
    }
    this.#place.leave();
    return result;
  }

  /** The rules of a field that holds two objects or lists; undefined where the kind has none and both are equal. */
  #fieldFor(
    kind: 'object' | 'list',
    before: unknown,
    after: unknown,
    field: FieldSchema | undefined,
  ): FieldSchema | undefined {
    if (field !== undefined && (kind === 'object' || listRulesOf(field) !== undefined)) return field;
    if (equalValues(before, after, this.#place)) return undefined;
    throw this.#place.malformedAfter(field === undefined ? UNKNOWN_FIELD : NO_LIST);
  }

  #diffObjects(
    patch: Patch | undefined,
    name: string,
    before: JsonObject,
    after: JsonObject,
    field: FieldSchema,
  ): Patch | undefined {
    if (isReplaced(field)) return this.#options.changes ? put(patch, name, after) : patch;
    const inner = this.diff(before, after, objectShapeOf(field), retainsKeys(field));
    return inner === undefined ? patch : put(patch, name, inner);
  }

  #diffLists(
    patch: Patch | undefined,
    name: string,
    before: List,
    after: List,
    field: FieldSchema,
  ): Patch | undefined {
    const rules = listRulesOf(field);
    if (rules?.merge !== true) {
      const isSame = !this.#options.changes || equalValues(before, after, this.#place);
      return isSame ? patch : put(patch, name, after);
    }
    const { items, deletions, order } = this.#lists.diff(before, after, rules);
    let result = patch;
    if (items.length > 0) result = put(result, name, items);
    if (deletions.length > 0) result = put(result, listDeletionOf(name), deletions);
    if (order.length > 0) result = put(result, elementOrderOf(name), order);
    return result;
  }
}

function put(patch: Patch | undefined, name: string, value: unknown): Patch {
  const result = patch ?? {};
  define(result, name, value);
  return result;
}

/** The members that only `before` has. */
function goneFrom(before: JsonObject, after: JsonObject): readonly string[] {
  return Object.keys(before).filter(
    (name) => before[name] !== undefined && memberOf(after, name) === undefined,
  );
}
