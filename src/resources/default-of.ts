import * as z from 'zod/v4/core';
import type { Alternatives } from './zod-form.js';

/** The scalar that stands for a field that is absent; undefined where there is none, or not always the same. */
export function defaultOf(schemas: Alternatives): unknown {
  // asked twice, as a default may be made anew each time
  const values = new Set([...schemas, ...schemas].map((schema) => z.safeParse(schema, undefined).data));
  const [value] = values;
  return values.size === 1 && ['string', 'number', 'boolean'].includes(typeof value) ? value : undefined;
}

/** Whether a field must be there, whichever of the schemas it satisfies. */
export function isRequired(schemas: Alternatives): boolean {
  return schemas.every((schema) => !z.safeParse(schema, undefined).success);
}
