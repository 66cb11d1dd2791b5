import type { ObjectKey } from '../core/index.js';

/** An object is gone, or out of the informer's selection. */
export interface DeleteEvent<O> {
  readonly key: ObjectKey;
  /** The last state; the last known one, perhaps older, where `finalStateKnown` is false. */
  readonly last?: O | undefined;
  /** False where the deletion itself was missed, and a later list no longer had the object. */
  readonly finalStateKnown: boolean;
  /** As for {@link EventHandler}: the states after the one that was told last, without the deletion, which has `last`'s revision. */
  readonly skipped: readonly string[] | undefined;
}

/**
 * What is called for every change of a cache.
 *
 * One call at a time, in the order of the changes of each object; a returned promise is waited for. An object whose changes come faster
 * than they are handled is told of by its latest state: an object that came and went meanwhile is not told of at all, one that was
 * deleted and created again is told of as both. What a handler throws is reported, and the next change is told.
 *
 * `skipped` are the resourceVersions of the states that were passed over on the way to the one that is told, oldest first: every revision
 * that the object had between the last that the handler was told of and this one. Usually there is none. For an addition they
 * are those since the object was created, or came into the informer's selection; those of another object that had its name before never
 * count. It is undefined where they are not known: where a list showed the change, or the object was there when the handler was added;
 * and where there are more than 16.
 */
export interface EventHandler<O> {
  /** `isInInitialList`: the object was there when the informer started, or when the handler was added. */
  onAdd?(
    object: O,
    info: { readonly isInInitialList: boolean; readonly skipped: readonly string[] | undefined },
  ): void | PromiseLike<void>;
  /** Also called where nothing changed: after a new list, and at every resync. Compare the resourceVersions. */
  onUpdate?(
    before: O,
    after: O,
    info: { readonly skipped: readonly string[] | undefined },
  ): void | PromiseLike<void>;
  onDelete?(event: DeleteEvent<O>): void | PromiseLike<void>;
}

/** How a handler is added. */
export interface HandlerOptions {
  /** For logs, metrics and traces; the name of the kind unless given. */
  readonly name?: string | undefined;
  /**
   * About every this many milliseconds the handler gets an update of every cached object, unchanged; as the informer was made
   * unless given, and never for 0. Each period is up to 10 % shorter or longer by chance, so that many do not come at once.
   */
  readonly resync?: number | undefined;
}

/** A handler at an informer. */
export interface HandlerRegistration extends Disposable {
  readonly name: string;
  /** True once the handler was removed, or its informer stopped: no call begins any more. */
  readonly isRemoved: boolean;
  /** How many objects wait to be told of. */
  readonly pending: number;
  /** For how many milliseconds the oldest change has waited that the handler is not done with; 0 where there is none. */
  readonly lag: number;
  /** Resolves once the handler was called for every object of the initial list; rejects where it is removed before. */
  synced(): Promise<void>;
  /** Resolves once the handler was called for everything that happened before. Not to be awaited by the handler itself. */
  delivered(): Promise<void>;
  /** Resolves once nothing waits and no call runs. Not to be awaited by the handler itself. */
  idle(): Promise<void>;
  /** From now on no call begins; one that runs may finish. */
  remove(): void;
}
