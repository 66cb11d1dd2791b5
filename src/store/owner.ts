import type { OwnerReference } from '../core/index.js';
import { FOREGROUND } from './deletion.js';
import type { Kinds } from './kinds.js';
import type { Dependent } from './owner-index.js';
import type { StoredObject, UnsealedObject } from './stored-object.js';

/**
 * The owner that a reference of a dependent names: `gone` where there is no such object, and `unknown` where it cannot be looked for, for
 * the store does not serve its kind, or it would be a namespaced owner of a cluster object.
 */
export function ownerOf(
  kinds: Kinds,
  reference: OwnerReference,
  dependent: StoredObject | UnsealedObject,
): Dependent | 'gone' | 'unknown' {
  const versions = kinds.versionsOf(reference);
  if (versions.length === 0) return 'unknown';
  for (const kind of versions) {
    const namespace = kind.namespaced ? dependent.metadata.namespace : '';
    if (namespace === undefined) return 'unknown';
    const slot = kind.table.get(namespace, reference.name);
    if (slot?.object.metadata.uid === reference.uid) return { kind, slot };
  }
  return 'gone';
}

/** Whether an object is being deleted in the foreground: after its dependents. */
export function isForeground({ metadata }: StoredObject): boolean {
  return metadata.deletionTimestamp !== undefined && metadata.finalizers?.includes(FOREGROUND) === true;
}

/** Whether an object keeps the owner with this uid from going. */
export function blocks({ metadata }: StoredObject, uid: string): boolean {
  const references = metadata.ownerReferences ?? [];
  return references.some((reference) => reference.uid === uid && reference.blockOwnerDeletion === true);
}
