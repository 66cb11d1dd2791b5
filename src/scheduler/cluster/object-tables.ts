import { type ApiObject, formatKey, keyOf, type ObjectKey } from '../../core/index.js';
import type { AnyResource } from '../../resources/index.js';
import type { ObjectTable } from '../framework/index.js';

const NOTHING: ReadonlyMap<string, ApiObject> = /* @__PURE__ */ new Map<string, ApiObject>();

/** The objects of one kind. */
export class KindTable implements ObjectTable<ApiObject> {
  // all of them by key, and the same by namespace and key; no namespace is empty
  readonly #all = new Map<string, ApiObject>();
  readonly #namespaces = new Map<string, Map<string, ApiObject>>();
  #version = 0;

  get size(): number {
    return this.#all.size;
  }

  get version(): number {
    return this.#version;
  }

  get(key: ObjectKey): ApiObject | undefined {
    return this.#all.get(formatKey(key));
  }

  inNamespace(namespace: string): Iterable<ApiObject> {
    return (this.#namespaces.get(namespace) ?? NOTHING).values();
  }

  [Symbol.iterator](): Iterator<ApiObject> {
    return this.#all.values();
  }

  /** Sets an object, and answers with the one it replaces. */
  set(object: ApiObject): ApiObject | undefined {
    const text = formatKey(keyOf(object));
    const namespace = object.metadata.namespace ?? '';
    const before = this.#all.get(text);
    this.#all.set(text, object);
    let inNamespace = this.#namespaces.get(namespace);
    if (inNamespace === undefined) this.#namespaces.set(namespace, (inNamespace = new Map()));
    inNamespace.set(text, object);
    this.#version += 1;
    return before;
  }

  /** Removes an object, and answers with it. */
  delete(key: ObjectKey): ApiObject | undefined {
    const text = formatKey(key);
    const before = this.#all.get(text);
    if (before === undefined) return undefined;
    this.#all.delete(text);
    const namespace = key.namespace ?? '';
    const inNamespace = this.#namespaces.get(namespace);
    inNamespace?.delete(text);
    if (inNamespace?.size === 0) this.#namespaces.delete(namespace);
    this.#version += 1;
    return before;
  }
}

/** The objects of every kind but hosts and workloads. */
export class ObjectTables {
  // by group and kind, as one kind may be known under several resource objects
  readonly #tables = new Map<string, KindTable>();

  /** Counts the changes of all tables. */
  get version(): number {
    let version = 0;
    for (const table of this.#tables.values()) version += table.version;
    return version;
  }

  of(resource: AnyResource): KindTable {
    const name = `${resource.group}/${resource.kind}`;
    let table = this.#tables.get(name);
    if (table === undefined) this.#tables.set(name, (table = new KindTable()));
    return table;
  }
}
