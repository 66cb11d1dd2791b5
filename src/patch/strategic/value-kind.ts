import { isJsonObject } from '../json-object.js';

/** What a JSON value is, where integers and other numbers are two kinds, as they are in Kubernetes. */
export type ValueKind = 'object' | 'list' | 'string' | 'integer' | 'number' | 'boolean' | 'null' | 'no JSON';

/** Integers from here on do not fit into 64 bits: to Kubernetes they are no integers. */
const INTEGER_LIMIT = 2 ** 63;

export function kindOf(value: unknown): ValueKind {
  const type = typeof value;
  if (type === 'string' || type === 'boolean') return type;
  if (typeof value === 'number') {
    return Number.isInteger(value) && value >= -INTEGER_LIMIT && value < INTEGER_LIMIT ? 'integer' : 'number';
  }
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  return isJsonObject(value) ? 'object' : 'no JSON';
}

/** The text that merge keys and items of sets are compared by where a patch is created. Source: `fmt.Sprint` in Go. */
export function textOf(scalar: unknown): string {
  if (typeof scalar === 'string') return scalar;
  return scalar === null ? '<nil>' : JSON.stringify(scalar);
}
