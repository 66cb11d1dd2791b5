import { define } from '../../core/index.js';

/** A writable object or array. */
export type Container = Record<string, unknown> | unknown[];

/**
 * Changes one place of one container: adds (in an array before an element), replaces, or removes.
 *
 * `key` names an array's element by its index; callers have checked that it fits.
 */
export type EditContainer = (
  container: Container,
  op: 'add' | 'replace' | 'remove',
  key: string,
  value?: unknown,
) => void;

/** Edits with every key as data, those that `Object.prototype` has included. */
export const editContainer: EditContainer = (container, op, key, value) => {
  if (Array.isArray(container)) {
    const added = op === 'remove' ? [] : [value];
    container.splice(Number(key), op === 'add' ? 0 : 1, ...added);
  } else if (op === 'remove') {
    Reflect.deleteProperty(container, key);
  } else {
    define(container, key, value);
  }
};
