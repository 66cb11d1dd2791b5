import { define, jsonEqual, type JsonObject } from '../../core/index.js';
import { isJsonObject, memberOf } from '../json-object.js';
import { type ListShape, type ObjectShape, type Shape, shapeOfMember } from './apply-shape.js';
import { elementsOf, isSameOrder, repeatedElements } from './list-keys.js';

/** What comes out of a merge. */
export interface Merged {
  readonly object: JsonObject;
  /** True where the intent has null or an empty object and the live object something in it, which then stays. */
  readonly isHollow: boolean;
}

/**
 * The live object with all that the intent has; nothing is removed.
 *
 * Items of lists come in the order of the intent, those that only the live object has between them, and items that it has twice are
 * replaced by the one of the intent. Null and empty in the intent count only where there is nothing in the live object. The result
 * shares with both, is the live object itself where the intent changes nothing, and is deeply frozen if they are.
 *
 * Source: `Merge` of `typed.TypedValue` in structured-merge-diff.
 */
export function mergeObjects(live: JsonObject, intent: JsonObject, shape: ObjectShape): Merged {
  const merge = new Merge();
  const object = merge.members(live, intent, shape);
  return { object, isHollow: merge.isHollow };
}

class Merge {
  isHollow = false;

  members(live: JsonObject, intent: JsonObject, shape: ObjectShape): JsonObject {
    // as long as the intent changes nothing, nothing is allocated
    let result: Record<string, unknown> | undefined;
    for (const name of Object.keys(intent)) {
      const before = memberOf(live, name);
      const after = this.#value(before, intent[name], shapeOfMember(shape, name));
      if (after !== before) define((result ??= { ...live }), name, after);
    }
    return result === undefined ? live : Object.freeze(result);
  }

  /** Merges into a value, or into undefined where there is none. */
  #value(live: unknown, intent: unknown, shape: Shape): unknown {
    if (live === undefined || live === intent) return intent;
    if (shape.form === 'object') {
      if (isJsonObject(intent) && Object.keys(intent).length > 0) {
        return isJsonObject(live) ? this.members(live, intent, shape) : intent;
      }
      if ((intent === null || isJsonObject(intent)) && isJsonObject(live) && Object.keys(live).length > 0) {
        this.isHollow = true;
        return live;
      }
    } else if (shape.form === 'list' && (intent === null || Array.isArray(intent)) && Array.isArray(live)) {
      if (intent !== null && intent.length > 0) return this.#list(live, intent, shape);
      if (live.length > 0) {
        this.isHollow = true;
        return live;
      }
    }
    return jsonEqual(live, intent) ? live : intent;
  }

  #list(live: readonly unknown[], intent: readonly unknown[], shape: ListShape): readonly unknown[] {
    const liveElements = elementsOf(live, shape);
    const intentElements = elementsOf(intent, shape);
    if (liveElements === undefined || intentElements === undefined) {
      return jsonEqual(live, intent) ? live : intent;
    }
    const result: unknown[] = [];
    if (isSameOrder(liveElements, intentElements)) {
      for (const [index, item] of intent.entries()) {
        result.push(this.#value(live[index], item, shape.element));
      }
    } else {
      this.#interleave(live, liveElements, intent, intentElements, shape.element, result);
    }
    const isLive = result.length === live.length && result.every((item, index) => item === live[index]);
    return isLive ? live : Object.freeze(result);
  }

  /**
   * Takes the items of both lists in turn. Items that both have stand where the intent has them; an item that only the live
   * list has follows the shared items that it followed there, as far as their order is the same.
   */
  #interleave(
    live: readonly unknown[],
    liveElements: readonly string[],
    intent: readonly unknown[],
    intentElements: readonly string[],
    shape: Shape,
    result: unknown[],
  ): void {
    const repeated = repeatedElements(liveElements);
    const liveItems = new Map(liveElements.map((element, index) => [element, live[index]]));
    const wanted = new Set(intentElements);
    const shared = intentElements.filter((element) => liveItems.has(element));
    const taken = new Set<string>();
    let nextShared = 0;
    let at = 0;
    let next = 0;
    const takeIntent = (element: string): void => {
      const before = repeated?.has(element) === true ? undefined : liveItems.get(element);
      result.push(this.#value(before, intent[next], shape));
      taken.add(element);
      if (shared[nextShared] === element) nextShared += 1;
      next += 1;
    };
    while (at < live.length || next < intent.length) {
      const ours = liveElements[at];
      const theirs = intentElements[next];
      if (ours !== undefined && theirs !== undefined) {
        if (ours === theirs) {
          takeIntent(theirs);
          at += 1;
          continue;
        }
        if (wanted.has(ours) && nextShared < shared.length && shared[nextShared] !== ours) {
          at += 1;
          continue;
        }
      }
      if (ours !== undefined) {
        if (!wanted.has(ours)) {
          result.push(live[at]);
          at += 1;
          continue;
        }
        if (taken.has(ours)) at += 1;
      }
      if (theirs !== undefined) takeIntent(theirs);
    }
  }
}
