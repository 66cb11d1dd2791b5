import type { ApiObject } from '../../core/index.js';

/** What happened to an object that a controller watches: `before` it happened and `after`. */
export type ObjectChange<O> =
  | {
      readonly type: 'add';
      readonly before?: undefined;
      readonly after: O;
      /** The object was there when the controller began. */
      readonly isInInitialList: boolean;
    }
  | { readonly type: 'update'; readonly before: O; readonly after: O }
  | {
      readonly type: 'delete';
      /** The last state; the last known one, perhaps older, where `finalStateKnown` is false. */
      readonly before: O;
      readonly after?: undefined;
      /** False where the deletion itself was missed. */
      readonly finalStateKnown: boolean;
    };

/**
 * Whether a change of an object is worth a reconcile.
 *
 * Must be pure, and answer at once. It sees the object before and after: an object that leaves a selection is news too. Changes that
 * come faster than they are told are told as one.
 */
export type Predicate<O = ApiObject> = (change: ObjectChange<O>) => boolean;
