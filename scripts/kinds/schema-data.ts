import { readFileSync } from 'node:fs';

/** One field of a type, as `scripts/data/k8s-schema.json` has it. */
export interface FieldData {
  /** A scalar, or the id of another type. */
  readonly type: string;
  readonly list?: true;
  readonly map?: true;
  readonly required?: true;
  readonly default?: string | number;
  readonly patchStrategy?: readonly string[];
  readonly patchMergeKey?: string;
  readonly listType?: 'atomic' | 'set' | 'map';
  readonly listMapKeys?: readonly string[];
  readonly atomic?: true;
  /** Not in the data: added from the table of minima. */
  readonly minimum?: number;
}

/** The fields of one type, by name. */
export type TypeData = Readonly<Record<string, FieldData>>;

/** One of Kubernetes' kinds. */
export interface KindData {
  readonly type: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

/** Everything the generator reads: kinds by `group/version/Kind`, types by `package/version.Name`. */
export interface SchemaData {
  readonly version: string;
  readonly kinds: Readonly<Record<string, KindData>>;
  readonly types: Readonly<Record<string, TypeData>>;
}

/** What a leaf may hold; see `ScalarType` in src/patch/merge-schema.ts. */
export const SCALARS: ReadonlySet<string> = new Set([
  'string',
  'integer',
  'number',
  'boolean',
  'quantity',
  'time',
  'microTime',
  'bytes',
  'intOrString',
  'any',
]);

const ATTRIBUTES: ReadonlySet<string> = new Set([
  'type',
  'list',
  'map',
  'required',
  'default',
  'patchStrategy',
  'patchMergeKey',
  'listType',
  'listMapKeys',
  'atomic',
]);

/**
 * Reads the data.
 *
 * @throws Error naming the type and field where the data holds something that the generator does not know.
 */
export function readSchemaData(file: URL): SchemaData {
  const data = JSON.parse(readFileSync(file, 'utf8')) as SchemaData;
  for (const [id, fields] of Object.entries(data.types)) {
    for (const [name, field] of Object.entries(fields)) expectKnown(data, `${id}.${name}`, field);
  }
  for (const [key, kind] of Object.entries(data.kinds)) {
    if (data.types[kind.type] === undefined) throw new Error(`${key}: no type ${kind.type} in the data`);
  }
  return data;
}

function expectKnown(data: SchemaData, where: string, field: FieldData): void {
  for (const attribute of Object.keys(field)) {
    if (!ATTRIBUTES.has(attribute)) throw new Error(`${where}: unknown attribute ${attribute}`);
  }
  if (!SCALARS.has(field.type) && data.types[field.type] === undefined) {
    throw new Error(`${where}: neither a scalar nor a type of the data: ${field.type}`);
  }
  if (field.list && field.map) throw new Error(`${where}: both a list and a map`);
}
