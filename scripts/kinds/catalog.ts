import {
  ATOMIC_ITEMS,
  DEFAULTS,
  GRANULAR,
  HAND_WRITTEN,
  MICRO_TIMES,
  MINIMA,
  NOT_REQUIRED,
  PLAIN_NAMES,
} from './overrides.js';
import { type FieldData, type KindData, SCALARS, type SchemaData, type TypeData } from './schema-data.js';

/** A type as it is generated. */
export interface TypeEntry {
  readonly id: string;
  /** The name of its interface in `keelson/kinds`: unique over all groups. */
  readonly name: string;
  readonly group: GroupEntry;
  readonly fields: TypeData;
  /** Declared by hand in `core`: only its schema is generated. */
  readonly handWritten: boolean;
  /** The kind that the type is the object of. */
  readonly kind?: KindEntry;
}

/** A kind with its names taken apart. */
export interface KindEntry extends KindData {
  /** `group/version/Kind`. */
  readonly key: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** One version of one API group: a file. */
export interface GroupEntry {
  /** As in `apps-v1`, `core-v1`, `events-k8s-io-v1`. */
  readonly file: string;
  /** Every type stands behind the types it refers to. */
  readonly types: TypeEntry[];
}

/** Everything there is to generate. */
export interface Catalog {
  readonly version: string;
  readonly groups: readonly GroupEntry[];
  readonly type: (id: string) => TypeEntry;
}

/**
 * The data with the tables of `overrides.ts` applied, named and in order.
 *
 * @throws Error for a table entry without its data, a name that two types claim, or types or files that refer to each other in a circle.
 */
export function makeCatalog(data: SchemaData): Catalog {
  const types = applyOverrides(data);
  const names = nameTypes(Object.keys(types));
  const kinds = new Map(Object.entries(data.kinds).map(([key, kind]) => [kind.type, kindEntry(key, kind)]));
  const files = nameFiles(Object.keys(types), kinds);
  const groups = new Map<string, GroupEntry>();
  const entries = new Map<string, TypeEntry>();
  for (const id of inOrder(types)) {
    const file = files.get(packageOf(id)) as string;
    const group = groups.get(file) ?? { file, types: [] };
    groups.set(file, group);
    const kind = kinds.get(id);
    const entry: TypeEntry = {
      id,
      name: names.get(id) as string,
      group,
      fields: types[id] as TypeData,
      handWritten: HAND_WRITTEN.includes(id),
      ...(kind === undefined ? {} : { kind }),
    };
    group.types.push(entry);
    entries.set(id, entry);
  }
  const type = (id: string): TypeEntry => entries.get(id) as TypeEntry;
  expectNoCircle([...groups.values()], type);
  return {
    version: data.version,
    groups: [...groups.values()].sort((a, b) => compare(a.file, b.file)),
    type,
  };
}

/** The ids of the types that the fields of a type refer to, without repetition. */
export function referencesOf(fields: TypeData): string[] {
  return [...new Set(Object.values(fields).map((field) => field.type))].filter((type) => !SCALARS.has(type));
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function packageOf(id: string): string {
  return id.slice(0, id.lastIndexOf('.'));
}

function baseName(id: string): string {
  return id.slice(id.lastIndexOf('.') + 1);
}

function kindEntry(key: string, kind: KindData): KindEntry {
  const [name, version, group] = key.split('/').reverse();
  if (name === undefined || version === undefined) throw new Error(`${key}: expected group/version/Kind`);
  return { ...kind, key, group: group ?? '', version, kind: name };
}

function applyOverrides(data: SchemaData): Record<string, TypeData> {
  const types: Record<string, Record<string, FieldData>> = {};
  for (const [id, fields] of Object.entries(data.types)) types[id] = { ...fields };
  const change = (
    table: string,
    id: string,
    name: string,
    to: (field: FieldData) => FieldData | undefined,
  ): void => {
    const field = types[id]?.[name];
    const changed = field && to(field);
    if (changed === undefined)
      throw new Error(`${table}: ${id}.${name} is not in the data, or not as the table has it`);
    (types[id] as Record<string, FieldData>)[name] = changed;
  };
  for (const [id, names] of Object.entries(MICRO_TIMES)) {
    for (const name of names) {
      change('MICRO_TIMES', id, name, (field) =>
        field.type === 'time' ? { ...field, type: 'microTime' } : undefined,
      );
    }
  }
  for (const [id, names] of Object.entries(NOT_REQUIRED)) {
    for (const name of names) {
      change('NOT_REQUIRED', id, name, ({ required, ...rest }) => (required ? rest : undefined));
    }
  }
  for (const [id, names] of Object.entries(ATOMIC_ITEMS)) {
    for (const name of names) {
      change('ATOMIC_ITEMS', id, name, (field) =>
        field.listType === 'map' && field.atomic === undefined ? { ...field, atomic: true } : undefined,
      );
    }
  }
  for (const [id, names] of Object.entries(GRANULAR)) {
    for (const name of names) {
      change('GRANULAR', id, name, ({ atomic, ...rest }) => (atomic === true ? rest : undefined));
    }
  }
  for (const [id, defaults] of Object.entries(DEFAULTS)) {
    for (const [name, value] of Object.entries(defaults)) {
      change('DEFAULTS', id, name, (field) =>
        field.default === undefined ? { ...field, default: value } : undefined,
      );
    }
  }
  for (const [id, minima] of Object.entries(MINIMA)) {
    for (const [name, minimum] of Object.entries(minima)) {
      change('MINIMA', id, name, (field) => (field.type === 'integer' ? { ...field, minimum } : undefined));
    }
  }
  for (const id of HAND_WRITTEN)
    if (types[id] === undefined) throw new Error(`HAND_WRITTEN: ${id} is not in the data`);
  for (const kind of Object.values(data.kinds)) {
    const fields = types[kind.type] as Record<string, FieldData>;
    const spec = fields['spec'];
    const inside = spec === undefined ? undefined : types[spec.type];
    if (spec !== undefined && inside !== undefined && Object.values(inside).some((field) => field.required)) {
      fields['spec'] = { ...spec, required: true };
    }
  }
  return types;
}

/** Gives every type a name that no other has. */
function nameTypes(ids: readonly string[]): ReadonlyMap<string, string> {
  const claims = new Map<string, string[]>();
  for (const id of ids) claims.set(baseName(id), [...(claims.get(baseName(id)) ?? []), id]);
  const names = new Map<string, string>();
  for (const [name, claimants] of claims) {
    const plain = claimants.length === 1 ? claimants[0] : `${PLAIN_NAMES[name]}.${name}`;
    if (plain === undefined || !claimants.includes(plain)) {
      throw new Error(`PLAIN_NAMES: expected one of ${claimants.join(', ')} under ${name}`);
    }
    for (const id of claimants) names.set(id, id === plain ? name : distinctName(id, plain));
  }
  for (const name of Object.keys(PLAIN_NAMES)) {
    if ((claims.get(name)?.length ?? 0) < 2)
      throw new Error(`PLAIN_NAMES: ${name}: no two types have this name`);
  }
  if (new Set(names.values()).size !== names.size) throw new Error('two types have one name after all');
  return names;
}

/** The package in front where another package has the plain name, the version behind where another version of it has. */
function distinctName(id: string, plain: string): string {
  const [name = '', version = ''] = packageOf(id).split('/');
  const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
  return packageOf(plain).startsWith(`${name}/`)
    ? baseName(id) + capital(version)
    : capital(name) + baseName(id);
}

/** The file of every package: the API group's name and the version. */
function nameFiles(
  ids: readonly string[],
  kinds: ReadonlyMap<string, KindEntry>,
): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const id of ids) files.set(packageOf(id), packageOf(id).replace('/', '-'));
  for (const [id, { group, version }] of kinds) {
    files.set(packageOf(id), `${group === '' ? 'core' : group.replaceAll('.', '-')}-${version}`);
  }
  return files;
}

