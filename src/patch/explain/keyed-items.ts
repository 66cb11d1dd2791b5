import type { Shape } from '../apply/apply-shape.js';
import { elementsOf } from '../apply/list-keys.js';
import { formatPath } from '../apply/path-element.js';

/** The items of a list by what tells them apart, in their order: text that is the last part of their path, as in `[name="web"]`. */
export type KeyedItems = ReadonlyMap<string, unknown>;

/**
 * The items of a list by their keys, or a set's by their values.
 *
 * Undefined where the list has to be read by index: it has no keys in the schema, or an item has none, or two have the same.
 */
export function keyedItems(list: readonly unknown[], shape: Shape): KeyedItems | undefined {
  const elements = shape.form === 'list' ? elementsOf(list, shape) : undefined;
  const items = new Map(elements?.map((element, index) => [formatPath([element]), list[index]]));
  return elements && items.size === list.length ? items : undefined;
}
