import {
  type ApiError,
  BareApiError,
  type FieldError,
  REQUEST_CODES,
  type StatusCause,
} from '../core/index.js';

/** The error of a patch that fails for a reason; `causes` name the fields. */
export function failure(
  reason: keyof typeof REQUEST_CODES,
  message: string,
  causes?: readonly StatusCause[],
  cause?: unknown,
): ApiError {
  return new BareApiError({
    reason,
    code: REQUEST_CODES[reason],
    message,
    details: causes && { causes },
    cause,
  });
}

/** The error of a patch in which one field is wrong. */
export function fieldFailure(
  reason: keyof typeof REQUEST_CODES,
  error: FieldError,
  cause?: unknown,
): ApiError {
  return failure(reason, error.toString(), [error.toCause()], cause);
}
