import { failure } from '../failure.js';
import { type KindWithSchema, mergeSchemaOf, type SchemaSource } from '../merge-schema.js';
import { type ObjectShape, shapeOf } from './field-rules.js';

/**
 * The shape of the objects of a kind.
 *
 * @throws ApiError UnsupportedMediaType where the kind has no merge schema.
 */
export function schemaShape(source: SchemaSource): ObjectShape {
  const schema = mergeSchemaOf(source);
  if (schema) return shapeOf(schema);
  const { kind, apiVersion } = source as KindWithSchema;
  throw failure(
    'UnsupportedMediaType',
    `${kind} of ${apiVersion} has no merge schema: use a JSON merge patch or a JSON patch`,
  );
}
