import { define, type JsonObject } from '../../../core/index.js';

/**
 * What a field should be: a value, for where the field is absent or an empty text; or a function, which is asked whatever the field is
 * (`value`) and answers with what it should be instead, or with undefined to leave it. `holder` is the object around the field, complete
 * with what stands before it in the table; `root` is the whole object as it came.
 */
export type Default =
  | string
  | number
  | boolean
  | readonly unknown[]
  | { readonly [field: string]: unknown }
  | ((holder: JsonObject, value: unknown, root: JsonObject) => unknown);

/**
 * Defaults by path, as in `spec.ports[].protocol`; `[]` stands for every item of a list.
 *
 * What is around a field is not made for it: where there is no probe, a probe has no defaults. Fields of one object are filled in in
 * their order, and before what is inside of them.
 */
export type DefaultTable = Readonly<Record<string, Default>>;

/** The same defaults, further down. */
export function under(prefix: string, table: DefaultTable): DefaultTable {
  return Object.fromEntries(Object.entries(table).map(([path, value]) => [`${prefix}.${path}`, value]));
}

/** A default for a number of which 0 says that it was not given. */
export function orZero(value: number): Default {
  return (_holder, current) => (current === undefined || current === 0 ? value : undefined);
}

/** An object of a kind, filled in; itself where nothing is missing. */
export type Filler = (object: JsonObject) => JsonObject;

/** What fills in the defaults of a table. */
export function fillerOf(table: DefaultTable): Filler {
  const root = newNode();
  for (const path of Object.keys(table)) {
    const steps = path.split('.');
    const field = steps.pop() as string;
    let node = root;
    for (const step of steps) {
      const isList = step.endsWith('[]');
      const name = isList ? step.slice(0, -2) : step;
      let child = node.inside.get(name);
      if (child === undefined) {
        child = { isList, node: newNode() };
        node.inside.set(name, child);
      }
      node = child.node;
    }
    node.fields.push([field, table[path] as Default]);
  }
  return (object) => fill(root, object, object);
}

interface Node {
  readonly fields: (readonly [field: string, value: Default])[];
  readonly inside: Map<string, { readonly isList: boolean; readonly node: Node }>;
}

function newNode(): Node {
  return { fields: [], inside: new Map() };
}

function fill({ fields, inside }: Node, holder: JsonObject, root: JsonObject): JsonObject {
  let result = holder;
  const set = (field: string, value: unknown): void => {
    const next = result === holder ? { ...holder } : (result as Record<string, unknown>);
    define(next, field, value);
    result = next;
  };
  for (const [field, wanted] of fields) {
    const value = own(result, field);
    const next = typeof wanted === 'function' ? wanted(result, value, root) : isUnset(value) ? wanted : value;
    if (next !== undefined && next !== value) set(field, next);
  }
  for (const [field, { isList, node }] of inside) {
    const value = own(result, field);
    const next = isList ? fillItems(node, value, root) : isObject(value) ? fill(node, value, root) : value;
    if (next !== value) set(field, next);
  }
  return result;
}

function fillItems(node: Node, list: unknown, root: JsonObject): unknown {
  if (!Array.isArray(list)) return list;
  const items = list.map((item: unknown) => (isObject(item) ? fill(node, item, root) : item));
  return items.every((item, index) => item === list[index]) ? list : items;
}

function own(object: JsonObject, field: string): unknown {
  return Object.hasOwn(object, field) ? object[field] : undefined;
}

function isUnset(value: unknown): boolean {
  return value === undefined || value === '';
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
