import type * as z from 'zod/v4/core';
import type { ScalarType } from '../patch/index.js';
import { definitionOf } from './zod-fitness.js';

/** What schemas say about the shape of a value, with their wrappers taken off. */
export type ZodForm = { readonly nullable: boolean } & (
  | { readonly form: 'scalar'; readonly type: ScalarType }
  | { readonly form: 'list'; readonly items: Alternatives; readonly isTuple: boolean }
  | { readonly form: 'map'; readonly values: Alternatives }
  | ObjectForm
  | { readonly form: 'any' }
);

/** An object with fields of its own. */
export interface ObjectForm {
  readonly form: 'object';
  readonly nullable: boolean;
  /** Equal for two forms that are made of the same schemas. */
  readonly id: string;
  readonly fields: ReadonlyMap<string, ObjectField>;
  /** What fields beside those hold; undefined where there are no others. */
  readonly rest: Alternatives | undefined;
}

interface ObjectField {
  readonly schemas: Alternatives;
  /** Declared by every member of a union; whether it is required is not looked at. */
  readonly isEverywhere: boolean;
}

/** A value satisfies one of these schemas, at least as far as its shape goes; none: nobody knows. */
export type Alternatives = readonly z.$ZodType[];

type Base = ZodForm & { readonly nullable: false };

const ANY: Base = { form: 'any', nullable: false };

const INTEGER_FORMATS: ReadonlySet<unknown> = /* @__PURE__ */ new Set(['int32', 'uint32', 'safeint']);

/**
 * Reads the shapes off schemas.
 *
 * A union of objects is one object with the fields of all; a union of different shapes may be anything. An intersection has the fields
 * of both sides.
 */
export class ZodForms {
  /** Only grows; a schema keeps its number. */
  readonly #numbers = new Map<z.$ZodType, number>();

  of(schemas: Alternatives): ZodForm {
    return this.#read(schemas, new Set());
  }

  /** @param seen - The schemas that were entered on the way: one that stands for itself alone says nothing. */
  #read(schemas: Alternatives, seen: Set<z.$ZodType>): ZodForm {
    const bases: Base[] = [];
    const nullable = { found: false };
    for (const schema of schemas) this.#collect(schema, bases, nullable, seen);
    return { ...unite(bases), nullable: nullable.found };
  }

  #collect(schema: z.$ZodType, bases: Base[], nullable: { found: boolean }, seen: Set<z.$ZodType>): void {
    if (seen.has(schema)) return;
    seen.add(schema);
    const def = definitionOf(schema);
    switch (def.type) {
      case 'lazy':
        // zod keeps what the getter gave: to ask it again may make a new schema each time
        this.#collect((schema as z.$ZodLazy)._zod.innerType, bases, nullable, seen);
        return;
      case 'union':
        for (const option of def.options ?? []) this.#collect(option, bases, nullable, seen);
        return;
      case 'null':
        nullable.found = true;
        return;
      case 'never':
        return;
      case 'nullable':
        nullable.found = true;
        break;
      case 'literal':
        if (schema._zod.values?.has(null) === true) nullable.found = true;
        break;
    }
    if (def.innerType !== undefined) this.#collect(def.innerType, bases, nullable, seen);
    else bases.push(this.#base(schema, seen));
  }

  #base(schema: z.$ZodType, seen: ReadonlySet<z.$ZodType>): Base {
    const def = definitionOf(schema);
    const nullable = false;
    switch (def.type) {
      case 'string':
      case 'template_literal':
        return { form: 'scalar', type: 'string', nullable };
      case 'boolean':
        return { form: 'scalar', type: 'boolean', nullable };
      case 'number': {
        const formats = [def.format, ...(def.checks ?? []).map((check) => check._zod.def.format)];
        const isInteger = formats.some((format) => INTEGER_FORMATS.has(format));
        return { form: 'scalar', type: isInteger ? 'integer' : 'number', nullable };
      }
      case 'enum':
      case 'literal':
        return scalarOf([...(schema._zod.values ?? [])]);
      case 'array':
        return {
          form: 'list',
          items: def.element === undefined ? [] : [def.element],
          isTuple: false,
          nullable,
        };
      case 'tuple':
        return { form: 'list', items: [], isTuple: true, nullable };
      case 'record':
        return { form: 'map', values: def.valueType === undefined ? [] : [def.valueType], nullable };
      case 'object':
        return this.#object(schema, nullable);
      case 'intersection':
        return this.#intersection([def.left, def.right], seen);
      default:
        return ANY;
    }
  }

  #object(schema: z.$ZodType, nullable: false): Base {
    const { shape = {}, catchall } = definitionOf(schema);
    const number = this.#numbers.get(schema) ?? this.#numbers.size;
    this.#numbers.set(schema, number);
    const isClosed = catchall === undefined || definitionOf(catchall).type === 'never';
    const fields = new Map<string, ObjectField>();
    for (const [name, field] of Object.entries(shape))
      fields.set(name, { schemas: [field], isEverywhere: true });
    return { form: 'object', id: String(number), fields, rest: isClosed ? undefined : [catchall], nullable };
  }

  #intersection(sides: readonly (z.$ZodType | undefined)[], seen: ReadonlySet<z.$ZodType>): Base {
    const forms = sides.map((side) => this.#read(side === undefined ? [] : [side], new Set(seen)));
    if (forms.every((side) => side.form === 'object'))
      return { ...mergedObject(forms, '&'), nullable: false };
    const [first = ANY, ...others] = forms;
    const isOneScalar = others.every(
      (side) => side.form === 'scalar' && side.form === first.form && side.type === first.type,
    );
    return isOneScalar ? { ...first, nullable: false } : ANY;
  }
}

