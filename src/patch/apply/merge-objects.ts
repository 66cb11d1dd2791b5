import { define, type JsonObject } from '../../core/index.js';
import { isJsonObject, memberOf } from '../json-object.js';
import { haveSameItems, settle } from '../settle.js';
import { type ListShape, type ObjectShape, type Shape, shapeOfMember } from './apply-shape.js';
import { elementsOf, itemsOf, Repeated } from './list-keys.js';

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
    return !result ? live : Object.freeze(result);
  }

  /** Merges into a value, or into undefined where there is none. */
  #value(live: unknown, intent: unknown, shape: Shape): unknown {
    if (live === undefined || live === intent) return intent;
    if (shape.form === 'object' && isJsonObject(live) && (intent === null || isJsonObject(intent))) {
      if (intent !== null && Object.keys(intent).length > 0) return this.members(live, intent, shape);
      return this.#hollow(live, intent, Object.keys(live).length === 0);
    }
    if (shape.form === 'list' && Array.isArray(live) && (intent === null || Array.isArray(intent))) {
      if (intent !== null && intent.length > 0) return this.#list(live, intent, shape);
      return this.#hollow(live, intent, live.length === 0);
    }
    return settle(live, intent);
  }

  /** Null or an empty value takes the place of an empty one only. */
  #hollow(live: unknown, intent: unknown, isLiveEmpty: boolean): unknown {
    if (isLiveEmpty) return settle(live, intent);
    this.isHollow = true;
    return live;
  }

  /**
   * Takes the items of both lists in turn. Items that both have stand where the intent has them; an item that only the live
   * list has follows the shared items that it followed there, as far as their order is the same.
   */
  #list(live: readonly unknown[], intent: readonly unknown[], shape: ListShape): readonly unknown[] {
    const liveElements = elementsOf(live, shape);
    const intentElements = elementsOf(intent, shape);
    const liveItems = itemsOf(live, shape);
    if (!liveElements || !intentElements || !liveItems) return settle(live, intent);
    const wanted = new Set(intentElements);
    const shared = intentElements.filter((element) => liveItems.has(element));
    const result: unknown[] = [];
    let nextShared = 0;
    let at = 0;
    let next = 0;
    while (at < live.length || next < intent.length) {
      const ours = liveElements[at];
      const theirs = intentElements[next];
      const due = shared[nextShared];
      if (ours !== undefined && !wanted.has(ours)) {
        result.push(live[at]);
        at += 1;
      } else if (
        theirs === undefined ||
        (ours !== undefined && ours !== theirs && due !== undefined && due !== ours)
      ) {
        // the intent has it elsewhere
        at += 1;
      } else {
        const before = liveItems.get(theirs);
        result.push(
          this.#value(before instanceof Repeated ? undefined : before, intent[next], shape.element),
        );
        if (due === theirs) nextShared += 1;
        if (ours === theirs || due === undefined) at += 1;
        next += 1;
      }
    }
    return haveSameItems(live, result) ? live : Object.freeze(result);
  }
}
