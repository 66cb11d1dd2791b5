import { jsonEqual, type JsonObject } from '../../core/index.js';
import { isContainer, isJsonObject, memberOf } from '../json-object.js';
import {
  isElementOrder,
  isListDeletion,
  listNameOf,
  PATCH,
  REPLACE_OR_DELETE,
  RETAIN_KEYS,
} from './directives.js';
import { hasStrategy, type ObjectShape, objectShapeOf } from './field-rules.js';
import { kindOfItems, type List } from './list-items.js';
import { mergeLists, mergeListsInOrder, type Merger, orderKeys } from './list-merger.js';
import { fieldAt, listRulesAt, malformed, type MergePlace, placeIn } from './merge-place.js';
import { newMember } from './new-value.js';
import { ObjectDraft } from '../object-draft.js';
import { settle, settleItems } from '../settle.js';

/**
 * Merges strategic merge patches into objects.
 *
 * Neither input is changed. The result shares with the target what the patch left as it was, and new values with the patch.
 *
 * Source: `mergeMap` in k8s.io/apimachinery.
 */
export class ObjectMerger implements Merger {
  /**
   * The object that is merged into is a patch itself, made for the same object: directives and nulls stay in the result instead of
   * being carried out.
   */
  readonly #keepDirectives: boolean;

  constructor(keepDirectives: boolean) {
    this.#keepDirectives = keepDirectives;
  }

  /**
   * The object that `patch` makes of `target`.
   *
   * @throws ApiError BadRequest where the patch is malformed, or does not fit the shape or the target.
   */
  merge(target: JsonObject, patch: JsonObject, shape: ObjectShape, place: MergePlace): JsonObject {
    const names = Object.keys(patch);
    const draft = new ObjectDraft(target);
    if (!names.some((name) => name.startsWith('$'))) {
      for (const name of names) this.#mergeMember(draft, name, patch[name], shape, place);
      return draft.object;
    }
    const directive = memberOf(patch, PATCH);
    if (directive !== undefined) return settle(target, standsFor(directive, patch, place));

    this.#retainKeys(draft, patch, place);
    const done = new Set([RETAIN_KEYS]);
    for (const name of names) {
      if (!isElementOrder(name)) continue;
      done.add(name);
      done.add(this.#mergeInOrder(draft, name, patch, shape, place));
    }
    for (const name of names) {
      if (done.has(name) || isListDeletion(name)) continue;
      this.#mergeMember(draft, name, patch[name], shape, place);
    }
    // after what the lists gain, for so it is beside a $setElementOrder; upstream is undecided elsewhere
    for (const name of names) {
      if (isListDeletion(name)) this.#deleteFromList(draft, name, patch[name], shape, place);
    }
    return draft.object;
  }

  #retainKeys(draft: ObjectDraft, patch: JsonObject, place: MergePlace): void {
    const directive = memberOf(patch, RETAIN_KEYS);
    if (directive === undefined) return;
    if (!Array.isArray(directive) || !directive.every((name) => typeof name === 'string')) {
      throw malformed(placeIn(place, RETAIN_KEYS), 'names of members', directive);
    }
    if (this.#keepDirectives) {
      keepDirective(draft, RETAIN_KEYS, directive, place);
      return;
    }
    const kept = new Set<string>(directive);
    for (const name of Object.keys(patch)) {
      if (patch[name] === null || kept.has(name)) continue;
      if (name === RETAIN_KEYS || isElementOrder(name) || isListDeletion(name)) continue;
      throw malformed(placeIn(place, name), `only members in ${RETAIN_KEYS}`, patch[name]);
    }
    for (const name of Object.keys(draft.object)) {
      if (!kept.has(name)) draft.set(name, undefined);
    }
  }

  /** Merges the list that a `$setElementOrder` speaks of, and tells its name. */
  #mergeInOrder(
    draft: ObjectDraft,
    directive: string,
    patch: JsonObject,
    shape: ObjectShape,
    place: MergePlace,
  ): string {
    const order = patch[directive];
    const orderPlace = placeIn(place, directive);
    const name = listNameOf(directive);
    if (!name || !Array.isArray(order)) {
      throw malformed(orderPlace, 'a list', order);
    }
    if (this.#keepDirectives) keepDirective(draft, directive, order, place);
    const listPlace = placeIn(place, name);
    const rules = listRulesAt(listPlace, shape, order);
    const before = draft.get(name);
    const change = memberOf(patch, name);
    if (!isListOrAbsent(before)) throw malformed(listPlace, 'a list', before, 'before');
    if (!isListOrAbsent(change)) throw malformed(listPlace, 'a list', change);
    if (before || change) {
      const keys = orderKeys(order, rules.mergeKey, orderPlace);
      draft.set(name, mergeListsInOrder(before, change, { directive, keys }, rules, listPlace, this));
    }
    return name;
  }

  #mergeMember(
    draft: ObjectDraft,
    name: string,
    value: unknown,
    shape: ObjectShape,
    parent: MergePlace,
  ): void {
    const before = draft.get(name);
    if (value === before) return;
    if (Array.isArray(value) && Array.isArray(before)) {
      const place = placeIn(parent, name);
      draft.set(name, mergeLists(before, value, listRulesAt(place, shape, value), place, this));
    } else if (isJsonObject(value) && isJsonObject(before)) {
      const place = placeIn(parent, name);
      const field = fieldAt(place, shape, value);
      const after = hasStrategy(field, 'replace')
        ? settle(before, value)
        : this.merge(before, value, objectShapeOf(field), place);
      draft.set(name, after);
    } else {
      draft.set(name, newMember(value, this.#keepDirectives));
    }
  }

  #deleteFromList(
    draft: ObjectDraft,
    directive: string,
    items: unknown,
    shape: ObjectShape,
    parent: MergePlace,
  ): void {
    const name = listNameOf(directive);
    if (!name || !Array.isArray(items) || items.some(isContainer)) {
      throw malformed(placeIn(parent, directive), 'a list of scalars', items);
    }
    if (this.#keepDirectives) {
      draft.set(directive, items);
      return;
    }
    const before = draft.get(name);
    if (!Array.isArray(before)) return;
    const place = placeIn(parent, name);
    listRulesAt(place, shape, items);
    kindOfItems(before, items, place);
    const deleted = new Set<unknown>(items);
    draft.set(
      name,
      settleItems(
        before,
        before.filter((item) => !deleted.has(item)),
      ),
    );
  }
}

function isListOrAbsent(value: unknown): value is List | undefined {
  return value === undefined || Array.isArray(value);
}

/** What an object with `$patch` stands for. */
function standsFor(directive: unknown, patch: JsonObject, place: MergePlace): JsonObject {
  if (directive === 'delete') return {};
  if (directive !== 'replace') throw malformed(placeIn(place, PATCH), REPLACE_OR_DELETE, directive);
  const draft = new ObjectDraft(patch);
  draft.set(PATCH, undefined);
  return draft.object;
}

/** Takes a directive over from a patch into another one. */
function keepDirective(draft: ObjectDraft, name: string, directive: unknown, place: MergePlace): void {
  const before = draft.get(name);
  if (before !== undefined && !jsonEqual(before, directive)) {
    throw malformed(placeIn(place, name), 'the same in both patches', directive);
  }
  draft.set(name, before ?? directive);
}
