import { type FieldError, type JsonObject, jsonEqual } from '../core/index.js';

/**
 * The errors that a change is to blame for.
 *
 * What a change leaves as it was may break rules that came after it was stored: an error about such a value is forgiven, and so is one about
 * a field that is missing, or a duplicate, in an object or list that did not change at all.
 *
 * Source: ratcheting of CustomResourceDefinitions (KEP-4008).
 */
export function blamedErrors(
  errors: readonly FieldError[],
  previous: JsonObject,
  next: JsonObject,
): readonly FieldError[] {
  return errors.filter(({ field, type }) => {
    const steps = stepsOf(field);
    // these say something about what is around the field
    if (type === 'FieldValueRequired' || type === 'FieldValueDuplicate') steps.pop();
    const before = found(previous, steps);
    const after = found(next, steps);
    return before === undefined || after === undefined || !jsonEqual(before.value, after.value);
  });
}

/** The steps of a path such as `spec.ports[0]` or `data[a.b]`. */
function stepsOf(path: string): string[] {
  return [...path.matchAll(/\[([^\]]*)\]|[^.[\]]+/g)].map(([step, bracketed]) => bracketed ?? step);
}

function found(object: JsonObject, steps: readonly string[]): { readonly value: unknown } | undefined {
  let value: unknown = object;
  for (const step of steps) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as JsonObject)[step];
  }
  return { value };
}
