import { ApiError, type StatusReason } from '../../core/index.js';
import { check } from './conformance-case.js';

/** The error of work that must fail with an ApiError of one of these reasons. @throws Error where it does not. */
export async function expectFailure(
  work: Promise<unknown>,
  what: string,
  ...reasons: readonly StatusReason[]
): Promise<ApiError> {
  let error: unknown;
  try {
    await work;
  } catch (thrown) {
    error = thrown;
  }
  check(error !== undefined, () => `${what}: expected ApiError ${reasons.join(' or ')}, got no error`);
  if (!(error instanceof ApiError)) throw error;
  const { reason, message } = error;
  check(
    reasons.includes(reason),
    () => `${what}: expected ApiError ${reasons.join(' or ')}, got ${reason}: ${message}`,
  );
  return error;
}
