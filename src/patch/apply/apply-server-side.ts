import type { JsonObject } from '../../core/index.js';
import type { SchemaSource } from '../merge-schema.js';
import { settle } from '../settle.js';
import { applyConflict } from './apply-conflict.js';
import { type ObjectShape, rootShape } from './apply-shape.js';
import { checkIntent } from './check-intent.js';
import { compareObjects } from './compare-objects.js';
import { dropFields } from './drop-fields.js';
import {
  decodeManagers,
  fieldManager,
  type FieldManagers,
  managerId,
  type ManagerIdentity,
} from './field-manager.js';
import { difference, type FieldSet, union } from './field-set.js';
import { fieldsOfObject } from './fields-of-object.js';
import { withoutIdentity } from './identity-fields.js';
import { KUBECTL, lastAppliedFields, withLastApplied } from './last-applied.js';
import { mergeObjects } from './merge-objects.js';
import { conflictsOf, disown, fitManagers } from './ownership.js';
import { trackUpdate } from './track-update.js';
import {
  frozenObject,
  managedFieldsOf,
  withManagers,
  writerOf,
  type WriterRequest,
} from './tracked-object.js';
import { validateIntent } from './validate-intent.js';

/** What {@link applyServerSide} merges. */
export interface ServerSideApply<T extends object> extends WriterRequest {
  /** The object as it is; absent where there is none yet. */
  readonly live?: T | undefined;
  /** What the manager wants: every field that it has an opinion about, and no other. */
  readonly applied: object;
  /** Takes over fields that others own with another value, instead of a Conflict. */
  readonly force?: boolean | undefined;
}

/** Who owns what an object had before anyone applied to it. */
const BEFORE_FIRST_APPLY = 'before-first-apply';

/**
 * Merges into an object what one manager wants of it, and records in `metadata.managedFields` who owns which field.
 *
 * - What the manager wants is set. What it wanted the last time, wants no more, and nobody else owns, goes.
 * - A field that another manager owns with another value is a Conflict, unless `force` takes it over. With the same value both own it.
 * - Lists and objects merge as the schema says: lists of type `map` by their keys, `set` by value; `atomic` ones, and lists of which it
 *   says nothing, are replaced as a whole. Without a schema objects merge and lists are replaced.
 * - The items of lists come in the order of `applied`; items that only others own stay between them. Null and empty objects and lists
 *   in `applied` do not empty what others filled. An object, map or list that loses the last that was in it is null afterwards where
 *   somebody else owns it.
 * - An object that nobody applied to yet belongs to `before-first-apply`.
 * - The manager `kubectl` may take over what its client-side apply set, and keeps the annotation of that up to date.
 * - An apply that changes no field keeps the manager's time; one that changes no owner either gives back `live` itself.
 *
 * `applied` may lack `apiVersion` and `kind` where `schema` is a resource. There is no conversion between versions: who owns fields
 * in another version of the kind is taken to own them in this one.
 *
 * Nothing that is passed is changed. The result is deeply frozen and shares with `live`, if that is frozen, all that stayed as it was.
 * Its type is that of `live` for convenience: nothing checks that `applied` kept to it.
 *
 * @throws ApiError Conflict, with a cause of the reason `FieldManagerConflict` for every field and owner; Invalid, with a cause for each
 * field, where `applied` has unknown fields, values of the wrong type, list items without keys, or the same item twice, and where the
 * live object's `managedFields` are malformed; BadRequest where `applied` is no JSON, or of another kind, or carries `managedFields`.
 *
 * Source: k8s.io/apimachinery, managedfields; structured-merge-diff.
 *
 * @example
 * ```ts
 * const applied = { metadata: { name: 'web' }, spec: { replicas: 3 } };
 * const next = applyServerSide({ live, applied, manager: 'scaler', force: true, now: Date.now() }, Deployment);
 * ```
 */
export function applyServerSide<T extends object = JsonObject>(
  request: ServerSideApply<T>,
  schema?: SchemaSource,
): T {
  const existing = request.live === undefined ? undefined : frozenObject(request.live, 'live');
  const intent = checkIntent(request.applied, existing, schema);
  const { manager, subresource, time: now } = writerOf(request);
  const shape = rootShape(schema);
  validateIntent(intent, shape);
  const { apiVersion, kind } = intent as { readonly apiVersion: string; readonly kind: string };
  const live: JsonObject = existing ?? Object.freeze({ apiVersion, kind });
  const recorded = decodeManagers(managedFieldsOf(existing));
  const identity = { manager, operation: 'Apply', apiVersion, subresource };
  const self = managerId(identity);

  const isFirst = existing !== undefined && recorded.size === 0;
  const known = isFirst ? ownersBefore(live, shape, identity, now) : recorded;
  const managers = fitManagers(known, shape);
  const last = managers.get(self);
  const owned = withoutIdentity(fieldsOfObject(intent, shape));
  const wanted = settle(last?.fieldsV1, owned);

  const { object: merged, isHollow } = mergeObjects(live, intent, shape);
  const isComplete = last === undefined || (!isHollow && difference(last.fieldsV1, wanted) === undefined);
  const dropped = isComplete
    ? merged
    : dropFields(merged, shape, last.fieldsV1, ownedByAny(managers, self, wanted));
  const object = settle(live, dropped);

  const isAlone = managers.size === (last === undefined ? 0 : 1);
  const changes = isAlone ? {} : compareObjects(live, object, shape);
  if (request.force !== true && changes.changed !== undefined) {
    const allowed = manager === KUBECTL ? lastAppliedFields(live, intent, shape) : undefined;
    const conflicts = conflictsOf(managers, self, difference(changes.changed, allowed));
    if (conflicts.length > 0) throw applyConflict(conflicts);
  }

  const time = object === live ? last?.time : now;
  const others = disown(managers, changes, self);
  const isSameManager =
    last?.fieldsV1 === wanted &&
    (last === undefined || (last.time === time && last.apiVersion === apiVersion));
  const next = new Map(others);
  if (!wanted) next.delete(self);
  else next.set(self, fieldManager(identity, time, wanted));
  const result = manager === KUBECTL ? withLastApplied(object, intent) : object;
  if (isSameManager && others === recorded && result === existing) return request.live as T;
  return withManagers(result, isSameManager ? others : next) as T;
}

/** The managers of an object that nobody applied to: whoever wrote it is one. */
function ownersBefore(
  live: JsonObject,
  shape: ObjectShape,
  identity: ManagerIdentity,
  time: string | undefined,
): FieldManagers {
  const writer = { ...identity, manager: BEFORE_FIRST_APPLY, operation: 'Update' };
  return trackUpdate({}, live, new Map(), writer, time, shape);
}

/** What the others own, and the new intent. */
function ownedByAny(
  managers: FieldManagers,
  self: string,
  wanted: FieldSet | undefined,
): FieldSet | undefined {
  let owned = wanted;
  for (const [id, { fieldsV1 }] of managers) if (id !== self) owned = union(owned, fieldsV1);
  return owned;
}
