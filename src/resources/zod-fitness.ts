import type * as z from 'zod/v4/core';
import { preview } from '../core/index.js';

/** Kinds of schema whose values are not JSON, or whose output differs from what they accept. */
const UNFIT: { readonly [type: string]: string } = {
  transform: 'transforms',
  pipe: 'pipes and codecs',
  date: 'dates',
  bigint: 'bigints',
  map: 'maps',
  set: 'sets',
  symbol: 'symbols',
  undefined: 'undefined',
  void: 'void',
  nan: 'NaN',
  function: 'functions',
  promise: 'promises',
  file: 'files',
  success: 'success flags',
};

/** The parts of zod's definitions that hold further schemas. */
interface Definition {
  readonly type: string;
  readonly coerce?: boolean;
  readonly checks?: readonly {
    readonly _zod: { readonly def: { readonly fn?: unknown; readonly format?: unknown } };
  }[];
  readonly format?: unknown;
  readonly fn?: unknown;
  readonly shape?: { readonly [key: string]: z.$ZodType };
  readonly catchall?: z.$ZodType;
  readonly element?: z.$ZodType;
  readonly keyType?: z.$ZodType;
  readonly valueType?: z.$ZodType;
  readonly options?: readonly z.$ZodType[];
  readonly left?: z.$ZodType;
  readonly right?: z.$ZodType;
  readonly items?: readonly z.$ZodType[];
  readonly rest?: z.$ZodType | null;
  readonly innerType?: z.$ZodType;
  readonly getter?: () => z.$ZodType;
}

/** What a schema is made of. */
export function definitionOf(schema: z.$ZodType): Definition {
  return schema._zod.def as unknown as Definition;
}

/**
 * Refuses a schema that does not go from JSON to JSON, or does not accept its own output.
 *
 * @throws TypeError naming the field and what is unfit: no schema of zod 4, transforms, coercion, dates, bigints, maps, sets, async refinements.
 */
export function refuseUnfit(schema: z.$ZodType, path: string): void {
  if (typeof schema !== 'object' || schema === null || !('_zod' in schema)) {
    throw new TypeError(`defineResource: ${path}: expected a schema of zod 4, got ${preview(schema)}`);
  }
  visit(schema, path, new Set(), (def, at) => {
    const unfit = Object.hasOwn(UNFIT, def.type) ? UNFIT[def.type] : undefined;
    if (unfit !== undefined) refuse(at, unfit);
    if (def.coerce === true) refuse(at, 'coercion');
    if (isAsync(def.fn) || def.checks?.some((check) => isAsync(check._zod.def.fn))) {
      refuse(at, 'async refinements');
    }
  });
}

/** Whether a schema declares a field that every object inherits, as `constructor`: zod takes the inherited value for the field's. */
export function declaresInherited(schema: z.$ZodType): boolean {
  let found = false;
  visit(schema, '', new Set(), ({ shape = {} }) => {
    found ||= Object.keys(shape).some((key) => key in Object.prototype);
  });
  return found;
}

/** Shows a schema and all that it is made of, each once. */
function visit(
  schema: z.$ZodType,
  path: string,
  seen: Set<z.$ZodType>,
  show: (def: Definition, path: string) => void,
): void {
  if (seen.has(schema)) return;
  seen.add(schema);
  const def = definitionOf(schema);
  show(def, path);
  const inside = (child: z.$ZodType | null | undefined, at: string): void => {
    if (child !== undefined && child !== null) visit(child, at, seen, show);
  };
  for (const [key, child] of Object.entries(def.shape ?? {})) inside(child, `${path}.${key}`);
  for (const child of def.options ?? []) inside(child, path);
  for (const child of [...(def.items ?? []), def.element, def.rest]) inside(child, `${path}[]`);
  for (const child of [def.keyType, def.valueType, def.catchall]) inside(child, `${path}[]`);
  for (const child of [def.left, def.right, def.innerType, def.getter?.()]) inside(child, path);
}

function isAsync(fn: unknown): boolean {
  return typeof fn === 'function' && Object.prototype.toString.call(fn) === '[object AsyncFunction]';
}

function refuse(path: string, what: string): never {
  throw new TypeError(`defineResource: ${path}: expected a schema from JSON to the same JSON, got ${what}`);
}
