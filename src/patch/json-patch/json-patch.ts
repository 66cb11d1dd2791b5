import { JsonPatchDocument } from './json-patch-document.js';
import { type JsonPatchOperation, parseJsonPatch } from './json-patch-operation.js';

/**
 * Applies a JSON patch: a list of operations that either all apply or none does.
 *
 * `document` is never changed and may be frozen; the result shares with it what no operation touched, and shares nothing with the
 * patch. A patch without operations (`null` is one) gives back `document` itself. The result has the type of `document` for
 * convenience: nothing checks that the patch kept it.
 *
 * - `remove`, `replace`, `move`, `copy`: what they name must exist. The whole document (`''`) cannot be removed, and nothing can be
 *   moved into itself.
 * - `test`: an absent member of an object that exists equals null, as in Kubernetes.
 * - Array indices are digits without leading zeros, or `-` for the end where something is added.
 * - Every key is data: `__proto__` and `constructor` too.
 * - At most 10,000 operations, copies of together 3 MiB, and a result of 1,000 levels.
 *
 * @throws ApiError RequestEntityTooLarge for too many operations; BadRequest where the patch is no list of operations; Invalid, with
 * the operation's index and path in the message, where one does not apply.
 *
 * Source: RFC 6902; evanphx/json-patch as the API server uses it.
 *
 * @example
 * ```ts
 * const next = jsonPatch(site, [
 *   { op: 'test', path: '/spec/replicas', value: 1 },
 *   { op: 'replace', path: '/spec/replicas', value: 3 },
 * ]);
 * ```
 */
export function jsonPatch<T>(document: T, operations: readonly JsonPatchOperation[] | null): T {
  const steps = parseJsonPatch(operations);
  const target = new JsonPatchDocument(document);
  for (const [index, step] of steps.entries()) target.apply(step, index);
  return target.finish() as T;
}
