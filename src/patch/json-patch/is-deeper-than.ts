import { isContainer } from '../json-object.js';

/** True where more than `limit` objects and arrays of a JSON value are nested in each other. */
export function isDeeperThan(limit: number, value: unknown): boolean {
  if (!isContainer(value)) return false;
  if (limit <= 0) return true;
  const parts: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  return parts.some((part) => isDeeperThan(limit - 1, part));
}
