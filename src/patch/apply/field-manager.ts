import { deepFreeze, formatTime, type ManagedFieldsEntry, parseTime } from '../../core/index.js';
import { isJsonObject, memberOf } from '../json-object.js';
import { sortedBy } from '../sorted-by.js';
import { decodeFieldSet, malformed } from './decode-field-set.js';
import type { FieldSet } from './field-set.js';

/**
 * A manager and what it owns: an entry of `managedFields` in normal form, so that managers are written as they are.
 *
 * The time is in UTC and whole seconds, so that the order of texts is that of times; what owns nothing has `LEAF` for a set.
 */
export interface FieldManager extends ManagedFieldsEntry {
  readonly operation: string;
  readonly apiVersion: string;
  readonly fieldsV1: FieldSet;
}

/** Who a manager is: two entries that agree in all of this are one. */
export interface ManagerIdentity {
  readonly manager: string | undefined;
  readonly operation: string;
  readonly apiVersion: string;
  readonly subresource: string | undefined;
}

/** The managers of an object by their {@link managerId}. */
export type FieldManagers = ReadonlyMap<string, FieldManager>;

/** The managers that frozen entries hold, which never change. */
const decoded = /* @__PURE__ */ new WeakMap<object, FieldManager>();

/** A manager with a state; empty texts are left out. */
export function fieldManager(
  { manager, operation, apiVersion, subresource }: ManagerIdentity,
  time: string | undefined,
  fieldsV1: FieldSet,
): FieldManager {
  const draft: { -readonly [K in keyof FieldManager]?: FieldManager[K] } = {};
  if (manager) draft.manager = manager;
  draft.operation = operation;
  draft.apiVersion = apiVersion;
  if (time !== undefined) draft.time = time;
  draft.fieldsType = 'FieldsV1';
  draft.fieldsV1 = fieldsV1;
  if (subresource) draft.subresource = subresource;
  return draft as FieldManager;
}

/**
 * The identity of a manager as one text.
 *
 * One who applies is the same in all versions of a kind.
 *
 * Source: `BuildManagerIdentifier` in k8s.io/apimachinery.
 */
export function managerId({ manager, operation, apiVersion, subresource }: Partial<ManagerIdentity>): string {
  return JSON.stringify([manager, operation, operation === 'Apply' ? null : apiVersion, subresource]);
}

/**
 * Reads the `managedFields` of an object; absent and null hold no managers.
 *
 * @throws ApiError Invalid where they are malformed.
 */
export function decodeManagers(managedFields: unknown): FieldManagers {
  const path = 'metadata.managedFields';
  const entries = managedFields ?? [];
  if (!Array.isArray(entries)) throw malformed(path, entries, 'expected an array');
  const managers = entries.map((entry: unknown, index) => decodeEntry(entry, `${path}[${index}]`));
  return new Map(managers.map((manager) => [managerId(manager), manager]));
}

function decodeEntry(entry: unknown, path: string): FieldManager {
  if (!isJsonObject(entry)) throw malformed(path, entry, 'expected an object');
  const known = decoded.get(entry);
  if (known) return known;
  const text = (name: keyof ManagedFieldsEntry, pattern = /^/): string => {
    const value = memberOf(entry, name) ?? '';
    if (typeof value === 'string' && pattern.test(value)) return value;
    throw malformed(`${path}.${name}`, value, `expected a text that matches ${pattern}`);
  };
  const identity: ManagerIdentity = {
    manager: text('manager'),
    operation: text('operation', /^(Apply|Update)$/),
    apiVersion: text('apiVersion', /./),
    subresource: text('subresource'),
  };
  text('fieldsType', /^FieldsV1$/);
  const time = text('time');
  const milliseconds = parseTime(time);
  if (time !== '' && milliseconds === undefined) {
    throw malformed(`${path}.time`, time, 'expected a time as in RFC 3339');
  }
  const seconds = milliseconds === undefined ? undefined : formatTime(milliseconds);
  const fields = decodeFieldSet(memberOf(entry, 'fieldsV1'), `${path}.fieldsV1`);
  const manager = fieldManager(identity, seconds, fields);
  if (Object.isFrozen(entry)) decoded.set(entry, manager);
  return manager;
}

/**
 * The `managedFields` of these managers, deeply frozen: appliers first, then by time, to the second, and by name.
 *
 * Source: `encodeManagedFields` in k8s.io/apimachinery.
 */
export function encodeManagers(managers: FieldManagers): readonly FieldManager[] {
  const entries = sortedBy([...managers.values()], ({ operation, manager, apiVersion, subresource, time }) =>
    [operation, time ?? EPOCH, manager, apiVersion, subresource].join('\0'),
  );
  for (const entry of deepFreeze(entries)) decoded.set(entry, entry);
  return entries;
}

/** The time of managers that have none. */
export const EPOCH = '1970-01-01T00:00:00Z';
