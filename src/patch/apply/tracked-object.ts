import { ApiError, define, formatTime, type JsonObject, parseTime, preview } from '../../core/index.js';
import { isJsonObject, memberOf } from '../json-object.js';
import { requestObject } from '../request-json.js';
import { encodeManagers, type FieldManagers } from './field-manager.js';

/** A deeply frozen object: the given one, or a copy where it is not frozen. */
export function frozenObject(object: object, part: string, previous?: JsonObject): JsonObject {
  return Object.isFrozen(object) && isJsonObject(object) ? object : requestObject(object, part, previous);
}

/** The metadata of an object; without any, an object that has none. */
export function metadataOf(object: JsonObject | undefined): JsonObject {
  const metadata = object === undefined ? undefined : memberOf(object, 'metadata');
  return isJsonObject(metadata) ? metadata : {};
}

/** The `managedFields` of an object, as they stand there. */
export function managedFieldsOf(object: JsonObject | undefined): unknown {
  return memberOf(metadataOf(object), 'managedFields');
}

/** The object with these managers in its `managedFields`, deeply frozen if it is. */
export function withManagers(object: JsonObject, managers: FieldManagers): JsonObject {
  const { managedFields, ...metadata } = metadataOf(object);
  if (managers.size === 0 && managedFields === undefined) return object;
  const all = managers.size === 0 ? metadata : { ...metadata, managedFields: encodeManagers(managers) };
  return Object.freeze({ ...object, metadata: Object.freeze(all) });
}

/** An object with `apiVersion` and `kind`, which come first where they are new. */
export function withType(object: JsonObject, apiVersion: string, kind: string): JsonObject {
  if (memberOf(object, 'apiVersion') === apiVersion && memberOf(object, 'kind') === kind) return object;
  const result: Record<string, unknown> = { apiVersion, kind };
  for (const name of Object.keys(object)) {
    if (name !== 'apiVersion' && name !== 'kind') define(result, name, object[name]);
  }
  return Object.freeze(result);
}

/** The time of a request in the form of `managedFields`: RFC 3339, UTC, whole seconds. */
export function requestTime(now: string | number | Date | undefined): string | undefined {
  if (now === undefined) return undefined;
  const milliseconds = typeof now === 'string' ? parseTime(now) : Number(now);
  // the comparison is false for NaN too
  if (milliseconds === undefined || !(milliseconds >= YEAR_0 && milliseconds < YEAR_10000)) {
    throw ApiError.badRequest(`Expected a time as in RFC 3339, got ${preview(now)}`, 'now');
  }
  return formatTime(milliseconds);
}

/** What RFC 3339 can say, in milliseconds since 1970. */
const YEAR_0 = -62_167_219_200_000;
const YEAR_10000 = 253_402_300_800_000;

/** The name that a manager goes by. Source: `buildManagerInfo` in k8s.io/apimachinery. */
export function managerName(manager: string): string {
  if (typeof manager !== 'string') {
    throw ApiError.badRequest(`Expected a name, got ${preview(manager)}`, 'manager');
  }
  return manager === '' ? 'unknown' : manager;
}

/** The subresource of a request; undefined for the object itself. */
export function requestSubresource(subresource: string | undefined): string | undefined {
  return subresource === '' ? undefined : subresource;
}
