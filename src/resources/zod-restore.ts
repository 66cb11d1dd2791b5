import * as z from 'zod/v4/core';
import { define, FieldError, frozenCopy, joinPath, type JsonObject } from '../core/index.js';
import { definitionOf } from './zod-fitness.js';

/** The findings after which an object is not looked at further. */
export const MOST_ERRORS = 100;

/**
 * Puts back own `__proto__` keys, which `z.record` and `z.looseObject` drop without a word.
 *
 * A key comes back only where the schema would have kept any other key, and its value is judged as theirs are.
 *
 * @param input - What was judged, frozen.
 * @param output - What zod left of it, frozen.
 * @returns `output` itself where nothing was dropped, else a frozen object.
 */
export function restoreKeys(
  schema: z.$ZodType,
  input: unknown,
  output: unknown,
  path: string,
  errors: FieldError[],
): unknown {
  return hasProtoKey(input) ? restore(schema, input, output, path, errors) : output;
}

function hasProtoKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(hasProtoKey);
  return Object.keys(value).some((key) => key === '__proto__' || hasProtoKey((value as JsonObject)[key]));
}

function restore(
  schema: z.$ZodType,
  input: unknown,
  output: unknown,
  path: string,
  errors: FieldError[],
): unknown {
  const def = definitionOf(schema);
  if (def.innerType !== undefined) return restore(def.innerType, input, output, path, errors);
  if (def.getter !== undefined) return restore(def.getter(), input, output, path, errors);
  if (def.options !== undefined) {
    const option = def.options.find((candidate) => z.safeParse(candidate, input).success);
    return option === undefined ? output : restore(option, input, output, path, errors);
  }
  if (def.left !== undefined && def.right !== undefined) {
    return restore(def.right, input, restore(def.left, input, output, path, errors), path, errors);
  }
  if (typeof input !== 'object' || input === null || typeof output !== 'object' || output === null)
    return output;
  if (Array.isArray(input) && Array.isArray(output)) {
    return Object.freeze(
      output.map((item: unknown, index) => {
        const child = def.element ?? def.items?.[index] ?? def.rest ?? undefined;
        return child === undefined ? item : restore(child, input[index], item, `${path}[${index}]`, errors);
      }),
    );
  }
  const from = input as JsonObject;
  const to = output as JsonObject;
  const other = def.valueType ?? def.catchall;
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(to)) {
    const child = def.shape !== undefined && Object.hasOwn(def.shape, key) ? def.shape[key] : other;
    const item = to[key];
    define(
      result,
      key,
      child !== undefined && Object.hasOwn(from, key)
        ? restore(child, from[key], item, joinPath(path, key), errors)
        : item,
    );
  }
  const keeps = other !== undefined && definitionOf(other).type !== 'never';
  if (keeps && Object.hasOwn(from, '__proto__') && !Object.hasOwn(to, '__proto__')) {
    const at = joinPath(path, '__proto__');
    const key = def.keyType === undefined ? undefined : z.safeParse(def.keyType, '__proto__');
    const value = z.safeParse(other, from['__proto__']);
    if (key?.success === false || !value.success) {
      const issue = key?.error?.issues[0] ?? value.error?.issues[0];
      if (errors.length < MOST_ERRORS)
        errors.push(FieldError.invalid(at, from['__proto__'], issue?.message ?? 'expected a valid value'));
    } else {
      const judged = frozenCopy(value.data, at, from['__proto__']);
      define(result, '__proto__', restore(other, from['__proto__'], judged, at, errors));
    }
  }
  return Object.freeze(result);
}
