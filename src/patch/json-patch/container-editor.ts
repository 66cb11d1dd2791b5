import { define } from '../../core/index.js';

/** A writable object or array. */
export type Container = Record<string, unknown> | unknown[];

/** Changes one place of one container. `key` names an array's element by its index; callers have checked that it fits. */
export interface ContainerEditor {
  /** Inserts before an element, or sets a member. */
  add(container: Container, key: string, value: unknown): void;
  /** Puts a value where another was. */
  replace(container: Container, key: string, value: unknown): void;
  /** Takes an element or a member away. */
  remove(container: Container, key: string): void;
}

/** An editor to which every key is data, those that `Object.prototype` has included. */
export const plainEditor: ContainerEditor = {
  add(container, key, value) {
    if (Array.isArray(container)) container.splice(Number(key), 0, value);
    else define(container, key, value);
  },
  replace(container, key, value) {
    if (Array.isArray(container)) container[Number(key)] = value;
    else define(container, key, value);
  },
  remove(container, key) {
    if (Array.isArray(container)) container.splice(Number(key), 1);
    else Reflect.deleteProperty(container, key);
  },
};
