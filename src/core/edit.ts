import type { Draft } from './immutable.js';
import { define, frozenCopy, isPlain, type JsonObject } from './json.js';

/**
 * Changes a frozen object: hands a writable copy to `recipe` and returns the result, frozen.
 *
 * Every part that the recipe left as it was is the original's very own, so a store recognises it and does not copy it again; a recipe
 * that changes nothing gives back the object itself. The original never changes. The draft is a plain object, good only inside the
 * recipe.
 *
 * @throws NotJsonError when the recipe puts in something that is not JSON; TypeError when it returns something.
 *
 * @example
 * ```ts
 * const next = edit(site, (draft) => { draft.spec.replicas = 3; });
 * ```
 */
export function edit<T extends object>(object: T, recipe: (draft: Draft<T>) => void): T {
  const draft = thaw(object);
  const returned: unknown = recipe(draft as Draft<T>);
  if (returned !== undefined) {
    const got = returned instanceof Promise ? 'a promise: an edit cannot wait' : typeof returned;
    throw new TypeError(`edit: expected the recipe to change its draft and return nothing, got ${got}`);
  }
  return frozenCopy(draft, '', object) as T;
}

/** A writable copy of the plain objects and arrays of a value. */
function thaw(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(thaw);
  if (!isPlain(value)) return value;
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) define(result, key, thaw((value as JsonObject)[key]));
  return result;
}
