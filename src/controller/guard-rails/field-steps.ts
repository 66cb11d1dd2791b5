import { joinPath, type JsonObject, preview } from '../../core/index.js';

/** The way to a field: names of members and indexes of items. */
export type FieldSteps = readonly (string | number)[];

/** A name that could pass for something else on a line for people: an index, or with brackets, blanks or control characters. */
const UNUSUAL = /^\d*$|[^\x21-\x5a\x5c\x5e-\x7e]/;

/** What an object has at a place; undefined where there is nothing. */
export function valueAt(object: unknown, steps: FieldSteps): unknown {
  let value = object;
  for (const step of steps) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as JsonObject)[step];
  }
  return value;
}

/** The path of a field as Kubernetes writes it, such as `spec.containers[0].image`; a name with unusual characters stands in quotes. */
export function formatSteps(steps: FieldSteps): string {
  return steps.reduce<string>((path, step) => {
    if (typeof step === 'number') return `${path}[${step}]`;
    return joinPath(path, UNUSUAL.test(step) ? preview(step) : step);
  }, '');
}
