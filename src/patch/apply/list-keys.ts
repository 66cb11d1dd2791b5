import { isJsonObject } from '../json-object.js';
import type { KeyShape, ListShape } from './apply-shape.js';
import { elementText, quote, valueElement } from './path-element.js';

/** The path elements of the items of frozen lists, which never change. */
const lists = /* @__PURE__ */ new WeakMap<readonly unknown[], KnownList>();

interface KnownList {
  readonly shape: ListShape;
  readonly elements: readonly string[] | undefined;
}

/**
 * The path elements of a list's items, in their order; undefined where an item has none.
 *
 * Items may be equal. A list whose items cannot all be told apart is owned as a whole by whoever calls this.
 */
export function elementsOf(list: readonly unknown[], shape: ListShape): readonly string[] | undefined {
  const known = lists.get(list);
  if (known !== undefined && known.shape === shape) return known.elements;
  let elements: string[] | undefined = [];
  for (const item of list) {
    const element = elementOf(item, shape);
    if (element === undefined) {
      elements = undefined;
      break;
    }
    elements.push(element);
  }
  if (Object.isFrozen(list)) lists.set(list, { shape, elements });
  return elements;
}

/** The path element of one item; undefined where it has none: an item of a set must be a scalar, one of a map have a key. */
export function elementOf(item: unknown, shape: ListShape): string | undefined {
  if (shape.keys.length === 0) return isScalar(item) ? valueElement(item) : undefined;
  if (!isJsonObject(item)) return undefined;
  return keyedElementOf(item, shape.keys);
}

/** An absent key is left out, unless it has a default: an item without it is another item. */
function keyedElementOf(
  item: Readonly<Record<string, unknown>>,
  keys: readonly KeyShape[],
): string | undefined {
  let text = '';
  for (const key of keys) {
    const value = Object.hasOwn(item, key.name) ? item[key.name] : key.default;
    if (value === undefined) continue;
    if (typeof value === 'object' && value !== null) return undefined;
    text += `${text === '' ? '' : ','}${quote(key.name)}:${elementText(value)}`;
  }
  return text === '' ? undefined : `k:{${text}}`;
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** The elements that occur more than once; undefined where none does. */
export function repeatedElements(elements: readonly string[]): ReadonlySet<string> | undefined {
  const seen = new Set(elements);
  if (seen.size === elements.length) return undefined;
  const repeated = new Set<string>();
  seen.clear();
  for (const element of elements) {
    if (seen.has(element)) repeated.add(element);
    else seen.add(element);
  }
  return repeated;
}

/** Whether two lists have the same elements in the same order. */
export function isSameOrder(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((element, index) => element === b[index]));
}
