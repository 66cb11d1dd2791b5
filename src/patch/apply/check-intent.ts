import { ApiError, type JsonObject, preview } from '../../core/index.js';
import { memberOf } from '../json-object.js';
import { isKind, type SchemaSource } from '../merge-schema.js';
import { requestObject } from '../request-json.js';
import { managedFieldsOf, metadataOf, withType } from './tracked-object.js';

/** What somebody applies, and to which kind. */
export interface CheckedIntent {
  readonly apiVersion: string;
  readonly kind: string;
  /** A private, deeply frozen copy with both; what equals the live object at the same place is that very part. */
  readonly intent: JsonObject;
}

/**
 * Checks what does not depend on the schema.
 *
 * @throws ApiError BadRequest where the intent is no JSON, does not say of which kind and version it is, or is of others than the
 * resource or the live object, and where it carries `managedFields`.
 */
export function checkIntent(
  applied: object,
  live: JsonObject | undefined,
  schema: SchemaSource | undefined,
): CheckedIntent {
  const copy = requestObject(applied, 'applied', live);
  const resource = schema !== undefined && isKind(schema) ? schema : undefined;
  const apiVersion = textOf(copy, 'apiVersion') ?? resource?.apiVersion;
  const kind = textOf(copy, 'kind') ?? resource?.kind;
  if (apiVersion === undefined)
    throw ApiError.badRequest('Expected a version, got none', 'applied.apiVersion');
  if (kind === undefined) throw ApiError.badRequest('Expected a kind, got none', 'applied.kind');
  expectText('applied.apiVersion', apiVersion, resource?.apiVersion);
  expectText('applied.kind', kind, resource?.kind);
  expectText('applied.kind', kind, live === undefined ? undefined : textOf(live, 'kind'));
  const managedFields = managedFieldsOf(copy);
  if (managedFields !== undefined && managedFields !== null) {
    throw ApiError.badRequest(
      `Expected none, for they are the server's, got ${preview(managedFields)}`,
      'applied.metadata.managedFields',
    );
  }
  return { apiVersion, kind, intent: withoutManagedFields(withType(copy, apiVersion, kind)) };
}

function expectText(field: string, text: string, expected: string | undefined): void {
  if (expected !== undefined && text !== expected) {
    throw ApiError.badRequest(`Expected ${preview(expected)}, got ${preview(text)}`, field);
  }
}

/** A text; undefined where it is absent or empty. */
function textOf(object: JsonObject, name: 'apiVersion' | 'kind'): string | undefined {
  const text = memberOf(object, name);
  if (text === undefined || text === null || text === '') return undefined;
  if (typeof text !== 'string') throw ApiError.badRequest(`Expected a string, got ${preview(text)}`, name);
  return text;
}

function withoutManagedFields(object: JsonObject): JsonObject {
  const metadata = metadataOf(object);
  if (!Object.hasOwn(metadata, 'managedFields')) return object;
  const { managedFields: _, ...rest } = metadata;
  return Object.freeze({ ...object, metadata: Object.freeze(rest) });
}
