import { ApiError, type JsonObject, jsonEqual, preview } from '../../core/index.js';
import { mergeSchemaOf, type SchemaSource } from '../merge-schema.js';
import { applyConflict, type ManagerConflict } from './apply-conflict.js';
import { type ObjectShape, rootShape } from './apply-shape.js';
import { checkIntent } from './check-intent.js';
import { type Comparison, compareObjects } from './compare-objects.js';
import { dropFields } from './drop-fields.js';
import { difference, type FieldSet, includes, sameFields, union } from './field-set.js';
import {
  decodeManagers,
  type FieldManager,
  type FieldManagers,
  isMalformed,
  managerId,
  type ManagerIdentity,
} from './field-manager.js';
import { fieldsOfObject } from './fields-of-object.js';
import { withoutIdentity } from './identity-fields.js';
import { KUBECTL, lastAppliedFields, withLastApplied } from './last-applied.js';
import { mergeObjects } from './merge-objects.js';
import { conflictsOf, disown, reconcileManagers } from './ownership.js';
import { trackUpdate } from './track-update.js';
import {
  frozenObject,
  managedFieldsOf,
  managerName,
  requestSubresource,
  requestTime,
  withManagers,
  withType,
} from './tracked-object.js';
import { validateIntent } from './validate-intent.js';

/** What {@link applyServerSide} merges. */
export interface ServerSideApply<T extends object> {
  /** The object as it is; absent where there is none yet. */
  readonly live?: T | undefined;
  /** What the manager wants: every field that it has an opinion about, and no other. */
  readonly applied: object;
  readonly manager: string;
  /** Takes over fields that others own with another value, instead of a Conflict. */
  readonly force?: boolean | undefined;
  /** As in `status`; the object itself unless given. */
  readonly subresource?: string | undefined;
  /** When: RFC 3339, milliseconds since 1970, or a Date. Absent: new entries carry no time. */
  readonly now?: string | number | Date | undefined;
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
  const apply = new Apply(request, schema);
  const { object, managers } = apply.run(request.force === true);
  const result = apply.name === KUBECTL ? withLastApplied(object, apply.intent) : object;
  if (request.live !== undefined && managers === apply.liveManagers && result === apply.live) {
    return request.live;
  }
  return withManagers(result, managers) as T;
}

interface Outcome {
  readonly object: JsonObject;
  readonly managers: FieldManagers;
}

/** What differs, as far as others may care. */
const NO_CHANGES: Comparison = /* @__PURE__ */ Object.freeze({});

/** One request, checked. */
class Apply {
  readonly name: string;
  readonly live: JsonObject;
  readonly intent: JsonObject;
  readonly liveManagers: FieldManagers;
  readonly #isCreate: boolean;
  readonly #shape: ObjectShape;
  readonly #identity: ManagerIdentity;
  readonly #time: string | undefined;

  constructor(request: ServerSideApply<object>, schema: SchemaSource | undefined) {
    const { live, manager, subresource, now } = request;
    const frozenLive = live === undefined ? undefined : frozenObject(live, 'live');
    const { apiVersion, kind, intent } = checkIntent(request.applied, frozenLive, schema);
    this.name = managerName(manager);
    this.#shape = rootShape(schema === undefined ? undefined : mergeSchemaOf(schema));
    this.#time = requestTime(now);
    this.#identity = {
      name: this.name,
      operation: 'Apply',
      apiVersion,
      subresource: requestSubresource(subresource),
    };
    this.intent = intent;
    validateIntent(intent, this.#shape);
    this.#isCreate = frozenLive === undefined;
    this.live = frozenLive ?? withType({}, apiVersion, kind);
    this.liveManagers = readManagers(frozenLive);
  }

  run(force: boolean): Outcome {
    const outcome = this.#tryApply(force);
    if (!('conflicts' in outcome)) return outcome;
    const { conflicts } = outcome;
    const allowed =
      this.name === KUBECTL ? lastAppliedFields(this.live, this.intent, this.#shape) : undefined;
    const others = conflicts.flatMap(({ manager, fields }) => {
      const rest = difference(fields, allowed);
      return rest === undefined ? [] : [{ manager, fields: rest }];
    });
    return others.length === 0 ? this.run(true) : fail(applyConflict(others));
  }

  #tryApply(force: boolean): Outcome | { readonly conflicts: readonly ManagerConflict[] } {
    const shape = this.#shape;
    const managers = reconcileManagers(this.#knownManagers(), shape);
    const self = managerId(this.#identity);
    const last = managers.get(self);
    const wanted = this.#wantedFields(last?.fields);
    const { object: merged, isHollow } = mergeObjects(this.live, this.intent, shape);
    const isComplete = last?.fields === undefined || (!isHollow && includes(wanted, last.fields));
    const object = isComplete ? merged : this.#drop(merged, managers, last.fields, self, wanted);
    const isAlone = managers.size === 0 || (managers.size === 1 && last !== undefined);
    const changes = isAlone ? NO_CHANGES : compareObjects(this.live, object, shape);
    const conflicts = force ? [] : conflictsOf(managers, self, changes);
    if (conflicts.length > 0) return { conflicts };
    const isSame = object === this.live || jsonEqual(object, this.live);
    const time = isSame ? last?.time : this.#time;
    const others = disown(managers, changes, shape, self);
    return {
      object: isSame ? this.live : object,
      managers: withManager(others, self, {
        ...this.#identity,
        time,
        fields: wanted,
        fits: shape,
        entry: undefined,
      }),
    };
  }

  /** The managers of the live object; whoever wrote it before anyone applied is one. */
  #knownManagers(): FieldManagers {
    if (this.#isCreate || this.liveManagers.size > 0) return this.liveManagers;
    return trackUpdate({
      before: {},
      after: this.live,
      managers: this.liveManagers,
      writer: { ...this.#identity, name: BEFORE_FIRST_APPLY },
      time: this.#time,
      shape: this.#shape,
    });
  }

  #wantedFields(last: FieldSet | undefined): FieldSet | undefined {
    const fields = withoutIdentity(fieldsOfObject(this.intent, this.#shape, last));
    return sameFields(fields, last) ? last : fields;
  }

  #drop(
    merged: JsonObject,
    managers: FieldManagers,
    last: FieldSet,
    self: string,
    wanted: FieldSet | undefined,
  ): JsonObject {
    let owned = wanted;
    for (const [id, { fields }] of managers) if (id !== self) owned = union(owned, fields);
    return dropFields(merged, { shape: this.#shape, last, owned });
  }
}

/** The managers with a new state of one; the very same where that owns and says what it did before. */
function withManager(managers: FieldManagers, id: string, manager: FieldManager): FieldManagers {
  const before = managers.get(id);
  if (
    before?.fields === manager.fields &&
    before?.time === manager.time &&
    before?.apiVersion === manager.apiVersion
  ) {
    return managers;
  }
  const result = new Map(managers);
  if (manager.fields === undefined) result.delete(id);
  else result.set(id, manager);
  return result;
}

function readManagers(live: JsonObject | undefined): FieldManagers {
  const managers = decodeManagers(managedFieldsOf(live));
  if (!isMalformed(managers)) return managers;
  const { field, value, problem } = managers;
  const message = `the live object's ${field} is malformed: ${problem}, got ${preview(value)}`;
  const causes = [{ reason: 'FieldValueInvalid', message: problem, field }] as const;
  throw new ApiError({ reason: 'Invalid', message, details: { causes } });
}

function fail(error: ApiError): never {
  throw error;
}
