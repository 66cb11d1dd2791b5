import * as z from 'zod/v4/core';
import { define, FieldError, frozenCopy, isOwn, joinPath, type JsonObject } from '../core/index.js';
import { fillDefaults } from './fill-defaults.js';
import type { Judgement, ObjectSchema } from './resource.js';
import { declaresInherited, refuseUnfit } from './zod-fitness.js';
import { MOST_ERRORS, restoreKeys } from './zod-restore.js';

/** The schemas of a kind's fields. */
export interface ZodParts {
  readonly spec?: z.$ZodType | undefined;
  readonly status?: z.$ZodType | undefined;
  readonly fields: { readonly [field: string]: z.$ZodType };
}

/**
 * An {@link ObjectSchema} that asks zod.
 *
 * @throws TypeError when a schema is unfit for stored objects; see {@link refuseUnfit}.
 */
export function zodSchema(parts: ZodParts): ObjectSchema {
  const schemas = new Map<string, z.$ZodType>();
  for (const [field, schema] of Object.entries(parts.fields)) {
    if (['apiVersion', 'kind', 'metadata', 'spec', 'status'].includes(field)) {
      throw new TypeError(`defineResource: fields: expected other fields than ${JSON.stringify(field)}`);
    }
    schemas.set(field, schema);
  }
  if (parts.spec !== undefined) schemas.set('spec', parts.spec);
  if (parts.status !== undefined) schemas.set('status', parts.status);
  for (const [field, schema] of schemas) refuseUnfit(schema, field);
  const judges = Array.from(schemas, ([field, schema]) => ({
    field,
    schema,
    isBare: declaresInherited(schema),
  }));

  return Object.freeze({
    changes: true,
    judge(object: JsonObject, only?: string): Judgement {
      const errors: FieldError[] = [];
      let judged: Record<string, unknown> | undefined;
      if (only === undefined) {
        for (const key in object) {
          if (isOwn(object, key) && !schemas.has(key) && !isCommon(key))
            judged = without(judged ?? object, key);
        }
      }
      for (const { field, schema, isBare } of judges) {
        if (only !== undefined && field !== only) continue;
        const value = isOwn(object, field) ? object[field] : undefined;
        if (field === 'status' && value === undefined) continue;
        const result = judgeField(schema, value, field, errors, isBare);
        if (result === value) continue;
        judged ??= { ...object };
        if (result === undefined) delete judged[field];
        else define(judged, field, result);
      }
      return { object: judged ?? object, errors };
    },
  });
}

/** @param bare - Shows the value to zod without prototypes, so that it sees no inherited fields. */
function judgeField(
  schema: z.$ZodType,
  value: unknown,
  field: string,
  errors: FieldError[],
  bare: boolean,
): unknown {
  let result: z.util.SafeParseResult<unknown>;
  try {
    result = z.safeParse(schema, bare ? withoutPrototypes(value) : value);
  } catch (error) {
    if (error instanceof z.$ZodAsyncError) {
      throw new TypeError(`defineResource: ${field}: expected a schema without async refinements`, {
        cause: error,
      });
    }
    throw error;
  }
  if (!result.success) {
    for (const issue of result.error.issues) {
      if (errors.length >= MOST_ERRORS) break;
      for (const error of describe(issue, value, field).slice(0, MOST_ERRORS - errors.length))
        errors.push(error);
    }
    return fillDefaults(schema, value, field);
  }
  if (result.data === value) return value;
  if (result.data === undefined) return undefined;
  const judged = frozenCopy(result.data, field, value);
  if (judged === value) return value;
  const restored = restoreKeys(schema, value, judged, field, errors);
  return restored === judged ? judged : frozenCopy(restored, field, value);
}

function describe(issue: z.$ZodIssue, input: unknown, field: string): FieldError[] {
  let path = field;
  let value = input;
  for (const step of issue.path) {
    path = typeof step === 'number' ? `${path}[${step}]` : joinPath(path, String(step));
    value =
      typeof value === 'object' && value !== null && Object.hasOwn(value, step)
        ? (value as Record<PropertyKey, unknown>)[step]
        : undefined;
  }
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => FieldError.invalid(joinPath(path, key), undefined, 'unknown field'));
  }
  const message =
    issue.message === '' || issue.message === 'Invalid input' ? expectation(issue) : issue.message;
  if (value === undefined && issue.code !== 'custom') return [FieldError.required(path, message)];
  return [
    issue.code === 'invalid_type'
      ? FieldError.typeInvalid(path, value, message)
      : FieldError.invalid(path, value, message),
  ];
}

/** What an issue wanted, where zod has no words for it because no locale is loaded. */
function expectation(issue: z.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${issue.expected}`;
    case 'too_small':
      return `expected at least ${issue.minimum}`;
    case 'too_big':
      return `expected at most ${issue.maximum}`;
    case 'invalid_format':
      return `expected the format ${issue.format}`;
    case 'not_multiple_of':
      return `expected a multiple of ${issue.divisor}`;
    case 'invalid_value':
      return `expected one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    default:
      return `expected a valid value (${issue.code})`;
  }
}

function withoutPrototypes(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutPrototypes);
  const result = Object.create(null) as Record<string, unknown>;
  for (const key of Object.keys(value)) result[key] = withoutPrototypes((value as JsonObject)[key]);
  return result;
}

function isCommon(field: string): boolean {
  return field === 'apiVersion' || field === 'kind' || field === 'metadata';
}

function without(object: JsonObject, unwanted: string): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(object)) if (key !== unwanted) define(result, key, object[key]);
  return result;
}
