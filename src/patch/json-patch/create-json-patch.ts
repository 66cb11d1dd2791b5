import { compareContainers } from './fast-json-patch.js';
import { isContainer } from '../json-object.js';
import type { JsonPatchOperation } from './json-patch-operation.js';
import { requestJson } from '../request-json.js';

/**
 * The JSON patch that turns `original` into `modified`.
 *
 * It adds, removes and replaces, never moves; elements of arrays are compared by their index. Members that are undefined count as
 * absent. The operations are empty where both are equal, and share nothing with the inputs.
 *
 * @throws ApiError BadRequest where an input is not JSON, or nested more than 1,000 levels deep; RequestEntityTooLarge for more
 * than 3 MiB.
 */
export function createJsonPatch(original: unknown, modified: unknown): JsonPatchOperation[] {
  const before = requestJson(original, 'original');
  const after = requestJson(modified, 'modified', before);
  if (before === after) return [];
  return isContainer(before) && isContainer(after) && Array.isArray(before) === Array.isArray(after)
    ? compareContainers(before, after)
    : [{ op: 'replace', path: '', value: after }];
}
