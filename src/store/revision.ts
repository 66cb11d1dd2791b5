import { ApiError, preview } from '../core/index.js';

/** A resourceVersion as a revision; undefined for absent and `''`. @throws ApiError BadRequest unless it is a decimal number. */
export function parseRevision(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const revision = Number(text);
  if (!/^(0|[1-9]\d*)$/.test(text) || !Number.isSafeInteger(revision)) {
    throw ApiError.badRequest(`expected a decimal number, got ${preview(text)}`, 'resourceVersion');
  }
  return revision;
}

/** The store is asked for a revision that it has not reached. */
export function tooLarge(wanted: number, current: number): ApiError {
  const message = `Too large resource version: ${wanted}, current: ${current}`;
  return new ApiError({
    reason: 'Timeout',
    message,
    details: {
      retryAfterSeconds: 1,
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    },
  });
}

/** The store no longer has what happened after a revision. */
export function tooOld(wanted: number, oldest: number): ApiError {
  return ApiError.expired(`too old resource version: ${wanted} (${oldest})`);
}
