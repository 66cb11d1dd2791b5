import type { StorageKey } from '../storage.js';

/** From a key on, up to before `end`. */
export interface KeyRange {
  readonly key: string;
  readonly end: string;
}

/**
 * The names of everything under a prefix in etcd.
 *
 * `<prefix>/meta` says which generation of the content is in use; `<prefix>/compacted` is between those who compact. An object is at
 * `<prefix>/<generation>/o/<collection>/<key>`. Each collection has a head at `<prefix>/<generation>/h/<collection>`, which every
 * transaction on it puts: so the revision of the head is that of the newest transaction, deletions included.
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

  head(collection: string): string {
    return this.heads.key + collection;
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
