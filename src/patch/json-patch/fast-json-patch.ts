import { applyOperation } from 'fast-json-patch/module/core.mjs';
import { compare } from 'fast-json-patch/module/duplex.mjs';
import type { EditContainer } from './edit-container.js';
import type { JsonPatchOperation } from './json-patch-operation.js';
import { formatJsonPointer } from './json-pointer.js';

/**
 * Edits through the package fast-json-patch; this file alone knows the package.
 *
 * The package changes its input, shares the patch's values with the result, leaves half a patch applied, finds inherited members and
 * refuses some legal keys. So it is given one operation at a time, on a container and with a value that belong to the patch, at a
 * place that was checked. No key may be one that `Object.prototype` has.
 */
export const editWithFastJsonPatch: EditContainer = (container, op, key, value) => {
  applyOperation(container, { op, path: formatJsonPointer(['', key]), value });
};

/** The operations that turn one object into another, or one array into another. */
export function compareContainers(original: object, modified: object): JsonPatchOperation[] {
  return compare(original, modified) as JsonPatchOperation[];
}
