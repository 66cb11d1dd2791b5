/**
 * What a leaf of a schema holds.
 *
 * `quantity` is text such as `500m` (or a number), `time` RFC 3339, `microTime` the same with microseconds, `bytes` base64,
 * `intOrString` a port or a percentage, `any` whatever JSON allows.
 */
export type ScalarType =
  | 'string'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'quantity'
  | 'time'
  | 'microTime'
  | 'bytes'
  | 'intOrString'
  | 'any';

/** How a list's items are told apart by server-side apply. */
export type ListType = 'atomic' | 'set' | 'map';

/** What a strategic merge patch does with a field; a field may have `retainKeys` beside one of the others. */
export type PatchStrategy = 'merge' | 'replace' | 'retainKeys';

/** One field of an object: what it holds and how it merges. */
export interface FieldSchema {
  /** What the field, or each of its items or map values, holds. */
  readonly type: ScalarType | MergeSchema;
  /** The field is a list of `type`. */
  readonly list?: true;
  /** The field is a map from strings to `type`. */
  readonly map?: true;
  readonly required?: true;
  /** The smallest integer, where there is one. */
  readonly minimum?: number;
  readonly default?: unknown;
  readonly patchStrategy?: readonly PatchStrategy[];
  readonly patchMergeKey?: string;
  readonly listType?: ListType;
  readonly listMapKeys?: readonly string[];
  /** A map or an object that server-side apply owns as a whole; of a list of type `map` or `set`, each of its items. */
  readonly atomic?: true;
}

/**
 * The shape of an object and how each of its fields merges.
 *
 * Built-in kinds carry one, generated from Kubernetes' own types. Look fields up as own properties only: any name, `constructor`
 * included, may be asked for.
 */
export interface MergeSchema {
  readonly fields: { readonly [field: string]: FieldSchema };
  /** Fields that are not listed are legal: they hold any JSON, whose maps merge and whose lists are replaced. */
  readonly open?: true;
}

/** Where the rules of a kind come from: a resource, or a merge schema itself. */
export type SchemaSource = MergeSchema | KindWithSchema;

/** The part of a resource that patches look at. */
export interface KindWithSchema {
  readonly apiVersion: string;
  readonly kind: string;
  readonly mergeSchema?: MergeSchema | undefined;
}

/** The merge schema of a source; undefined where a resource has none. */
export function mergeSchemaOf(source: SchemaSource): MergeSchema | undefined {
  return isKind(source) ? source.mergeSchema : source;
}

/** True for a resource, false for a merge schema. */
export function isKind(source: SchemaSource): source is KindWithSchema {
  return !Object.hasOwn(source, 'fields');
}
