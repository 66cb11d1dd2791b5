import type { Patch } from '../client/index.js';
import {
  ApiError,
  define,
  frozenCopy,
  isPlain,
  joinPath,
  type JsonObject,
  NotJsonError,
  preview,
} from '../core/index.js';
import type { AnyResource } from '../resources/index.js';
import { checkScope } from './check-key.js';
import { copyBounds, type Limits } from './limits.js';
import { SYSTEM_METADATA } from './metadata.js';

/** An object as somebody sent it: its top-level fields and those of its metadata. */
export interface Submission {
  readonly fields: JsonObject;
  readonly metadata: JsonObject;
}

/**
 * Reads what somebody sent as an object of a kind.
 *
 * Every field is read once, here: a getter cannot answer the check with one value and the write with another.
 *
 * @throws ApiError BadRequest unless it is an object of this kind with metadata.
 */
export function submissionOf(resource: AnyResource, input: unknown): Submission {
  if (!isObject(input)) throw ApiError.badRequest(`expected a ${resource.kind}, got ${preview(input)}`);
  const fields = readOnce(input, '');
  for (const field of ['apiVersion', 'kind'] as const) {
    if (fields[field] !== undefined && fields[field] !== resource[field]) {
      throw ApiError.badRequest(
        `expected ${JSON.stringify(resource[field])} as for every ${resource.kind}, got ${preview(fields[field])}`,
        field,
      );
    }
  }
  const { metadata } = fields;
  if (!isObject(metadata)) {
    throw ApiError.badRequest(
      `expected the metadata of a ${resource.kind}, got ${preview(metadata)}`,
      'metadata',
    );
  }
  return { fields, metadata: readOnce(metadata, 'metadata') };
}

/**
 * A copy of a part of a request that no object comes of at once, as a patch; `path` names the part.
 *
 * @throws ApiError BadRequest where it is not JSON; RequestEntityTooLarge.
 */
export function requestCopy(value: unknown, path: string, limits: Limits): unknown {
  // what is not there is for whoever reads it to refuse
  if (value === undefined) return value;
  try {
    return frozenCopy(value, path, undefined, copyBounds(limits));
  } catch (error) {
    if (!(error instanceof NotJsonError)) throw error;
    if (error.isTooLarge) throw tooLarge(error);
    throw new ApiError({
      reason: 'BadRequest',
      message: error.message,
      details: { causes: [error.field.toCause()] },
      cause: error,
    });
  }
}

/** A copy of a patch. @throws ApiError as {@link requestCopy}, also for too many operations. */
export function patchOf(sent: Patch, limits: Limits): Patch {
  // what is none is for whoever applies it to refuse
  if (typeof sent !== 'object' || sent === null) return sent;
  const { type, patch } = sent;
  const most = limits.patchOperations;
  if (type === 'json' && Array.isArray(patch) && patch.length > most) {
    const message = `expected at most ${most} operations, got ${patch.length}`;
    throw new ApiError({
      reason: 'RequestEntityTooLarge',
      message: `patch: ${message}`,
      details: { causes: [{ reason: 'FieldValueTooMany', message, field: 'patch' }] },
    });
  }
  return { type, patch: requestCopy(patch, 'patch', limits) } as Patch;
}

/** The error of a request that is too large. */
export function tooLarge(error: NotJsonError): ApiError {
  return new ApiError({
    reason: 'RequestEntityTooLarge',
    message: error.message,
    details: { causes: [error.field.toCause()] },
    cause: error,
  });
}

/** A copy of the properties of an object; a getter among them is asked this once. */
function readOnce(object: JsonObject, path: string): JsonObject {
  try {
    return { ...object };
  } catch {
    throw unreadable(object, path);
  }
}

/** The error of an object one of whose getters throws. */
function unreadable(object: JsonObject, path: string): ApiError {
  for (const key of Object.keys(object)) {
    try {
      void object[key];
    } catch (cause) {
      const message = `expected JSON, got a getter that throws: ${preview(cause)}`;
      return ApiError.badRequest(message, joinPath(path, key));
    }
  }
  return ApiError.badRequest(
    'expected JSON, got a getter that throws at times',
    path === '' ? undefined : path,
  );
}

/**
 * The part of an applied object that its writer can have a say in: without system metadata, and with the status alone where that is
 * the subresource, or else without the status of a kind that has that subresource.
 */
export function intentOf(
  resource: AnyResource,
  { fields, metadata }: Submission,
  subresource: 'status' | undefined,
): JsonObject {
  const isStatus = subresource === 'status';
  const intent: Record<string, unknown> = { apiVersion: resource.apiVersion, kind: resource.kind };
  const own: Record<string, unknown> = {};
  for (const key of Object.keys(metadata)) {
    if (SYSTEM_METADATA.includes(key) || (isStatus && !['name', 'namespace', 'managedFields'].includes(key)))
      continue;
    define(own, key, metadata[key]);
  }
  intent['metadata'] = own;
  for (const key of Object.keys(fields)) {
    const isOther = isStatus ? key !== 'status' : key === 'status' && resource.hasStatus;
    if (key === 'apiVersion' || key === 'kind' || key === 'metadata' || isOther) continue;
    define(intent, key, fields[key]);
  }
  return intent;
}

/** The name and namespace of an object as somebody sent it. @throws ApiError BadRequest where they are no strings. */
export function keyFrom(
  resource: AnyResource,
  metadata: JsonObject,
): { name: string | undefined; namespace: string | undefined } {
  const key = { name: textFrom(metadata, 'name'), namespace: textFrom(metadata, 'namespace') };
  checkScope(resource, key.namespace);
  return key;
}

function textFrom(metadata: JsonObject, field: 'name' | 'namespace'): string | undefined {
  const value = metadata[field];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  throw ApiError.badRequest(`expected a string, got ${preview(value)}`, `metadata.${field}`);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && isPlain(value);
}
