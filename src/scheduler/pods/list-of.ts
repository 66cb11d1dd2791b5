import { preview } from '../../core/index.js';

/** An object of which only that is known. */
export type Fields = Readonly<Record<string, unknown>>;

/** The objects of a list; none where it is absent. @throws TypeError naming the field where it is no list of objects. */
export function listOf(value: unknown, field: string): readonly Fields[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new TypeError(`${field}: expected a list, got ${preview(value)}`);
  for (let index = 0; index < value.length; index += 1) {
    const item: unknown = value[index];
    if (typeof item !== 'object' || item === null) {
      throw new TypeError(`${field}[${index}]: expected an object, got ${preview(item)}`);
    }
  }
  return value as readonly Fields[];
}
