import * as z from 'zod/v4/core';
import { define, frozenCopy, type JsonObject } from '../core/index.js';
import { definitionOf } from './zod-fitness.js';

/**
 * A value with the defaults of what it lacks, whatever other rules it breaks: of what zod refuses, it gives back no part.
 *
 * Unions and intersections are left as they are, as it is not known which of their parts would have the say.
 *
 * @param value - Frozen, or undefined.
 * @param path - Where it stands.
 * @returns `value` itself where nothing is lacking, else a frozen copy that shares the rest with it.
 */
export function fillDefaults(schema: z.$ZodType, value: unknown, path: string): unknown {
  const filled = fill(schema, value);
  return filled === value ? value : frozenCopy(filled, path, value);
}

function fill(schema: z.$ZodType, value: unknown): unknown {
  if (value === undefined) return z.safeParse(schema, undefined).data;
  const def = definitionOf(schema);
  const inner = def.innerType ?? def.getter?.();
  if (inner !== undefined) return fill(inner, value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const { element } = def;
    return element === undefined ? value : fillEach(value, (item) => fill(element, item));
  }
  return def.shape === undefined && def.valueType === undefined
    ? value
    : fillObject(def, value as JsonObject);
}

function fillEach(items: readonly unknown[], filled: (item: unknown) => unknown): readonly unknown[] {
  const result = items.map(filled);
  return result.some((item, index) => item !== items[index]) ? result : items;
}

function fillObject(
  { shape = {}, valueType }: ReturnType<typeof definitionOf>,
  object: JsonObject,
): JsonObject {
  let result: Record<string, unknown> | undefined;
  const put = (key: string, value: unknown): void => {
    if (value === undefined || (Object.hasOwn(object, key) && object[key] === value)) return;
    result ??= { ...object };
    define(result, key, value);
  };
  for (const key of Object.keys(object)) {
    const schema = Object.hasOwn(shape, key) ? shape[key] : valueType;
    if (schema !== undefined) put(key, fill(schema, object[key]));
  }
  for (const [key, schema] of Object.entries(shape)) {
    if (!Object.hasOwn(object, key)) put(key, fill(schema, undefined));
  }
  return result ?? object;
}
