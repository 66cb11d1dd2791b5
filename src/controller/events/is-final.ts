import { ApiError, isConflict, isTooManyRequests } from '../../core/index.js';

/**
 * Whether trying to write an Event again cannot help: the server has understood the request, and does not want it.
 *
 * Such are AlreadyExists, NotFound, Invalid, and Forbidden, as in a namespace that is being terminated. A server that is gone, in
 * trouble or overloaded, a Conflict, and what is no ApiError, may pass.
 */
export function isFinal(error: unknown): boolean {
  return error instanceof ApiError && error.code < 500 && !isConflict(error) && !isTooManyRequests(error);
}
