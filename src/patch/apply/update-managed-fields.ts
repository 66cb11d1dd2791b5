import { isInvalid, jsonEqual, type JsonObject } from '../../core/index.js';
import { memberOf } from '../json-object.js';
import { isKind, type SchemaSource } from '../merge-schema.js';
import { rootShape } from './apply-shape.js';
import { decodeManagers, type FieldManagers } from './field-manager.js';
import { trackUpdate } from './track-update.js';
import {
  frozenObject,
  managedFieldsOf,
  metadataOf,
  typeText,
  withManagers,
  writerOf,
  type WriterRequest,
} from './tracked-object.js';

/** What {@link updateManagedFields} records. */
export interface ManagedUpdate<T extends object> extends WriterRequest {
  /** The object before the write; absent for a create. */
  readonly live?: object | undefined;
  /** The whole object after the write. */
  readonly next: T;
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
  const { manager, subresource, time } = writerOf(update);
  const known = managersBefore(live, next, subresource);
  const isTracked = known.size > 0 || !memberOf(metadataOf(live), 'uid');
  let managers = known;
  if (isTracked) {
    const isResource = schema && isKind(schema);
    const apiVersion = isResource ? schema.apiVersion : typeText(next, 'next', 'apiVersion');
    const writer = { manager, operation: 'Update', apiVersion, subresource };
    managers = trackUpdate(live ?? {}, next, known, writer, time, rootShape(schema));
  }
  const result = withManagers(next, managers);
  return result === next ? update.next : (result as T);
}

/** The managers that a write finds. */
function managersBefore(
  live: JsonObject | undefined,
  next: JsonObject,
  subresource: string | undefined,
): FieldManagers {
  const submitted = managedFieldsOf(next);
  if (subresource === undefined) {
    if (jsonEqual(submitted, []) || jsonEqual(submitted, [{}])) return new Map();
    const managers = managersIn(submitted);
    if (managers.size > 0) return managers;
  }
  return managersIn(managedFieldsOf(live));
}

/** The managers of a record; none where it is malformed. */
function managersIn(managedFields: unknown): FieldManagers {
  try {
    return decodeManagers(managedFields);
  } catch (error) {
    if (!isInvalid(error)) throw error;
    return new Map();
  }
}
