import type { WriteOptions } from '../client/index.js';
import {
  ApiError,
  deepFreeze,
  jsonEqual,
  type ManagedFieldsEntry,
  preview,
  validateName,
} from '../core/index.js';
import { updateManagedFields } from '../patch/index.js';
import type { AnyResource } from '../resources/index.js';
import type { StoredObject, UnsealedObject } from './stored-object.js';

/**
 * From when on an object records which fields each of its writers set.
 *
 * - `'on-apply'`: from the first apply; what was there before belongs to the manager `before-first-apply`.
 * - `'always'`: from its creation, as in Kubernetes.
 */
export type ManagedFieldsPolicy = 'on-apply' | 'always';

/** A write that is no apply, as far as its record goes. */
export interface TrackedWrite {
  readonly resource: AnyResource;
  /** Absent for a create. */
  readonly current?: StoredObject | undefined;
  readonly next: StoredObject | UnsealedObject;
  readonly manager: string;
  readonly subresource?: string | undefined;
  /** What the writer itself put into `metadata.managedFields`. */
  readonly submitted?: unknown;
  /** RFC 3339. */
  readonly now: string;
}

/**
 * The record of who set which fields, after a write that is no apply; undefined where the object has none.
 *
 * An object that carries a record keeps a true one; one that carries none stays without, until it is applied to.
 */
export function trackWrite(write: TrackedWrite): readonly ManagedFieldsEntry[] | undefined {
  const { resource, current, next, manager, subresource, submitted, now } = write;
  const before = current?.metadata.managedFields;
  if (current !== undefined) {
    if (before === undefined) return undefined;
    if (next === current && (isAbsent(submitted) || jsonEqual(submitted, before))) return before;
  }
  const managedFields = isAbsent(submitted) ? before : submitted;
  const tracked = updateManagedFields(
    {
      live: current,
      next: { ...next, metadata: { ...next.metadata, managedFields } },
      manager,
      subresource,
      now,
    },
    resource,
  );
  return tracked.metadata.managedFields as readonly ManagedFieldsEntry[] | undefined;
}

/**
 * The next state of an object with its record; `current` itself where nothing changed, the times in the record aside.
 *
 * @param prepared - `current`, or a new state that nobody else holds.
 * Source: `IgnoreManagedFieldsTimestampsTransformer` in k8s.io/apiserver.
 */
export function withManagedFields(
  current: StoredObject,
  prepared: StoredObject | UnsealedObject,
  record: readonly ManagedFieldsEntry[] | undefined,
): StoredObject | UnsealedObject {
  const before = current.metadata.managedFields;
  const managedFields = record === undefined || record.length === 0 ? undefined : record;
  if (managedFields === before) return prepared;
  if (prepared === current && jsonEqual(withoutTimes(managedFields), withoutTimes(before))) return current;
  const { managedFields: _, ...metadata } = prepared.metadata;
  return {
    ...prepared,
    metadata:
      managedFields === undefined ? metadata : { ...metadata, managedFields: deepFreeze(managedFields) },
  };
}

function withoutTimes(entries: readonly ManagedFieldsEntry[] = []): readonly ManagedFieldsEntry[] {
  return entries.map(({ time: _, ...entry }) => entry);
}

/** Whether a writer says nothing of the record. An empty list comes from one that does not know of it, and clears nothing. */
function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

/** Who writes where nobody says so. */
const DEFAULT_MANAGER = 'keelson';

/** The manager that a write names, or the default. @throws ApiError BadRequest where that is no name. */
export function managerOf({ fieldManager }: WriteOptions): string {
  if (fieldManager === undefined) return DEFAULT_MANAGER;
  if (typeof fieldManager !== 'string') {
    throw ApiError.badRequest(`expected a name, got ${preview(fieldManager)}`, 'fieldManager');
  }
  const [error] = validateName('field-manager', fieldManager);
  if (error !== undefined)
    throw ApiError.badRequest(`${error}, got ${preview(fieldManager)}`, 'fieldManager');
  return fieldManager;
}
