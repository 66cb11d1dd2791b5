import type { JsonObject } from '../../core/index.js';
import { isContainer, isJsonObject, memberOf } from '../json-object.js';
import type { FieldSchema } from '../merge-schema.js';
import { fieldOf, hasStrategy, objectShapeOf } from '../strategic/field-rules.js';

/** The items of a list by what tells them apart, in their order: text that is the last part of their path, as in `[name="web"]`. */
export type KeyedItems = ReadonlyMap<string, unknown>;

/**
 * The items of a list by their keys, or a set's by their values.
 *
 * Undefined where the list has to be read by index: it has no keys in the schema, or an item has none, or two have the same.
 */
export function keyedItems(
  list: readonly unknown[],
  schema: FieldSchema | undefined,
): KeyedItems | undefined {
  const names = schema && keyNames(schema);
  if (!schema || !names) return undefined;
  const items = new Map<string, unknown>();
  for (const item of list) {
    const key = keyOf(item, names, schema);
    if (!key || items.has(key)) return undefined;
    items.set(key, item);
  }
  return items;
}

/** The names of the key fields; none for a set, and undefined for a list without keys. */
function keyNames(schema: FieldSchema): readonly string[] | undefined {
  const { listType, listMapKeys, patchMergeKey } = schema;
  if (listType === 'set') return [];
  if (listMapKeys?.length) return listMapKeys;
  if (patchMergeKey !== undefined) return [patchMergeKey];
  return hasStrategy(schema, 'merge') ? [] : undefined;
}

/** The key of an item, or a set's item itself; undefined where it has none. */
function keyOf(item: unknown, names: readonly string[], { type }: FieldSchema): string | undefined {
  const isSet = names.length === 0;
  if (isSet ? isContainer(item) : !isJsonObject(item)) return undefined;
  // a key that an item lacks may have a default, as the protocol of a port
  const parts = isSet ? [`=${JSON.stringify(item)}`] : [];
  for (const name of names) {
    const value = memberOf(item as JsonObject, name) ?? fieldOf(objectShapeOf({ type }), name)?.default;
    if (typeof value === 'object') return undefined;
    if (value !== undefined) parts.push(`${name}=${JSON.stringify(value)}`);
  }
  return parts.length === 0 ? undefined : `[${parts.join(',')}]`;
}
