import type { JsonObject } from '../../core/index.js';
import { memberOf } from '../json-object.js';
import { isKind, type SchemaSource } from '../merge-schema.js';
import { requestObject, unexpected } from '../request-json.js';
import { managedFieldsOf, typeText, withManagers, withType } from './tracked-object.js';

/**
 * Checks what does not depend on the schema, and gives back a private, deeply frozen copy of the intent with `apiVersion` and `kind`.
 *
 * What equals the live object at the same place is that very part.
 *
 * @throws ApiError BadRequest where the intent is no JSON, does not say of which kind and version it is, or is of others than the
 * resource or the live object, and where it carries `managedFields`.
 */
export function checkIntent(
  applied: object,
  live: JsonObject | undefined,
  schema: SchemaSource | undefined,
): JsonObject {
  const copy = requestObject(applied, 'applied', live);
  const resource = schema && isKind(schema) ? schema : undefined;
  const apiVersion = typeText(copy, 'applied', 'apiVersion', resource?.apiVersion);
  const kind = typeText(copy, 'applied', 'kind', resource?.kind);
  const intent = withType(copy, apiVersion, kind);
  if (live) typeText(intent, 'applied', 'kind', memberOf(live, 'kind'));
  const managedFields = managedFieldsOf(intent) ?? undefined;
  if (managedFields !== undefined) throw unexpected('applied.metadata.managedFields', 'none', managedFields);
  // the field may be there, and null
  return withManagers(intent, new Map());
}
