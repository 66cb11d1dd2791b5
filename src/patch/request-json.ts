import { type ApiError, frozenCopy, type JsonObject, NotJsonError, preview } from '../core/index.js';
import { failure, fieldFailure } from './failure.js';
import { isJsonObject } from './json-object.js';

/**
 * A private, deeply frozen copy of a part of a request; `field` names the part.
 *
 * With `previous`, which must be such a copy too, everything that equals it at the same place is that very part.
 *
 * @throws ApiError BadRequest where the part is not JSON, or nested more than 1,000 levels deep; RequestEntityTooLarge for more than
 * 3 MiB.
 */
export function requestJson(value: unknown, field: string, previous?: unknown): unknown {
  try {
    return frozenCopy(value, field, previous);
  } catch (error) {
    if (!(error instanceof NotJsonError)) throw error;
    const reason = error.isTooLarge ? 'RequestEntityTooLarge' : 'BadRequest';
    throw fieldFailure(reason, error.field, error);
  }
}

/**
 * {@link requestJson} for a part that must be an object.
 *
 * @throws ApiError BadRequest where it is none.
 */
export function requestObject(value: unknown, field: string, previous?: JsonObject): JsonObject {
  return expectObject(requestJson(value, field, previous), field);
}

/**
 * The value itself, which must be a plain object; `field` names it.
 *
 * @throws ApiError BadRequest where it is none.
 */
export function expectObject(value: unknown, field: string): JsonObject {
  if (!isJsonObject(value)) throw unexpected(field, 'an object', value);
  return value;
}

/** The BadRequest for a field that holds something else than what was expected. */
export function unexpected(field: string, expected: string, value: unknown): ApiError {
  const message = `Expected ${expected}, got ${preview(value)}`;
  return failure('BadRequest', `${field}: ${message}`, [{ reason: 'FieldValueInvalid', message, field }]);
}
