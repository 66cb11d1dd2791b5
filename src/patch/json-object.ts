import { isPlain, type JsonObject } from '../core/index.js';

/** True for what may have parts: not for null and scalars. */
export function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** True for a plain object: not for null, arrays and instances of classes. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && isPlain(value);
}

/** The own member of that name; undefined where there is none. */
export function memberOf(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
