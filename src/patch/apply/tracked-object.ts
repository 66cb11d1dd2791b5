import { formatTime, type JsonObject, jsonEqual, parseTime, preview } from '../../core/index.js';
import { isJsonObject, memberOf } from '../json-object.js';
import { requestObject, unexpected } from '../request-json.js';
import { encodeManagers, type FieldManagers } from './field-manager.js';

/** A deeply frozen object: the given one, or a copy where it is not frozen. */
export function frozenObject(object: object, part: string, previous?: JsonObject): JsonObject {
  return Object.isFrozen(object) && isJsonObject(object) ? object : requestObject(object, part, previous);
}

/** The metadata of an object; without any, an object that has none. */
export function metadataOf(object: JsonObject | undefined): JsonObject {
  const metadata = object && memberOf(object, 'metadata');
  return isJsonObject(metadata) ? metadata : {};
}

/** The `managedFields` of an object, as they stand there. */
export function managedFieldsOf(object: JsonObject | undefined): unknown {
  return memberOf(metadataOf(object), 'managedFields');
}

/** The object with these managers in its `managedFields`, deeply frozen if it is; the object itself where it has them already. */
export function withManagers(object: JsonObject, managers: FieldManagers): JsonObject {
  const { managedFields: before, ...metadata } = metadataOf(object);
  const managedFields = managers.size === 0 ? undefined : encodeManagers(managers);
  if (jsonEqual(before, managedFields)) return object;
  const all = !managedFields ? metadata : { ...metadata, managedFields };
  return Object.freeze({ ...object, metadata: Object.freeze(all) });
}

/**
 * The `apiVersion` or `kind` of an object, or what is expected where the object does not have it.
 *
 * @throws ApiError BadRequest where it is no text, or another.
 */
export function typeText(
  object: JsonObject,
  part: string,
  name: 'apiVersion' | 'kind',
  expected?: unknown,
): string {
  const own = memberOf(object, name) ?? '';
  const text = own === '' ? expected : own;
  if (typeof text === 'string' && text === (expected || text)) return text;
  throw unexpected(`${part}.${name}`, expected ? preview(expected) : 'a text', text);
}

/** An object with `apiVersion` and `kind`, which come first where they are new. */
export function withType(object: JsonObject, apiVersion: string, kind: string): JsonObject {
  if (memberOf(object, 'apiVersion') === apiVersion && memberOf(object, 'kind') === kind) return object;
  const type = { apiVersion, kind };
  return Object.freeze({ ...type, ...object, ...type });
}

/** Who writes, and when. */
export interface Writer {
  /** The name that a manager goes by. Source: `buildManagerInfo` in k8s.io/apimachinery. */
  readonly manager: string;
  /** Undefined for the object itself. */
  readonly subresource: string | undefined;
  /** In the form of `managedFields`: RFC 3339, UTC, whole seconds. */
  readonly time: string | undefined;
}

/** What a request says of its writer. */
export interface WriterRequest {
  readonly manager: string;
  /** As in `status`; the object itself unless given. */
  readonly subresource?: string | undefined;
  /** When: RFC 3339, milliseconds since 1970, or a Date. Absent: new entries carry no time. */
  readonly now?: string | number | Date | undefined;
}

/**
 * Checks what a request says of its writer.
 *
 * @throws ApiError BadRequest where the manager is no text, or the time none that RFC 3339 can say.
 */
export function writerOf({ manager, subresource, now }: WriterRequest): Writer {
  if (typeof manager !== 'string') throw unexpected('manager', 'a name', manager);
  return { manager: manager || 'unknown', subresource: subresource || undefined, time: timeOf(now) };
}

function timeOf(now: WriterRequest['now']): string | undefined {
  if (now === undefined) return undefined;
  const milliseconds = typeof now === 'string' ? parseTime(now) : Number(now);
  // the comparison is false for NaN too
  if (milliseconds === undefined || !(milliseconds >= YEAR_0 && milliseconds < YEAR_10000)) {
    throw unexpected('now', 'a time as in RFC 3339', now);
  }
  return formatTime(milliseconds);
}

/** What RFC 3339 can say, in milliseconds since 1970. */
const YEAR_0 = -62_167_219_200_000;
const YEAR_10000 = 253_402_300_800_000;
