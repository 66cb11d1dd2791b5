import { define, type JsonObject } from '../../core/index.js';
import { isJsonObject, memberOf } from '../json-object.js';

/** The JSON merge patch between two private copies, in which what is equal is one and the same value. */
export function diffObjects(before: JsonObject, after: JsonObject): JsonObject {
  const patch: Record<string, unknown> = {};
  for (const name of Object.keys(after)) {
    const old = memberOf(before, name);
    const value = after[name];
    if (value === old) continue;
    define(patch, name, isJsonObject(old) && isJsonObject(value) ? diffObjects(old, value) : value);
  }
  for (const name of Object.keys(before)) {
    if (!Object.hasOwn(after, name)) define(patch, name, null);
  }
  return patch;
}
