import { ApiError } from '../../core/index.js';
import { isKind, mergeSchemaOf, type SchemaSource } from '../merge-schema.js';
import { type ObjectShape, shapeOf } from './field-rules.js';

/**
 * The shape of the objects of a kind.
 *
 * @throws ApiError UnsupportedMediaType where the kind has no merge schema.
 */
export function schemaShape(source: SchemaSource): ObjectShape {
  const schema = mergeSchemaOf(source);
  if (schema !== undefined) return shapeOf(schema);
  const kind = isKind(source) ? `${source.kind} of ${source.apiVersion}` : 'The kind';
  throw new ApiError({
    reason: 'UnsupportedMediaType',
    message: `${kind} has no merge schema: use a JSON merge patch or a JSON patch instead of a strategic merge patch`,
  });
}
