import { type ObjectKey, type OwnerReference, parseApiVersion, type Scope } from './api-object.js';
import { ApiError } from './api-error.js';
import { jsonEqual } from './json.js';

/** What a reference needs to know of an owner: a stored object. */
export interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string | undefined; readonly uid: string };
}

/** What can be owned: a stored object, or one still to be created. */
export interface Owned {
  readonly metadata: {
    readonly name?: string;
    readonly namespace?: string | undefined;
    readonly ownerReferences?: readonly OwnerReference[];
  };
}

/** The reference to an owner whose controller manages the object: it also blocks the owner's foreground deletion. */
export function controllerReference(owner: Owner): OwnerReference {
  return Object.freeze({ ...ownerReference(owner), controller: true, blockOwnerDeletion: true });
}

/** A plain reference to an owner: the object goes when its last owner goes. */
export function ownerReference(owner: Owner): OwnerReference {
  const { apiVersion, kind, metadata } = owner;
  return Object.freeze({ apiVersion, kind, name: metadata.name, uid: metadata.uid });
}

/**
 * The object with `owner` as its controller.
 *
 * An earlier reference to the same owner (same group, kind and name, whatever its version and uid) is replaced. The object comes
 * back as it is where the reference is there already.
 *
 * @throws ApiError Conflict when another owner controls the object; BadRequest when the owner is in another namespace, or is
 * namespaced while the object is not.
 * Source: `controllerutil.SetControllerReference` in controller-runtime.
 */
export function setControllerReference<T extends Owned>(owner: Owner, object: T): T {
  const reference = controllerReference(owner);
  const other = (object.metadata.ownerReferences ?? []).find(
    (item) => item.controller === true && !isSameOwner(item, reference),
  );
  if (other !== undefined) {
    throw new ApiError({
      reason: 'Conflict',
      message: `metadata.ownerReferences: expected no other controller than ${describe(reference)}, got ${describe(other)}`,
      details: { name: object.metadata.name ?? '' },
    });
  }
  return withReference(owner, object, reference);
}

/**
 * The object with `owner` among its owners; rules as {@link setControllerReference}, but any number of owners may be set so.
 *
 * An earlier reference to the same owner is replaced, even one that made it the controller.
 *
 * @throws ApiError BadRequest when the owner is in another namespace, or is namespaced while the object is not.
 */
export function setOwnerReference<T extends Owned>(owner: Owner, object: T): T {
  return withReference(owner, object, ownerReference(owner));
}

/** The object without its reference to `owner`; the object itself where it has none. */
export function removeOwnerReference<T extends Owned>(owner: Owner, object: T): T {
  const references = object.metadata.ownerReferences ?? [];
  const reference = ownerReference(owner);
  const left = references.filter((item) => !isSameOwner(item, reference));
  return left.length === references.length ? object : withReferences(object, left);
}

/** The reference to the one owner that controls the object, if there is one. */
export function controllerOf(object: Owned): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true);
}

/** Whether `owner` (this very object, by uid) controls `object`. */
export function isControlledBy(object: Owned, owner: Owner): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid;
}

/** Whether `owner` (this very object, by uid) owns `object`. */
export function isOwnedBy(object: Owned, owner: Owner): boolean {
  return object.metadata.ownerReferences?.some((reference) => reference.uid === owner.metadata.uid) ?? false;
}

/** The key of an owner, as seen from what it owns: cluster owners have no namespace. */
export function ownerKey(reference: OwnerReference, object: Owned, ownerScope: Scope): ObjectKey {
  return ownerScope === 'Cluster' || object.metadata.namespace === undefined
    ? { name: reference.name }
    : { name: reference.name, namespace: object.metadata.namespace };
}

function withReference<T extends Owned>(owner: Owner, object: T, reference: OwnerReference): T {
  const { namespace } = owner.metadata;
  if (namespace !== undefined && namespace !== object.metadata.namespace) {
    const got =
      object.metadata.namespace === undefined
        ? 'a cluster object'
        : `namespace ${JSON.stringify(object.metadata.namespace)}`;
    throw ApiError.badRequest(
      `expected an object in the namespace ${JSON.stringify(namespace)} of its owner ${describe(reference)}, got ${got}`,
      'metadata.ownerReferences',
    );
  }
  const references = object.metadata.ownerReferences ?? [];
  const index = references.findIndex((item) => isSameOwner(item, reference));
  const old = references[index];
  if (old === undefined) return withReferences(object, [...references, reference]);
  if (jsonEqual(old, reference)) return object;
  return withReferences(
    object,
    references.map((item, at) => (at === index ? reference : item)),
  );
}

function withReferences<T extends Owned>(object: T, ownerReferences: readonly OwnerReference[]): T {
  return { ...object, metadata: { ...object.metadata, ownerReferences } };
}

function isSameOwner(a: OwnerReference, b: OwnerReference): boolean {
  return (
    a.kind === b.kind &&
    a.name === b.name &&
    parseApiVersion(a.apiVersion).group === parseApiVersion(b.apiVersion).group
  );
}

function describe(reference: OwnerReference): string {
  return `${reference.kind} ${JSON.stringify(reference.name)}`;
}
