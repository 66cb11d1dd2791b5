import { define, type FieldError, frozenCopy } from '../core/index.js';
import type { VersionedObject } from './convert-object.js';
import type { AnyResource } from './resource.js';

/**
 * An object as the schema of its kind has it: with defaults, without unknown fields; frozen, and the object itself where that is it
 * already. Where there are errors, it is the object.
 */
export function fitObject(
  resource: AnyResource,
  object: VersionedObject,
): { readonly object: VersionedObject; readonly errors: readonly FieldError[] } {
  if (resource.schema === undefined) return { object, errors: [] };
  const { apiVersion, kind, metadata, ...fields } = object;
  const { object: judged, errors } = resource.schema.judge(fields);
  if (errors.length > 0 || judged === fields) return { object, errors };
  const fitted: Record<string, unknown> = { apiVersion, kind, metadata };
  for (const key of Object.keys(judged)) {
    const old = Object.hasOwn(object, key) ? object[key] : undefined;
    define(fitted, key, frozenCopy(judged[key], key, old));
  }
  return { object: Object.freeze(fitted) as unknown as VersionedObject, errors };
}
