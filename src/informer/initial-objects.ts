import type { WatchEvent } from '../client/index.js';
import { type ApiObject, formatKey } from '../core/index.js';

/** The objects that a watch begins with, in the making: its events up to the bookmark that ends the initial ones. */
export class InitialObjects<O extends ApiObject> {
  readonly #objects = new Map<string, O>();

  /** The objects so far, in no order. */
  get objects(): O[] {
    return [...this.#objects.values()];
  }

  /** Takes an event in. Initial events are in no order of revisions, and changes may be told between them. */
  apply({ type, object }: Exclude<WatchEvent<O>, { readonly type: 'BOOKMARK' }>): void {
    const key = formatKey(object.metadata);
    if (type === 'DELETED') this.#objects.delete(key);
    else this.#objects.set(key, object);
  }
}
