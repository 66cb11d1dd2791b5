import { isJsonObject, memberOf } from '../json-object.js';
import type { FieldSchema } from '../merge-schema.js';
import { fieldOf, objectShapeOf } from '../strategic/field-rules.js';

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
  const names = schema === undefined ? undefined : keyNames(schema);
  if (schema === undefined || names === undefined) return undefined;
  const items = new Map<string, unknown>();
  for (const item of list) {
    const key = names.length === 0 ? valueKey(item) : objectKey(item, names, schema);
    if (key === undefined || items.has(key)) return undefined;
    items.set(key, item);
  }
  return items;
}

/** The names of the key fields; none for a set, and undefined for a list without keys. */
function keyNames(schema: FieldSchema): readonly string[] | undefined {
  if (schema.listType === 'set') return [];
  if (schema.listMapKeys !== undefined && schema.listMapKeys.length > 0) return schema.listMapKeys;
  if (schema.patchMergeKey !== undefined) return [schema.patchMergeKey];
  return schema.patchStrategy?.includes('merge') === true ? [] : undefined;
}

function valueKey(item: unknown): string | undefined {
  return typeof item === 'object' && item !== null ? undefined : `[=${JSON.stringify(item)}]`;
}

function objectKey(item: unknown, names: readonly string[], schema: FieldSchema): string | undefined {
  if (!isJsonObject(item)) return undefined;
  // a key that an item lacks may have a default, as the protocol of a port
  const shape = objectShapeOf({ type: schema.type });
  const parts: string[] = [];
  for (const name of names) {
    const value = memberOf(item, name) ?? fieldOf(shape, name)?.default;
    if (typeof value === 'object') return undefined;
    if (value !== undefined) parts.push(`${name}=${JSON.stringify(value)}`);
  }
  return parts.length === 0 ? undefined : `[${parts.join(',')}]`;
}
