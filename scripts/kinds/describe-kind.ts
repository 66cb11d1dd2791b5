import type { Catalog, KindEntry, TypeEntry } from './catalog.js';
import {
  CONDITIONAL_UPDATES,
  NAME_RULES,
  SCALE_RULES,
  type ScaleRule,
  SELECTABLE_FIELDS,
  TIMES_TO_LIVE,
  VERSIONS,
  VIRTUAL_KINDS,
} from './kind-rules.js';
import { Code } from './literal.js';

/** The argument of `builtinKind`; see `BuiltinKind` in src/resources/builtin-kind.ts. What is absent has its default. */
interface KindDescription {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly scope: 'Namespaced' | 'Cluster';
  readonly schema: Code;
  readonly nameRule: string | undefined;
  readonly virtual: true | undefined;
  readonly hasStatus: true | undefined;
  readonly hasGeneration: true | undefined;
  readonly scale: ScaleRule | undefined;
  readonly unconditionalUpdate: false | undefined;
  readonly ttl: number | undefined;
  readonly selectableFields: readonly string[] | undefined;
  readonly versions: Code | undefined;
}

/** What the generator tells about a kind: from its fields, and from the tables of `kind-rules.ts`. */
export function describeKind(kind: KindEntry, type: TypeEntry, schema: Code): KindDescription {
  const virtual = VIRTUAL_KINDS.has(kind.key);
  const versions = VERSIONS[kind.key];
  return {
    group: kind.group,
    version: kind.version,
    kind: kind.kind,
    plural: kind.plural,
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    schema,
    nameRule: NAME_RULES[kind.key],
    virtual: virtual || undefined,
    hasStatus: (!virtual && type.fields['status'] !== undefined) || undefined,
    hasGeneration: (!virtual && type.fields['spec'] !== undefined) || undefined,
    scale: SCALE_RULES[kind.key],
    unconditionalUpdate: CONDITIONAL_UPDATES.has(kind.key) ? false : undefined,
    ttl: TIMES_TO_LIVE[kind.key],
    selectableFields: SELECTABLE_FIELDS[kind.key],
    versions: versions && new Code(versions.name),
  };
}

/**
 * Checks the tables of `kind-rules.ts` against the data.
 *
 * @throws Error naming a kind or a field path that the data does not have.
 */
export function checkKindRules(catalog: Catalog): void {
  const types = catalog.groups.flatMap((group) => group.types);
  const find = (table: string, key: string): TypeEntry => {
    const type = types.find((entry) => entry.kind?.key === key);
    if (type === undefined) throw new Error(`${table}: ${key} is not in the data`);
    return type;
  };
  const expectPath = (table: string, key: string, path: string): void => {
    let type: TypeEntry | undefined = find(table, key);
    for (const name of path.split('.')) {
      const field: { readonly type: string } | undefined = type?.fields[name];
      if (field === undefined) throw new Error(`${table}: ${key} has no field ${path}`);
      type = types.find((entry) => entry.id === field.type);
    }
  };
  for (const key of VIRTUAL_KINDS) find('VIRTUAL_KINDS', key);
  for (const key of CONDITIONAL_UPDATES) find('CONDITIONAL_UPDATES', key);
  for (const key of Object.keys(NAME_RULES)) find('NAME_RULES', key);
  for (const key of Object.keys(VERSIONS)) find('VERSIONS', key);
  for (const key of Object.keys(TIMES_TO_LIVE)) find('TIMES_TO_LIVE', key);
  for (const [key, paths] of Object.entries(SELECTABLE_FIELDS)) {
    for (const path of paths) expectPath('SELECTABLE_FIELDS', key, path);
  }
  for (const [key, scale] of Object.entries(SCALE_RULES)) {
    for (const path of Object.values(scale)) expectPath('SCALE_RULES', key, path as string);
  }
}
