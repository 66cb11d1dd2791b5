import { define, type JsonObject } from '../../core/index.js';
import { isJsonObject, memberOf } from '../json-object.js';
import { PATCH } from './directives.js';

/**
 * What a value of a patch becomes where there is nothing to merge it with; undefined where it is an object with `$patch`.
 *
 * Objects with `$patch` are left out wherever they are, and so are members that are null, unless `keepNulls`. Other directives are
 * data there, as in Kubernetes. Where nothing is left out, the result is the value itself.
 *
 * Source: `discardNullValuesFromPatch` and `removeDirectives` in k8s.io/apimachinery.
 */
export function newValue(value: unknown, keepNulls: boolean): unknown {
  if (Array.isArray(value)) return newList(value, keepNulls);
  return isJsonObject(value) ? newObject(value, keepNulls) : value;
}

/** {@link newValue} of a list. */
export function newList(list: readonly unknown[], keepNulls: boolean): readonly unknown[] {
  let result: unknown[] | undefined;
  for (let index = 0; index < list.length; index += 1) {
    const before = list[index];
    const after = newValue(before, keepNulls);
    if (after !== before && result === undefined) result = list.slice(0, index);
    if (after !== undefined) result?.push(after);
  }
  return result ?? list;
}

function newObject(object: JsonObject, keepNulls: boolean): JsonObject | undefined {
  const directive = memberOf(object, PATCH);
  if (directive !== undefined && (directive !== null || keepNulls)) return undefined;
  let result: Record<string, unknown> | undefined;
  const names = Object.keys(object);
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index] as string;
    const before = object[name];
    const after = before === null && !keepNulls ? undefined : newValue(before, keepNulls);
    if (after !== before && result === undefined) {
      result = {};
      for (let earlier = 0; earlier < index; earlier += 1) {
        define(result, names[earlier] as string, object[names[earlier] as string]);
      }
    }
    if (result !== undefined && after !== undefined) define(result, name, after);
  }
  return result ?? object;
}
