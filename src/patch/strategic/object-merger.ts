import { jsonEqual, type JsonObject, preview } from '../../core/index.js';
import { isJsonObject, memberOf } from '../json-object.js';
import {
  isElementOrder,
  isListDeletion,
  listNameOf,
  mayBeDirective,
  PATCH,
  RETAIN_KEYS,
} from './directives.js';
import { isReplaced, type ObjectShape, objectShapeOf } from './field-rules.js';
import { isContainer, kindOfItems, type List } from './list-items.js';
import { ListMerger } from './list-merger.js';
import { MergePlace, type SideNames } from './merge-place.js';
import { newValue } from './new-value.js';
import { ObjectDraft } from './object-draft.js';
import { settle, settleItems } from './settle.js';

/** How {@link ObjectMerger} merges. */
export interface MergerOptions {
  /** What errors call the object that is merged into, and the patch. */
  readonly names: SideNames;
  /**
   * The object that is merged into is a patch itself, made for the same object: directives and nulls stay in the result instead of
   * being carried out.
   */
  readonly keepDirectives: boolean;
}

/**
 * Merges a strategic merge patch into an object; one merger for one merge.
 *
 * Neither input is changed. The result shares with the target what the patch left as it was, and new values with the patch.
 *
 * Source: `mergeMap` in k8s.io/apimachinery.
 */
export class ObjectMerger {
  readonly #keepDirectives: boolean;
  readonly #place: MergePlace;
  readonly #lists: ListMerger;

  constructor({ names, keepDirectives }: MergerOptions) {
    this.#keepDirectives = keepDirectives;
    this.#place = new MergePlace(names);
    this.#lists = new ListMerger(this.#place, (target, patch, shape) => this.merge(target, patch, shape));
  }

  /**
   * The object that `patch` makes of `target`.
   *
   * @throws ApiError BadRequest where the patch is malformed, or does not fit the shape or the target.
   */
  merge(target: JsonObject, patch: JsonObject, shape: ObjectShape): JsonObject {
    const names = Object.keys(patch);
    const draft = new ObjectDraft(target);
    if (!names.some(mayBeDirective)) {
      for (const name of names) this.#mergeMember(draft, name, patch[name], shape);
      return draft.object;
    }
    const directive = memberOf(patch, PATCH);
    if (directive !== undefined) return settle(target, this.#standsFor(directive, patch));

    this.#retainKeys(draft, patch, names);
    const done = new Set([RETAIN_KEYS]);
    for (const name of names) {
      if (!isElementOrder(name)) continue;
      done.add(name);
      done.add(this.#mergeInOrder(draft, name, patch, shape));
    }
    for (const name of names) {
      if (!done.has(name) && !isListDeletion(name)) this.#mergeMember(draft, name, patch[name], shape);
    }
    // after what the lists gain, for so it is beside a $setElementOrder; upstream is undecided elsewhere
    for (const name of names) {
      if (isListDeletion(name)) this.#deleteFromList(draft, name, patch[name], shape);
    }
    return draft.object;
  }

  /** What an object with `$patch` stands for. */
  #standsFor(directive: unknown, patch: JsonObject): JsonObject {
    if (directive === 'delete') return {};
    if (directive !== 'replace') {
      throw this.#place.malformedAfter(`Expected "replace" or "delete", got ${preview(directive)}`, PATCH);
    }
    const draft = new ObjectDraft(patch);
    draft.delete(PATCH);
    return draft.object;
  }

  #retainKeys(draft: ObjectDraft, patch: JsonObject, names: readonly string[]): void {
    const directive = memberOf(patch, RETAIN_KEYS);
    if (directive === undefined) return;
    if (!isListOfStrings(directive)) {
      const message = `Expected the names of all members to keep, got ${preview(directive)}`;
      throw this.#place.malformedAfter(message, RETAIN_KEYS);
    }
    if (this.#keepDirectives) {
      this.#keepDirective(draft, RETAIN_KEYS, directive);
      return;
    }
    const kept = new Set(directive);
    for (const name of names) {
      const isSet = patch[name] !== null && patch[name] !== undefined && name !== RETAIN_KEYS;
      if (isSet && !kept.has(name) && !isElementOrder(name) && !isListDeletion(name)) {
        throw this.#place.malformedAfter(`Expected only members that ${RETAIN_KEYS} names`, name);
      }
    }
    for (const name of Object.keys(draft.object)) {
      if (!kept.has(name)) draft.delete(name);
    }
  }

