import type { Kind } from './kind.js';
import type { Slot } from './object-table.js';
import type { StoredObject } from './stored-object.js';

/** An object that names owners. */
export interface Dependent {
  readonly kind: Kind;
  readonly slot: Slot;
}

/** Which objects name which owner, by the owner's uid. */
export class OwnerIndex {
  // every object in the store is under the uid of each of its owner references; no map is empty
  readonly #byOwner = new Map<string, Map<Slot, Dependent>>();

  /** The objects that name the owner with this uid. */
  dependents(uid: string): readonly Dependent[] {
    return [...(this.#byOwner.get(uid)?.values() ?? [])];
  }

  /** Takes note of a write: `previous` or `next` is undefined where the object came or went. */
  update(kind: Kind, slot: Slot, previous: StoredObject | undefined, next: StoredObject | undefined): void {
    const before = previous?.metadata.ownerReferences;
    const after = next?.metadata.ownerReferences;
    if (before === after) return;
    for (const { uid } of before ?? []) {
      const dependents = this.#byOwner.get(uid);
      dependents?.delete(slot);
      if (dependents?.size === 0) this.#byOwner.delete(uid);
    }
    for (const { uid } of after ?? []) {
      let dependents = this.#byOwner.get(uid);
      if (dependents === undefined) {
        dependents = new Map();
        this.#byOwner.set(uid, dependents);
      }
      dependents.set(slot, { kind, slot });
    }
  }
}
