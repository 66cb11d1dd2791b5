import { deepFreeze, formatTime, jsonEqual, type ManagedFieldsEntry, parseTime } from '../../core/index.js';
import { isJsonObject, memberOf } from '../json-object.js';
import type { ObjectShape } from './apply-shape.js';
import { decodeFieldSet } from './decode-field-set.js';
import type { FieldSet } from './field-set.js';
import { quote } from './path-element.js';

/** Who a manager is: two entries that agree in all of this are one. */
export interface ManagerIdentity {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string | undefined;
}

/** A manager and what it owns. */
export interface FieldManager extends ManagerIdentity {
  /** When it last changed something: RFC 3339, UTC, whole seconds, so that the order of texts is that of times. */
  readonly time: string | undefined;
  /** Undefined where it owns nothing. */
  readonly fields: FieldSet | undefined;
  /** The shape that the fields are known to fit: see `reconcileManagers`. */
  readonly fits: ObjectShape | undefined;
  /** The entry of `managedFields` that says just this, if there is one. */
  readonly entry: ManagedFieldsEntry | undefined;
}

/** The managers of an object by their {@link managerId}. */
export type FieldManagers = ReadonlyMap<string, FieldManager>;

/** What is wrong with a `managedFields`. */
export interface MalformedEntry {
  /** As in `metadata.managedFields[0].fieldsV1`. */
  readonly field: string;
  readonly value: unknown;
  readonly problem: string;
}

/** What frozen `managedFields` hold, which never change. */
const decoded = /* @__PURE__ */ new WeakMap<object, FieldManagers>();

const NO_MANAGERS: FieldManagers = /* @__PURE__ */ new Map();

/**
 * The identity of a manager as one text.
 *
 * One who applies is the same in all versions of a kind.
 *
 * Source: `BuildManagerIdentifier` in k8s.io/apimachinery, which makes the same text: managers are sorted by it.
 */
export function managerId({ name, operation, apiVersion, subresource }: ManagerIdentity): string {
  const manager = name === '' ? '' : `"manager":${quote(name)},`;
  const version = operation === 'Apply' ? '' : `,"apiVersion":${quote(apiVersion)}`;
  const part = subresource === undefined ? '' : `,"subresource":${quote(subresource)}`;
  return `{${manager}"operation":"${operation}"${version}${part}}`;
}

/** Reads the `managedFields` of an object; absent and null hold no managers. */
export function decodeManagers(managedFields: unknown): FieldManagers | MalformedEntry {
  const path = 'metadata.managedFields';
  if (managedFields === undefined || managedFields === null) return NO_MANAGERS;
  if (!Array.isArray(managedFields)) {
    return { field: path, value: managedFields, problem: 'expected an array' };
  }
  const known = decoded.get(managedFields);
  if (known !== undefined) return known;
  const managers = new Map<string, FieldManager>();
  for (const [index, entry] of managedFields.entries()) {
    const manager = decodeEntry(entry, `${path}[${index}]`);
    if ('problem' in manager) return manager;
    managers.set(managerId(manager), manager);
  }
  if (Object.isFrozen(managedFields)) decoded.set(managedFields, managers);
  return managers;
}

export function isMalformed(managers: FieldManagers | MalformedEntry): managers is MalformedEntry {
  return !(managers instanceof Map);
}

function decodeEntry(entry: unknown, path: string): FieldManager | MalformedEntry {
  if (!isJsonObject(entry)) return { field: path, value: entry, problem: 'expected an object' };
  const text = (name: string): string | undefined => {
    const value = memberOf(entry, name);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const malformed = (name: string, problem: string): MalformedEntry => ({
    field: `${path}.${name}`,
    value: memberOf(entry, name),
    problem,
  });
  for (const name of ['manager', 'subresource', 'time']) {
    const value = memberOf(entry, name) ?? '';
    if (typeof value !== 'string') return malformed(name, 'expected a string');
  }
  const operation = text('operation');
  if (operation !== 'Apply' && operation !== 'Update') {
    return malformed('operation', 'expected "Apply" or "Update"');
  }
  const apiVersion = text('apiVersion');
  if (apiVersion === undefined) return malformed('apiVersion', 'expected a version such as "apps/v1"');
  if (text('fieldsType') !== 'FieldsV1') return malformed('fieldsType', 'expected "FieldsV1"');
  const time = text('time');
  const milliseconds = time === undefined ? undefined : parseTime(time);
  if (time !== undefined && milliseconds === undefined) {
    return malformed('time', 'expected a time as in RFC 3339');
  }
  const fieldsV1 = memberOf(entry, 'fieldsV1');
  const set = decodeFieldSet(fieldsV1);
  if (!set.ok) return malformed('fieldsV1', set.problem);
  const manager: FieldManager = {
    name: text('manager') ?? '',
    operation,
    apiVersion,
    subresource: text('subresource'),
    time: milliseconds === undefined ? undefined : formatTime(milliseconds),
    fields: set.fields,
    fits: undefined,
    entry: undefined,
  };
  const isNormal = manager.time === time && jsonEqual(fieldsV1, set.fields);
  return isNormal ? { ...manager, entry } : manager;
}

/**
 * The `managedFields` of these managers, deeply frozen: appliers first, then by time, to the second, and by name.
 *
 * Entries whose manager did not change are those that were read.
 *
 * Source: `encodeManagedFields` in k8s.io/apimachinery.
 */
export function encodeManagers(managers: FieldManagers): readonly ManagedFieldsEntry[] {
  const sorted = [...managers].sort(([, a], [, b]) => compareManagers(a, b));
  const entries: ManagedFieldsEntry[] = [];
  const known = new Map<string, FieldManager>();
  for (const [id, manager] of sorted) {
    const entry = manager.entry ?? encodeManager(manager);
    entries.push(entry);
    known.set(id, manager.entry === undefined ? { ...manager, entry } : manager);
  }
  decoded.set(deepFreeze(entries), known);
  return entries;
}

function encodeManager(manager: FieldManager): ManagedFieldsEntry {
  const { name, operation, apiVersion, subresource, time, fields } = manager;
  const entry: { -readonly [K in keyof ManagedFieldsEntry]: ManagedFieldsEntry[K] } = {};
  if (name !== '') entry.manager = name;
  entry.operation = operation;
  entry.apiVersion = apiVersion;
  if (time !== undefined) entry.time = time;
  entry.fieldsType = 'FieldsV1';
  entry.fieldsV1 = fields ?? {};
  if (subresource !== undefined) entry.subresource = subresource;
  return entry;
}

function compareManagers(a: FieldManager, b: FieldManager): number {
  return (
    compareTexts(a.operation, b.operation) ||
    compareTimes(a, b) ||
    compareTexts(a.name, b.name) ||
    compareTexts(a.apiVersion, b.apiVersion) ||
    compareTexts(a.subresource ?? '', b.subresource ?? '')
  );
}

/** Orders managers by their times; none counts as the beginning of 1970. */
export function compareTimes(a: FieldManager, b: FieldManager): number {
  return compareTexts(a.time ?? EPOCH, b.time ?? EPOCH);
}

const EPOCH = '1970-01-01T00:00:00Z';

/** Orders texts by their code units. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