  #keepDirective(draft: ObjectDraft, name: string, directive: unknown): void {
    const before = draft.get(name);
    if (before === undefined) draft.set(name, directive);
    else if (!jsonEqual(before, directive)) {
      throw this.#place.malformedAfter('Expected the same directive in both patches', name);
    }
  }

  /** Merges the list that a `$setElementOrder` speaks of, and tells its name. */
  #mergeInOrder(draft: ObjectDraft, directive: string, patch: JsonObject, shape: ObjectShape): string {
    const order = patch[directive];
    const name = listNameOf(directive);
    if (name === undefined || !Array.isArray(order)) {
      throw this.#place.malformedAfter(`Expected the order of a list, got ${preview(order)}`, directive);
    }
    if (this.#keepDirectives) this.#keepDirective(draft, directive, order);
    this.#place.enter(name);
    const rules = this.#place.listRules(shape);
    const before = draft.get(name);
    if (before !== undefined && !Array.isArray(before)) {
      throw this.#place.malformedBefore(`Expected a list for ${directive}, got ${preview(before)}`);
    }
    const change = memberOf(patch, name);
    if (change !== undefined && !Array.isArray(change)) {
      throw this.#place.malformedAfter(`Expected a list beside ${directive}, got ${preview(change)}`);
    }
    this.#place.leave();
    if (before === undefined && change === undefined) return name;
    this.#place.enter(directive);
    const keys = this.#lists.orderKeys(order, rules.mergeKey);
    this.#place.leave();
    this.#place.enter(name);
    draft.set(name, this.#lists.mergeInOrder(before, change, { directive, keys }, rules));
    this.#place.leave();
    return name;
  }

  #mergeMember(draft: ObjectDraft, name: string, value: unknown, shape: ObjectShape): void {
    if (value === undefined) return;
    if (value === null) {
      if (this.#keepDirectives) draft.set(name, null);
      else draft.delete(name);
      return;
    }
    const before = draft.get(name);
    if (value === before) return;
    if (Array.isArray(value) && Array.isArray(before)) {
      this.#place.enter(name);
      draft.set(name, this.#lists.merge(before, value, this.#place.listRules(shape)));
      this.#place.leave();
    } else if (isJsonObject(value) && isJsonObject(before)) {
      this.#place.enter(name);
      const field = this.#place.field(shape);
      const replaced = isReplaced(field);
      draft.set(name, replaced ? settle(before, value) : this.merge(before, value, objectShapeOf(field)));
      this.#place.leave();
    } else {
      const after = newValue(value, this.#keepDirectives);
      if (after === undefined) draft.delete(name);
      else draft.set(name, after);
    }
  }

  #deleteFromList(draft: ObjectDraft, directive: string, items: unknown, shape: ObjectShape): void {
    if (items === undefined) return;
    const name = listNameOf(directive);
    if (name === undefined || !Array.isArray(items) || items.some(isContainer)) {
      const message = `Expected scalars to delete from a list, got ${preview(items)}`;
      throw this.#place.malformedAfter(message, directive);
    }
    if (this.#keepDirectives) {
      draft.set(directive, items);
      return;
    }
    const before = draft.get(name);
    if (!Array.isArray(before)) return;
    this.#place.enter(name);
    this.#place.listRules(shape);
    kindOfItems(before, items, this.#place);
    const deleted = new Set<unknown>(items);
    const rest: List = before.filter((item) => !deleted.has(item));
    draft.set(name, settleItems(before, rest));
    this.#place.leave();
  }
}

function isListOfStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
