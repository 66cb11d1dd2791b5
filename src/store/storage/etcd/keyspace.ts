import type { StorageKey } from '../storage.js';
import { characterOf, placeOf } from './place.js';

/** From a key on, up to before `end`. */
export interface KeyRange {
  readonly key: string;
  readonly end: string;
}

/**
 * The names of everything under a prefix in etcd.
 *
 * `<prefix>/meta` says which generation of the content is in use; `<prefix>/compacted` is between those who compact. An object is at
 * `<prefix>/<generation>/o/<collection>/<key>`. Each collection has heads at `<prefix>/<generation>/h/<collection>/<place>`, of which
 * every transaction on it puts that of its place: so the newest of them is that of the newest transaction, deletions included.
 */
export class Keyspace {
  readonly meta: string;
  readonly compacted: string;
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
    this.meta = `${prefix}/meta`;
    this.compacted = `${prefix}/compacted`;
  }

  generation(name: string): Generation {
    return new Generation(`${this.#prefix}/${name}/`);
  }

  /** All of all generations but one; a name of a generation begins with a digit. */
  otherThan(name: string): readonly KeyRange[] {
    const { key, end } = this.generation(name).all;
    return [
      { key: `${this.#prefix}/0`, end: key },
      { key: end, end: `${this.#prefix}/:` },
    ];
  }
}

/** The names in one generation of the content. */
export class Generation {
  readonly all: KeyRange;
  readonly objects: KeyRange;
  readonly heads: KeyRange;

  constructor(prefix: string) {
    this.all = below(prefix);
    this.objects = below(`${prefix}o/`);
    this.heads = below(`${prefix}h/`);
  }

  object(collection: string, key: string): string {
    return `${this.objects.key}${collection}/${key}`;
  }

  head(collection: string, place: number): string {
    return this.headsOf(collection).key + characterOf(place);
  }

  /** The heads of a collection; those from a place on. */
  headsOf(collection: string, place?: number): KeyRange {
    const { key, end } = below(`${this.heads.key}${collection}/`);
    return place === undefined ? { key, end } : { key: key + characterOf(place), end };
  }

  /** The collection and the place of a name that is that of a head; undefined for others. */
  headAt(name: string): { readonly collection: string; readonly place: number } | undefined {
    if (!name.startsWith(this.heads.key)) return undefined;
    return { collection: name.slice(this.heads.key.length, -2), place: placeOf(name.slice(-1)) };
  }

  /** Which object a name is that of; undefined where it is that of none. */
  objectAt(name: string): StorageKey | undefined {
    const start = this.objects.key.length;
    const slash = name.indexOf('/', start);
    if (slash === -1 || !name.startsWith(this.objects.key)) return undefined;
    return { collection: name.slice(start, slash), key: name.slice(slash + 1) };
  }
}

/** All names that begin with one that ends with a slash, after which `0` comes next. */
function below(prefix: string): KeyRange {
  return { key: prefix, end: `${prefix.slice(0, -1)}0` };
}
