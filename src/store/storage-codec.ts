import { ApiError, deepFreeze, preview } from '../core/index.js';
import type { Kind } from './kind.js';
import type { Kinds } from './kinds.js';
import type { StorageKey } from './storage/storage.js';
import type { StoredObject, UnsealedObject } from './stored-object.js';

/** Where an object is. */
export interface Place {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
}

/** What the objects of a store are to a storage: JSON text, under the collection of their kind and `namespace/name`. */
export class StorageCodec {
  readonly #served: Kinds;
  readonly #kinds = new Map<string, Kind>();

  /** @throws TypeError where two kinds have the same collection. */
  constructor(kinds: Kinds) {
    this.#served = kinds;
    for (const kind of kinds.all()) {
      const other = this.#kinds.get(kind.collection);
      if (other !== undefined) {
        throw new TypeError(
          `ObjectStore: resources: ${kind.resource.apiVersion} and ${other.resource.apiVersion} of ${kind.resource.kind} would share their objects in a storage: bring one of them, or both by defineVersions`,
        );
      }
      this.#kinds.set(kind.collection, kind);
    }
  }

  keyOf({ kind, namespace, name }: Place): StorageKey {
    return { collection: kind.collection, key: `${namespace}/${escapeName(name)}` };
  }

  /** Undefined for what belongs to a kind that this store does not serve. */
  placeOf({ collection, key }: StorageKey): Place | undefined {
    const kind = this.#kinds.get(collection);
    if (kind === undefined) return undefined;
    const slash = key.indexOf('/');
    return { kind, namespace: key.slice(0, slash), name: unescapeName(key.slice(slash + 1)) };
  }

  encode(object: StoredObject | UnsealedObject): string {
    return JSON.stringify(object);
  }

  /** @throws ApiError InternalError where the text is not that of the object that belongs there. */
  decode(place: Place, text: string): UnsealedObject {
    const refuse = (cause?: unknown): ApiError => {
      const { collection, key } = this.keyOf(place);
      return new ApiError({
        reason: 'InternalError',
        message: `the storage has something else than that object under ${collection}/${key}: ${preview(text)}`,
        cause,
      });
    };
    let object: unknown;
    try {
      object = JSON.parse(text);
    } catch (cause) {
      throw refuse(cause);
    }
    if (!isObject(object)) throw refuse();
    const { name, namespace = '' } = object.metadata;
    if (name !== place.name || namespace !== place.namespace) throw refuse();
    if (place.kind.namespaced !== (namespace !== '')) throw refuse();
    for (const field of Object.keys(object)) if (field !== 'metadata') deepFreeze(object[field]);
    for (const value of Object.values(object.metadata)) deepFreeze(value);
    return this.#asNow(place.kind, object);
  }

  /** An object as it is today, though its kind may have had another schema when it was stored, or another storage version. */
  #asNow(kind: Kind, object: UnsealedObject): UnsealedObject {
    if (object.apiVersion !== kind.resource.apiVersion) {
      const stored = this.#served.stored(kind, deepFreeze(object) as StoredObject);
      return { ...stored, metadata: { ...stored.metadata } };
    }
    const { schema } = kind.resource;
    if (schema?.changes !== true) return object;
    // what breaks the rules of today is left as it is
    return schema.judge(object).object as UnsealedObject;
  }
}

function isObject(value: unknown): value is UnsealedObject {
  if (typeof value !== 'object' || value === null || !('metadata' in value)) return false;
  return typeof value.metadata === 'object' && value.metadata !== null;
}

/** A name that is its own escaped form. */
const PLAIN = /^[!-$&-~]*$/;

/** A name in printable ASCII: what is not, and `%`, becomes `%` and the four hexadecimal digits of its code unit. */
function escapeName(name: string): string {
  if (PLAIN.test(name)) return name;
  return name.replaceAll(/[^!-$&-~]/g, (unit) => `%${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function unescapeName(text: string): string {
  if (!text.includes('%')) return text;
  return text.replaceAll(/%([0-9a-f]{4})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
