import { define, type JsonObject } from '../../core/index.js';
import { isJsonObject, memberOf } from '../json-object.js';
import { elementOrderOf, listDeletionOf, PATCH, RETAIN_KEYS } from './directives.js';
import { checkDepth, equalValues } from './equal-values.js';
import { fieldOf, hasStrategy, listRulesOf, type ObjectShape, objectShapeOf } from './field-rules.js';
import type { List } from './list-items.js';
import { type Differ, type DifferOptions, diffLists } from './list-differ.js';
import { listRulesAt, malformed, type MergePlace, placeIn, unknownField } from './merge-place.js';

/** A patch in the making. */
type Patch = Record<string, unknown>;

/**
 * Creates strategic merge patches.
 *
 * Neither input is changed or copied: the patch shares its values with them.
 *
 * Source: `diffMaps` in k8s.io/apimachinery.
 */
export class ObjectDiffer implements Differ {
  readonly options: DifferOptions;

  /** The patch says everything but for what the options exclude. */
  constructor(options: Partial<DifferOptions> = {}) {
    this.options = { changes: true, deletions: true, order: true, ...options };
  }

  /**
   * The patch that turns `before` into `after`; undefined where it would be empty.
   *
   * @param retainKeys - Whether the patch says which members are kept.
   * @throws ApiError BadRequest where the objects do not fit the shape, or nest more than 1,000 levels deep.
   */
  diff(
    before: JsonObject,
    after: JsonObject,
    shape: ObjectShape,
    place: MergePlace,
    retainKeys = false,
  ): Patch | undefined {
    if (before === after) return undefined;
    checkDepth(place.depth, place, after);
    const names = Object.keys(after);
    const oldNames = Object.keys(before);
    let patch: Patch | undefined;
    let found = 0;
    for (let index = 0; index < names.length; index += 1) {
      const name = names[index] as string;
      const value = after[name];
      if (value === undefined) continue;
      // mostly both have the same members in the same order, and then look-ups are saved
      const old = oldNames[index] === name ? before[name] : memberOf(before, name);
      if (old !== undefined) found += 1;
      if (old === value && name !== PATCH) continue;
      patch ??= {};
      this.#diffMember(patch, name, old, value, shape, place);
    }
    const gone = found === oldNames.length ? [] : goneFrom(before, after);
    if (this.options.deletions && gone.length > 0) {
      patch ??= {};
      for (const name of gone) define(patch, name, null);
    }
    const isEmpty = patch === undefined || Object.keys(patch).length === 0;
    if (retainKeys && (!isEmpty || gone.some((name) => before[name] !== null))) {
      const kept = names.filter((name) => after[name] !== null && after[name] !== undefined);
      if (kept.length > 0) {
        return Object.assign(patch ?? {}, { [RETAIN_KEYS]: kept.sort() });
      }
    }
    return isEmpty ? undefined : patch;
  }

  /** Adds to a patch what it says of one member. */
  #diffMember(
    patch: Patch,
    name: string,
    before: unknown,
    after: unknown,
    shape: ObjectShape,
    parent: MergePlace,
  ): void {
    const { changes } = this.options;
    if (name === PATCH && before !== undefined) {
      for (const directive of [before, after]) {
        if (typeof directive !== 'string') throw malformed(placeIn(parent, PATCH), 'a directive', directive);
      }
      if (before !== after) patch[PATCH] = after;
    } else if (isJsonObject(before) && isJsonObject(after)) {
      const place = placeIn(parent, name);
      const field = fieldOf(shape, name);
      if (field === undefined) {
        if (equalValues(before, after, place)) return;
        throw unknownField(place, after);
      }
      const isReplaced = hasStrategy(field, 'replace');
      const inner = isReplaced
        ? changes && after
        : this.diff(before, after, objectShapeOf(field), place, hasStrategy(field, 'retainKeys'));
      if (inner) define(patch, name, inner);
    } else if (Array.isArray(before) && Array.isArray(after)) {
      this.#diffLists(patch, name, before, after, shape, placeIn(parent, name));
    } else if (changes) {
      define(patch, name, after);
    }
  }

  #diffLists(
    patch: Patch,
    name: string,
    before: List,
    after: List,
    shape: ObjectShape,
    place: MergePlace,
  ): void {
    const field = fieldOf(shape, name);
    const rules = field && listRulesOf(field);
    if (rules?.merge) {
      const { items, deletions, order } = diffLists(before, after, rules, place, this);
      if (items.length > 0) define(patch, name, items);
      if (deletions.length > 0) patch[listDeletionOf(name)] = deletions;
      if (order.length > 0) patch[elementOrderOf(name)] = order;
    } else if ((this.options.changes || rules === undefined) && !equalValues(before, after, place)) {
      listRulesAt(place, shape, after);
      define(patch, name, after);
    }
  }
}

/** The members that only `before` has. */
function goneFrom(before: JsonObject, after: JsonObject): readonly string[] {
  return Object.keys(before).filter(
    (name) => before[name] !== undefined && memberOf(after, name) === undefined,
  );
}
