import { type ApiError, BareApiError, type StatusCause, type StatusReason } from '../core/index.js';

/** The error of a patch that fails for a reason; `causes` name the fields. */
export function failure(
  reason: StatusReason,
  message: string,
  causes?: readonly StatusCause[],
  cause?: unknown,
): ApiError {
  return new BareApiError({ reason, message, details: causes && { causes }, cause });
}
