import { ApiError, type JsonObject } from '../../core/index.js';
import { isJsonObject, memberOf } from '../json-object.js';
import { isKind, mergeSchemaOf, type SchemaSource } from '../merge-schema.js';
import { rootShape } from './apply-shape.js';
import { decodeManagers, type FieldManagers, isMalformed } from './field-manager.js';
import { trackUpdate } from './track-update.js';
import {
  frozenObject,
  managedFieldsOf,
  managerName,
  metadataOf,
  requestSubresource,
  requestTime,
  withManagers,
} from './tracked-object.js';

/** What {@link updateManagedFields} records. */
export interface ManagedUpdate<T extends object> {
  /** The object before the write; absent for a create. */
  readonly live?: object | undefined;
  /** The whole object after the write. */
  readonly next: T;
  readonly manager: string;
  /** As in `status`; the object itself unless given. */
  readonly subresource?: string | undefined;
  /** When: RFC 3339, milliseconds since 1970, or a Date. Absent: new entries carry no time. */
  readonly now?: string | number | Date | undefined;
}

/**
 * The object that a create, update or patch leaves: `next`, with the record of who owns which field in `metadata.managedFields`.
 *
 * - The manager owns what it added or modified, and nobody owns what it removed.
 * - The record that counts is that of `next`, so that a writer may edit it; where it has none, or a malformed one, and for a
 *   subresource, it is that of `live`; where that is malformed too, there is none. `[]` and `[{}]` clear it.
 * - An object that exists and has no record stays without; a create begins one. Live objects without a `uid` count as being created.
 * - At most 10 managers have their updates recorded: older ones become `ancient-changes`.
 * - A write that changes nothing but `resourceVersion` and its like leaves the record and its times as they are.
 *
 * There is no conversion between versions: who owns fields in another version of the kind is taken to own them in this one. Nothing is
 * validated: what the schema does not know counts as a field of which nothing is known.
 *
 * Nothing that is passed is changed. The result is `next` itself where that has the right record. Parts that `live` and `next` share
 * cost nothing if both are frozen.
 *
 * @throws ApiError BadRequest where `live` or `next` is no JSON object, or `next` has no `apiVersion` and `schema` is no resource.
 *
 * Source: `Update` of `FieldManager` in k8s.io/apimachinery, managedfields.
 *
 * @example
 * ```ts
 * const next = updateManagedFields({ live, next: { ...live, spec }, manager: 'scaler', now: Date.now() }, Deployment);
 * ```
 */
export function updateManagedFields<T extends object>(update: ManagedUpdate<T>, schema?: SchemaSource): T {
  const live = update.live === undefined ? undefined : frozenObject(update.live, 'live');
  const next = frozenObject(update.next, 'next', live);
  const name = managerName(update.manager);
  const subresource = requestSubresource(update.subresource);
  const time = requestTime(update.now);
  const before = managersBefore(live, next, subresource);
  const isTracked = before.size > 0 || !memberOf(metadataOf(live), 'uid');
  const managers = isTracked
    ? trackUpdate({
        before: live ?? {},
        after: next,
        managers: before,
        writer: { name, apiVersion: versionOf(next, schema), subresource },
        time,
        shape: rootShape(schema === undefined ? undefined : mergeSchemaOf(schema)),
      })
    : before;
  if (isRecordOf(next, managers)) return update.next;
  return withManagers(next, managers) as T;
}

/** The managers that a write finds. */
function managersBefore(
  live: JsonObject | undefined,
  next: JsonObject,
  subresource: string | undefined,
): FieldManagers {
  if (subresource === undefined) {
    const submitted = managedFieldsOf(next);
    if (isReset(submitted)) return new Map();
    const managers = decodeManagers(submitted);
    if (!isMalformed(managers) && managers.size > 0) return managers;
  }
  const managers = decodeManagers(managedFieldsOf(live));
  return isMalformed(managers) ? new Map() : managers;
}

function isReset(managedFields: unknown): boolean {
  if (!Array.isArray(managedFields) || managedFields.length > 1) return false;
  const entry: unknown = managedFields[0];
  return entry === undefined || (isJsonObject(entry) && Object.keys(entry).length === 0);
}

/** Whether an object has the record of these managers, and in its normal form. */
function isRecordOf(next: JsonObject, managers: FieldManagers): boolean {
  const managedFields = managedFieldsOf(next);
  if (managers.size === 0) return managedFields === undefined;
  if (decodeManagers(managedFields) !== managers) return false;
  for (const { entry } of managers.values()) if (entry === undefined) return false;
  return true;
}

function versionOf(next: JsonObject, schema: SchemaSource | undefined): string {
  if (schema !== undefined && isKind(schema)) return schema.apiVersion;
  const apiVersion = memberOf(next, 'apiVersion');
  if (typeof apiVersion === 'string' && apiVersion !== '') return apiVersion;
  throw ApiError.badRequest('Expected a version, got none', 'next.apiVersion');
}
