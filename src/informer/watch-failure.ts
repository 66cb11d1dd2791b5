import { ApiError, type StatusReason } from '../core/index.js';

/** The server has too much to do, or cannot be reached: to ask it for more would only add to its load. */
const OVERLOADS: readonly StatusReason[] = /* @__PURE__ */ Object.freeze([
  'TooManyRequests',
  'ServiceUnavailable',
]);

/** It may work later, from where it was. */
const PASSING: readonly StatusReason[] = /* @__PURE__ */ Object.freeze([
  ...OVERLOADS,
  'Timeout',
  'ServerTimeout',
  'InternalError',
]);

/** The server does not understand what it is asked for. */
const REFUSALS: readonly StatusReason[] = /* @__PURE__ */ Object.freeze([
  'Invalid',
  'BadRequest',
  'MethodNotAllowed',
  'NotAcceptable',
  'UnsupportedMediaType',
]);

/** Whether the server has too much to do, or refuses connections. */
export function isOverload(error: unknown): boolean {
  return (error instanceof ApiError && OVERLOADS.includes(error.reason)) || isConnectionRefused(error);
}

/** Whether it is worth asking for the same again later, however often it fails. */
export function isPassing(error: unknown): boolean {
  return (error instanceof ApiError && PASSING.includes(error.reason)) || isConnectionRefused(error);
}

/** Whether the connection broke off, or failed for a reason that nobody gave. */
export function isBroken(error: unknown): boolean {
  return !(error instanceof ApiError) || error.reason === 'Unknown';
}

/** Whether the server does not know what it is asked for. */
export function isRefusal(error: unknown): boolean {
  return error instanceof ApiError && REFUSALS.includes(error.reason);
}

/** Whether nobody listens where the server should be, which the error or what caused it says with Node's code. */
function isConnectionRefused(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ((cause as { readonly code?: unknown }).code === 'ECONNREFUSED') return true;
  }
  return false;
}

/** What a list or a watch is given up with that told nothing for `patience` milliseconds. */
export function silence(during: 'list' | 'watch', patience: number): ApiError {
  const message = `the ${during} told nothing for ${patience / 1_000} seconds: it was given up`;
  return new ApiError({ reason: 'Timeout', message });
}
