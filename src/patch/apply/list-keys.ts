import { isJsonObject, memberOf } from '../json-object.js';
import type { ListShape } from './apply-shape.js';
import { type ElementKey, keyedElement, valueElement } from './path-element.js';

/** The path elements of the items of frozen lists, which never change. */
const lists = /* @__PURE__ */ new WeakMap<readonly unknown[], KnownList>();

interface KnownList {
  readonly shape: ListShape;
  readonly elements: readonly string[] | undefined;
}

/** The items of a list that have one path element, where there are several. */
export class Repeated {
  readonly items: unknown[];

  constructor(...items: unknown[]) {
    this.items = items;
  }
}

/**
 * The path elements of a list's items, in their order; undefined where an item has none.
 *
 * Items may be equal. A list whose items cannot all be told apart is owned as a whole by whoever calls this.
 */
export function elementsOf(list: readonly unknown[], shape: ListShape): readonly string[] | undefined {
  const known = lists.get(list);
  if (known?.shape === shape) return known.elements;
  const named: (string | undefined)[] = list.map((item) => elementOf(item, shape));
  const elements = named.every((element) => element !== undefined) ? named : undefined;
  if (Object.isFrozen(list)) lists.set(list, { shape, elements });
  return elements;
}

/** The items of a list by their path elements; undefined where it is no list, or an item has none. */
export function itemsOf(list: unknown, shape: ListShape): ReadonlyMap<string, unknown> | undefined {
  const elements = Array.isArray(list) ? elementsOf(list, shape) : undefined;
  if (!elements) return undefined;
  const items = new Map<string, unknown>();
  for (const [index, element] of elements.entries()) {
    const item = (list as readonly unknown[])[index];
    const other = items.get(element);
    if (other instanceof Repeated) other.items.push(item);
    else items.set(element, other === undefined ? item : new Repeated(other, item));
  }
  return items;
}

/**
 * The path element of one item; undefined where it has none: an item of a set must be a scalar, one of a map have a key.
 *
 * An absent key is left out, unless it has a default: an item without it is another item.
 */
export function elementOf(item: unknown, { keys }: ListShape): string | undefined {
  if (!keys) return undefined;
  if (keys.length === 0) return typeof item === 'object' ? undefined : valueElement(item);
  if (!isJsonObject(item)) return undefined;
  const present: ElementKey[] = [];
  for (const key of keys) {
    const own = memberOf(item, key.name);
    const value = own === undefined ? key.default : own;
    if (typeof value === 'object' && value !== null) return undefined;
    if (value !== undefined) present.push([key.name, value]);
  }
  return present.length === 0 ? undefined : keyedElement(present);
}
