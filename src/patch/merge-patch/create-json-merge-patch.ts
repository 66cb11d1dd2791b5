import type { JsonObject } from '../../core/index.js';
import { diffObjects } from './diff-objects.js';
import { requestObject } from '../request-json.js';

/**
 * The JSON merge patch that turns the object `original` into `modified`; `{}` where both are equal.
 *
 * A merge patch cannot set null: where `modified` has a member that is null, the patch deletes it. Members that are undefined count
 * as absent. The patch shares nothing with the inputs.
 *
 * @throws ApiError BadRequest where an input is no JSON object, or nested more than 1,000 levels deep; RequestEntityTooLarge
 * for more than 3 MiB.
 *
 * Source: RFC 7396; `CreateMergePatch` in evanphx/json-patch.
 */
export function createJsonMergePatch(original: object, modified: object): JsonObject {
  const before = requestObject(original, 'original');
  return diffObjects(before, requestObject(modified, 'modified', before));
}
