import type { JsonObject } from '../../core/index.js';
import { failure } from '../failure.js';

/** What must be true of a patch before it is handed out, as in `(patch) => !Object.hasOwn(patch, 'kind')`. */
export type PatchPrecondition = (patch: JsonObject) => boolean;

/**
 * Asks the preconditions about a patch.
 *
 * @throws ApiError Conflict where one says no.
 */
export function checkPreconditions(
  patch: JsonObject,
  preconditions: readonly PatchPrecondition[] | undefined,
): void {
  for (const [index, precondition] of (preconditions ?? []).entries()) {
    if (precondition(patch)) continue;
    throw failure('Conflict', `The patch fails preconditions[${index}]`);
  }
}
