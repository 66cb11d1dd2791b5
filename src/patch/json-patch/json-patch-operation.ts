import { FieldError, type JsonObject, MAX_DEPTH } from '../../core/index.js';
import { fieldFailure } from '../failure.js';
import { isJsonObject, memberOf } from '../json-object.js';
import { parseJsonPointer } from './json-pointer.js';
import { requestJson, unexpected } from '../request-json.js';

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
export interface JsonPatchStep {
  readonly op: JsonPatchOperation['op'];
  readonly path: readonly string[];
  /** Empty unless the operation moves or copies. */
  readonly from: readonly string[];
  /** Undefined unless the operation adds, replaces or tests. */
  readonly value: unknown;
}

/** What there is to do, and what of it needs a value. */
const OPERATIONS: readonly unknown[] = ['add', 'remove', 'replace', 'move', 'copy', 'test'];
const WITH_VALUE: readonly unknown[] = ['add', 'replace', 'test'];

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
    throw unexpected('patch', 'an array of operations', operations);
  }
  if (operations.length > MAX_OPERATIONS) {
    const error = FieldError.tooLong('patch', operations, `expected at most ${MAX_OPERATIONS} operations`);
    throw fieldFailure('RequestEntityTooLarge', error);
  }
  return Array.from(operations, (operation: unknown, index) => parseOperation(operation, `patch[${index}]`));
}

function parseOperation(operation: unknown, field: string): JsonPatchStep {
  if (!isJsonObject(operation)) {
    throw unexpected(field, 'an operation', operation);
  }
  const op = memberOf(operation, 'op') as JsonPatchOperation['op'];
  if (!OPERATIONS.includes(op)) {
    throw unexpected(`${field}.op`, `one of ${OPERATIONS.join(', ')}`, op);
  }
  return {
    op,
    path: parsePointer(operation, 'path', field),
    from: op === 'move' || op === 'copy' ? parsePointer(operation, 'from', field) : [],
    value: WITH_VALUE.includes(op) ? parseValue(operation, field) : undefined,
  };
}

function parsePointer(operation: JsonObject, name: 'from' | 'path', field: string): readonly string[] {
  const text = memberOf(operation, name);
  const tokens = typeof text === 'string' ? parseJsonPointer(text) : undefined;
  if (!tokens || tokens.length > MAX_DEPTH + 1) {
    const expected = `a JSON pointer such as "/a/b" of at most ${MAX_DEPTH} levels`;
    throw unexpected(`${field}.${name}`, expected, text);
  }
  return tokens;
}

function parseValue(operation: JsonObject, field: string): unknown {
  const value = memberOf(operation, 'value');
  if (value === undefined) throw unexpected(`${field}.value`, 'a JSON value', value);
  return requestJson(value, `${field}.value`);
}