/** A form in words, as in `a list`. */
export function nameOfForm(form: ZodForm): string {
  switch (form.form) {
    case 'list':
      return form.isTuple ? 'a tuple' : 'a list';
    case 'map':
      return 'a map';
    case 'object':
      return 'an object';
    case 'scalar':
      return 'a scalar';
    case 'any':
      return 'anything';
  }
}

/** What a value may be that satisfies one of them. */
function unite(bases: readonly Base[]): Base {
  const [first, ...others] = bases;
  if (first === undefined) return ANY;
  if (others.length === 0) return first;
  const all = bases as readonly ZodForm[];
  if (all.every((base) => base.form === 'scalar'))
    return { form: 'scalar', type: commonType(all.map(({ type }) => type)), nullable: false };
  if (all.every((base) => base.form === 'list')) {
    const isTuple = all.some((base) => base.isTuple);
    return {
      form: 'list',
      items: isTuple ? [] : alternatives(all.map(({ items }) => items)),
      isTuple,
      nullable: false,
    };
  }
  if (all.every((base) => base.form === 'map'))
    return { form: 'map', values: alternatives(all.map(({ values }) => values)), nullable: false };
  if (all.every((base) => base.form === 'object')) return { ...mergedObject(all, '|'), nullable: false };
  return ANY;
}

/** @param sign - `|`: the value is one of the objects; `&`: it is all of them. */
function mergedObject(forms: readonly ObjectForm[], sign: '|' | '&'): ObjectForm {
  const ids = [...new Set(forms.map(({ id }) => id))].sort();
  const fields = new Map<string, ObjectField>();
  for (const name of new Set(forms.flatMap((form) => [...form.fields.keys()]))) {
    const found = forms.map((form) => form.fields.get(name));
    const isThere = found.map((field) => field?.isEverywhere === true);
    // where one member of a union leaves the field to its other fields, it may hold what those hold
    const elsewhere = (index: number): Alternatives => (sign === '|' ? (forms[index]?.rest ?? NONE) : NONE);
    fields.set(name, {
      schemas: alternatives(found.map((field, index) => field?.schemas ?? elsewhere(index))),
      isEverywhere: sign === '|' ? isThere.every(Boolean) : isThere.some(Boolean),
    });
  }
  const rests = forms.flatMap(({ rest }) => (rest === undefined ? [] : [rest]));
  return {
    form: 'object',
    nullable: false,
    id: ids.length === 1 ? ids.join('') : `(${ids.join(sign)})`,
    fields,
    rest: rests.length === 0 ? undefined : alternatives(rests),
  };
}

const NONE: Alternatives = [];

function alternatives(lists: readonly Alternatives[]): Alternatives {
  return [...new Set(lists.flat())];
}

function scalarOf(values: readonly unknown[]): Base {
  const present = values.filter((value) => value !== null && value !== undefined);
  const types = present.map((value): ScalarType => {
    if (typeof value === 'number') return Number.isSafeInteger(value) ? 'integer' : 'number';
    return typeof value === 'string' ? 'string' : typeof value === 'boolean' ? 'boolean' : 'any';
  });
  return { form: 'scalar', type: commonType(types), nullable: false };
}

function commonType(types: readonly ScalarType[]): ScalarType {
  const [first = 'any', ...others] = new Set(types);
  if (others.length === 0) return first;
  const found = [first, ...others].sort().join();
  if (found === 'integer,number') return 'number';
  return found === 'integer,string' ? 'intOrString' : 'any';
}
