import { applyOperation, compare } from 'fast-json-patch/index.mjs';
import type { ContainerEditor } from './container-editor.js';
import type { JsonPatchOperation } from './json-patch-operation.js';
import { formatJsonPointer } from './json-pointer.js';

/**
 * An editor that works through the package fast-json-patch; this file alone knows the package.
 *
 * The package changes its input, shares the patch's values with the result, leaves half a patch applied, finds inherited members and
 * refuses some legal keys. So it is given one operation at a time, on a container and with a value that belong to the patch, at a
 * place that was checked. No key may be one that `Object.prototype` has.
 */
export const fastJsonPatchEditor: ContainerEditor = {
  add(container, key, value) {
    applyOperation(container, { op: 'add', path: formatJsonPointer([key]), value });
  },
  replace(container, key, value) {
    applyOperation(container, { op: 'replace', path: formatJsonPointer([key]), value });
  },
  remove(container, key) {
    applyOperation(container, { op: 'remove', path: formatJsonPointer([key]) });
  },
};

/** The operations that turn one object into another, or one array into another. */
export function compareContainers(original: object, modified: object): JsonPatchOperation[] {
  return compare(original, modified) as JsonPatchOperation[];
}
