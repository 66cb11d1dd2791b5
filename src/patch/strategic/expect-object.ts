import { ApiError, type JsonObject, preview } from '../../core/index.js';
import { isJsonObject } from '../json-object.js';

/**
 * The value itself, which must be a plain object; `field` names it.
 *
 * @throws ApiError BadRequest where it is none.
 */
export function expectObject(value: unknown, field: string): JsonObject {
  if (!isJsonObject(value)) throw ApiError.badRequest(`Expected an object, got ${preview(value)}`, field);
  return value;
}
