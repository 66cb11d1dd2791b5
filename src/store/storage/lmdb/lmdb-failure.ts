import { statfsSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import { ApiError } from '../../../core/index.js';

/** LMDB's own errors are numbered from here up to -30700; the others are those of the system. */
const LMDB_ERRORS = -30_800;

/** LMDB's error for a file that it was writing when something went wrong, so that it may be written by half. */
const MDB_PANIC = -30_795;

/** Less than this is a full disk: LMDB needs several pages for any transaction. */
const FULL = 1 << 20;

/**
 * Says what LMDB or the system said, with the name of the error: `EIO: Input/output error`.
 *
 * LMDB calls it EIO too when a disk takes only a part of what it is given, since it is full; where a path is given, that is looked up.
 */
export function describeFailure(error: unknown, path?: string): string {
  if (!(error instanceof Error)) return String(error);
  const code = codeOf(error);
  const text =
    typeof code === 'number' && code > 0 ? `${getSystemErrorName(-code)}: ${error.message}` : error.message;
  const left = path === undefined ? undefined : bytesLeft(path);
  return left === undefined || left >= FULL ? text : `${text} (ENOSPC: the disk has ${left} bytes left)`;
}

/** What a disk still takes, in bytes; undefined where it does not say. */
function bytesLeft(path: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

/** True where a transaction that failed like this has certainly left nothing behind: LMDB gave up before it wrote. */
export function isBeforeWriting(error: unknown): boolean {
  const code = codeOf(error);
  return typeof code === 'number' && code > LMDB_ERRORS && code < -30_700 && code !== MDB_PANIC;
}

/** That the storage in a folder cannot be used. */
export function unavailable(path: string, why: string, cause?: unknown, ambiguous = false): ApiError {
  return new ApiError({
    reason: 'ServiceUnavailable',
    message: `storage lmdb at ${path}: ${why}`,
    cause,
    ambiguous,
  });
}

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown } | undefined)?.code;
}

/** What LMDB said of a transaction that failed, which the error of its writes only points to. */
export async function causeOfFailure(error: unknown): Promise<unknown> {
  try {
    await (error as { readonly commitError?: Promise<unknown> }).commitError;
    return error;
  } catch (cause) {
    return cause;
  }
}
