import { applyOperation } from 'fast-json-patch/module/core.mjs';
import { compare } from 'fast-json-patch/module/duplex.mjs';
import { define } from '../../core/index.js';
import type { JsonPatchOperation } from './json-patch-operation.js';
import { formatJsonPointer } from './json-pointer.js';

/** A writable object or array. */
export type Container = Record<string, unknown> | unknown[];

/**
 * Changes one place of one container: adds (in an array before an element), replaces, or removes.
 *
 * `key` names an array's element by its index, or with `-` the place behind the last; callers have checked that it fits.
 *
 * This is done by the package fast-json-patch, which this file alone knows. The package changes its input, shares the patch's values
 * with the result, leaves half a patch applied, finds inherited members and refuses some legal keys. So it is given one operation at a
 * time, on a container and with a value that belong to the patch, at a place that was checked; and no key that every object inherits,
 * which to it is not data.
 */
export function editContainer(
  container: Container,
  op: 'add' | 'replace' | 'remove',
  key: string,
  value: unknown,
): void {
  if (Array.isArray(container) || !(key in Object.prototype)) {
    applyOperation(container, { op, path: formatJsonPointer(['', key]), value });
  } else if (op === 'remove') {
    Reflect.deleteProperty(container, key);
  } else {
    define(container, key, value);
  }
}

/** The operations that turn one object into another, or one array into another. */
export function compareContainers(original: object, modified: object): JsonPatchOperation[] {
  return compare(original, modified) as JsonPatchOperation[];
}
