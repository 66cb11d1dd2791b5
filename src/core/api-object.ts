/** Whether the objects of a kind live in namespaces or belong to the whole cluster. */
export type Scope = 'Namespaced' | 'Cluster';

/**
 * Names one object of a kind.
 *
 * `namespace` is required for namespaced kinds and must be absent for cluster kinds. This is the one key type
 * everywhere: client, lister, delete events, map functions and reconcile requests.
 */
export interface ObjectKey {
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** A reference from an object to one that owns it; the owner's deletion deletes the object too. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  /** True for the one owner whose controller manages the object. */
  readonly controller?: boolean;
  /** True where a foreground deletion of the owner must wait until this object is gone. */
  readonly blockOwnerDeletion?: boolean;
}

/** Which fields of an object one manager set last, as server-side apply records it. */
export interface ManagedFieldsEntry {
  readonly manager?: string;
  readonly operation?: string;
  readonly apiVersion?: string;
  readonly time?: string;
  readonly fieldsType?: string;
  readonly fieldsV1?: unknown;
  readonly subresource?: string;
}

/** The metadata that a writer may give; the rest of {@link ObjectMeta} belongs to the system. */
export interface NewMeta {
  readonly name?: string;
  /** Prefix from which the store makes a unique name when `name` is absent. */
  readonly generateName?: string;
  readonly namespace?: string | undefined;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
}

/** The metadata of a stored object. */
export interface ObjectMeta<S extends Scope = Scope> extends Omit<NewMeta, 'name' | 'namespace'> {
  readonly name: string;
  readonly namespace: S extends 'Namespaced' ? string : undefined;
  /** Unique over all objects for all time: a deleted and created again object has another. */
  readonly uid: string;
  /** The revision of the last write, a decimal string. */
  readonly resourceVersion: string;
  /** Counts the changes of the desired state. */
  readonly generation?: number;
  /** RFC 3339, whole seconds, UTC. */
  readonly creationTimestamp: string;
  /** Set once deletion was asked for; the object stays while it has finalizers. */
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly managedFields?: readonly ManagedFieldsEntry[];
}

/** Metadata inside another object, as in a Pod template: all of it optional. */
export interface TemplateMeta extends NewMeta {
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly managedFields?: readonly ManagedFieldsEntry[];
}

/** What every stored object has. */
export interface ApiObject<S extends Scope = Scope> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta<S>;
}

/** Anything that is named as an API object is: stored, or still to be created under a given name. */
export interface Named {
  readonly metadata: { readonly name: string; readonly namespace?: string | undefined };
}

/** The key of an object. */
export function keyOf(object: Named): ObjectKey {
  const { name, namespace } = object.metadata;
  return namespace === undefined ? { name } : { name, namespace };
}

/** `namespace/name`, or `name` where there is no namespace: the form of logs, queues and caches. */
export function formatKey(key: ObjectKey): string {
  return key.namespace === undefined || key.namespace === '' ? key.name : `${key.namespace}/${key.name}`;
}

/**
 * The key that {@link formatKey} wrote.
 *
 * @throws TypeError when the text is not `name` or `namespace/name`.
 */
export function parseKey(text: string): ObjectKey {
  const slash = text.indexOf('/');
  const name = text.slice(slash + 1);
  if (name === '' || slash === 0 || name.includes('/')) {
    throw new TypeError(`Expected a key such as "name" or "namespace/name", got ${JSON.stringify(text)}`);
  }
  return slash === -1 ? { name } : { namespace: text.slice(0, slash), name };
}

/** The `apiVersion` of a group and version: the core group `''` has the version alone. */
export function formatApiVersion(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}

/** The group and version of an `apiVersion`. */
export function parseApiVersion(apiVersion: string): { readonly group: string; readonly version: string } {
  const slash = apiVersion.indexOf('/');
  return slash === -1
    ? { group: '', version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}
