import type { Kind } from './kind.js';
import type { Slot } from './object-table.js';
import type { StoredObject, UnsealedObject } from './stored-object.js';
import type { WriteTarget } from './write-target.js';

/** A rule of the store beside those of the kinds: asked before a write commits, told after it. */
export interface WriteRule {
  /** May complete the object. @throws ApiError where it may not be created. */
  beforeCreate?(kind: Kind, object: UnsealedObject, target: WriteTarget): void;
  /** May complete an object that is about to be marked as one to go. */
  beforeMark?(kind: Kind, object: UnsealedObject): void;
  /**
   * Decides whether an object without finalizers must stay for now, although its deletion was asked for.
   *
   * @throws ApiError where it may not be deleted at all.
   */
  holdsDeletion?(kind: Kind, slot: Slot, target: WriteTarget): boolean;
  afterWrite?(kind: Kind, previous: StoredObject | undefined, object: StoredObject): void;
  /** `slot` is where the object was. */
  afterDelete?(kind: Kind, object: StoredObject, slot: Slot): void;
}
