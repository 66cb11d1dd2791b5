import type { ObjectMeta } from '../core/index.js';

/** An object as the store keeps it: deeply frozen, with all of its system metadata. */
export interface StoredObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

/** An object on its way into the store: its parts are frozen, itself and its metadata are not yet. */
export interface UnsealedObject {
  apiVersion: string;
  kind: string;
  metadata: Writable<ObjectMeta>;
  [field: string]: unknown;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Gives an object its revision and freezes it. */
export function seal(object: UnsealedObject, resourceVersion: string): StoredObject {
  object.metadata.resourceVersion = resourceVersion;
  Object.freeze(object.metadata);
  return Object.freeze(object);
}

/** The same object at another revision: what a deletion tells of the last state. */
export function atRevision(object: StoredObject, resourceVersion: string): StoredObject {
  return Object.freeze({ ...object, metadata: Object.freeze({ ...object.metadata, resourceVersion }) });
}
