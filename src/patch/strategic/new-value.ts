import type { JsonObject } from '../../core/index.js';
import { isJsonObject, memberOf } from '../json-object.js';
import { PATCH } from './directives.js';
import { ObjectDraft } from '../object-draft.js';
import { settleItems } from '../settle.js';

/**
 * What a member of a patch becomes where there is nothing to merge it with; undefined where there is no such member.
 *
 * Objects with `$patch` are left out wherever they are, and so are members that are null, unless `keepNulls`. Other directives are
 * data there, as in Kubernetes. Where nothing is left out, the result is the value itself.
 *
 * Source: `discardNullValuesFromPatch` and `removeDirectives` in k8s.io/apimachinery.
 */
export function newMember(value: unknown, keepNulls: boolean): unknown {
  return value === null && !keepNulls ? undefined : newValue(value, keepNulls);
}

function newValue(value: unknown, keepNulls: boolean): unknown {
  if (Array.isArray(value)) return newList(value, keepNulls);
  return isJsonObject(value) ? newObject(value, keepNulls) : value;
}

/** {@link newMember} of the items of a list, where null is a value. */
export function newList(list: readonly unknown[], keepNulls: boolean): readonly unknown[] {
  const items = list.map((item) => newValue(item, keepNulls)).filter((item) => item !== undefined);
  return settleItems(list, items);
}

function newObject(object: JsonObject, keepNulls: boolean): JsonObject | undefined {
  const directive = memberOf(object, PATCH);
  if (directive !== undefined && (directive !== null || keepNulls)) return undefined;
  const draft = new ObjectDraft(object);
  for (const name of Object.keys(object)) {
    draft.set(name, newMember(object[name], keepNulls));
  }
  return draft.object;
}