/** The ids of all types, each behind those it refers to, by name where that leaves a choice. */
function inOrder(types: Readonly<Record<string, TypeData>>): readonly string[] {
  const done = new Set<string>();
  const visit = (id: string, path: readonly string[]): void => {
    if (done.has(id)) return;
    if (path.includes(id))
      throw new Error(`types refer to each other in a circle: ${[...path, id].join(' -> ')}`);
    for (const reference of referencesOf(types[id] as TypeData).sort(compare))
      visit(reference, [...path, id]);
    done.add(id);
  };
  for (const id of Object.keys(types).sort(compare)) visit(id, []);
  return [...done];
}

/** Files import each other's schemas as values, so they must not import each other in a circle. */
function expectNoCircle(groups: readonly GroupEntry[], type: (id: string) => TypeEntry): void {
  const done = new Set<GroupEntry>();
  const visit = (group: GroupEntry, path: readonly GroupEntry[]): void => {
    if (done.has(group)) return;
    if (path.includes(group)) {
      throw new Error(
        `files import each other in a circle: ${[...path, group].map(({ file }) => file).join(' -> ')}`,
      );
    }
    for (const entry of group.types) {
      for (const id of referencesOf(entry.fields)) {
        if (type(id).group !== group) visit(type(id).group, [...path, group]);
      }
    }
    done.add(group);
  };
  for (const group of groups) visit(group, []);
}
