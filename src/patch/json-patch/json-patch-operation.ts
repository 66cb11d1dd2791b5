import { ApiError, type JsonObject, MAX_DEPTH, preview } from '../../core/index.js';
import { isJsonObject, memberOf } from '../json-object.js';
import { parseJsonPointer } from './json-pointer.js';
import { requestJson } from '../request-json.js';

/**
 * One step of a JSON patch.
 *
 * `path` and `from` are JSON pointers such as `/metadata/labels/example.com~1tier`; `value` is any JSON.
 *
 * Source: RFC 6902.
 */
export type JsonPatchOperation =
  | { readonly op: 'add'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'move'; readonly from: string; readonly path: string }
  | { readonly op: 'copy'; readonly from: string; readonly path: string }
  | { readonly op: 'test'; readonly path: string; readonly value: unknown };

/** A checked operation: pointers as tokens, and a value that nobody else holds. */
export type JsonPatchStep =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: readonly string[]; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: readonly string[] }
  | { readonly op: 'move' | 'copy'; readonly from: readonly string[]; readonly path: readonly string[] };

/** The most operations that one patch may have. Source: `maxJSONPatchOperations` in k8s.io/apiserver. */
const MAX_OPERATIONS = 10_000;

/**
 * Checks the shape of a whole patch. Null is a patch without operations; unknown members of an operation are ignored.
 *
 * @throws ApiError RequestEntityTooLarge for more than 10,000 operations, BadRequest for what is no list of operations.
 */
export function parseJsonPatch(operations: unknown): readonly JsonPatchStep[] {
  if (operations === null) return [];
  if (!Array.isArray(operations)) {
    throw ApiError.badRequest(`Expected an array of operations, got ${preview(operations)}`, 'patch');
  }
  if (operations.length > MAX_OPERATIONS) {
    const message = `Expected at most ${MAX_OPERATIONS} operations, got ${operations.length}`;
    throw ApiError.requestEntityTooLarge(message, 'patch');
  }
  return Array.from(operations, (operation: unknown, index) => parseOperation(operation, `patch[${index}]`));
}

function parseOperation(operation: unknown, field: string): JsonPatchStep {
  if (!isJsonObject(operation)) {
    throw ApiError.badRequest(`Expected an operation, got ${preview(operation)}`, field);
  }
  const op = memberOf(operation, 'op');
  switch (op) {
    case 'add':
    case 'replace':
    case 'test':
      return { op, path: parsePointer(operation, 'path', field), value: parseValue(operation, field) };
    case 'remove':
      return { op, path: parsePointer(operation, 'path', field) };
    case 'move':
    case 'copy':
      return {
        op,
        from: parsePointer(operation, 'from', field),
        path: parsePointer(operation, 'path', field),
      };
    default: {
      const expected = 'Expected "add", "remove", "replace", "move", "copy" or "test"';
      throw ApiError.badRequest(`${expected}, got ${preview(op)}`, `${field}.op`);
    }
  }
}

function parsePointer(operation: JsonObject, name: 'from' | 'path', field: string): readonly string[] {
  const text = memberOf(operation, name);
  const tokens = typeof text === 'string' ? parseJsonPointer(text) : undefined;
  if (tokens === undefined) {
    const message = `Expected a JSON pointer such as "/metadata/name", got ${preview(text)}`;
    throw ApiError.badRequest(message, `${field}.${name}`);
  }
  if (tokens.length > MAX_DEPTH) {
    const message = `Expected a JSON pointer of at most ${MAX_DEPTH} tokens, got ${tokens.length}`;
    throw ApiError.badRequest(message, `${field}.${name}`);
  }
  return tokens;
}

function parseValue(operation: JsonObject, field: string): unknown {
  const value = memberOf(operation, 'value');
  if (value === undefined) throw ApiError.badRequest('Expected a JSON value, got none', `${field}.value`);
  return requestJson(value, `${field}.value`);
}
