import type { ApiObject, ObjectKey } from '../../core/index.js';
import { compareRevisions } from '../../informer/index.js';
import { Overlay } from './overlay.js';
import type { OwnWrite } from './own-write.js';
import { Telling } from './telling.js';
import type { WatchedInformer } from './watched-informer.js';
import type { WriteAnswer } from './write-answer.js';

/** What an informer sees of a write. */
export interface Sight {
  readonly follower: Follower;
  /** The object as the controller saw it when the write was sent. */
  readonly before: ApiObject | undefined;
  /** Whether it sees the change; undefined where that cannot be told. */
  readonly sees: boolean | undefined;
}

/** Follows writes through one informer: first its cache shows them, then its handlers were told of them. */
export class Follower {
  readonly overlay: Overlay;
  readonly #watched: WatchedInformer;
  readonly #telling: Telling;
  readonly #onShown: (write: OwnWrite) => void;
  // those that the cache is to show
  readonly #unshown = new Set<OwnWrite>();

  /**
   * @param onShown - Told when the cache shows a write.
   * @param onTold - Told when every handler was told of a write.
   */
  constructor(
    watched: WatchedInformer,
    onShown: (write: OwnWrite) => void,
    onTold: (write: OwnWrite) => void,
  ) {
    const { informer } = watched;
    this.overlay = new Overlay(watched);
    this.#watched = watched;
    this.#onShown = onShown;
    this.#telling = new Telling((revision) => informer.caughtUpTo(revision), onTold);
  }

  /** The object of a key as the controller sees it. */
  seen(key: ObjectKey | undefined): ApiObject | undefined {
    return key === undefined ? undefined : this.overlay.get(key);
  }

  /**
   * What the informer sees of a write: the object was seen as `before`, and now it is `object`.
   *
   * @param hasOthers - Other writes to the object are not told yet: the informer may come to see what they left.
   */
  sight(before: ApiObject | undefined, object: ApiObject | undefined, hasOthers: boolean): Sight {
    // what it has, it follows wherever it goes
    if (before !== undefined || hasOthers) return { follower: this, before, sees: true };
    return { follower: this, before, sees: object === undefined ? undefined : this.#watched.covers(object) };
  }

  /** Follows a write until the cache shows a revision, and then until it is told; false where the cache shows it already. */
  show(write: OwnWrite, revision: string): boolean {
    const { informer } = this.#watched;
    if (informer.resourceVersion !== undefined && compareRevisions(informer.resourceVersion, revision) >= 0) {
      this.#shown(write);
      return false;
    }
    this.#unshown.add(write);
    const shown = (): void => {
      if (this.#unshown.delete(write)) this.#shown(write);
    };
    // an informer that has stopped shows nothing any more, and the write is done all the same
    informer.reached(revision).then(shown, shown);
    return true;
  }

  /**
   * Lays a write over the cache; false where it cannot be said what the cache is going to have.
   *
   * @param onlyLeaving - Lays it only where the object leaves the selection: if somebody else put it out before, the informer is told
   * nothing of the write, and might be waited for in vain.
   */
  lay(write: OwnWrite, { object, isGone }: WriteAnswer, revision: string, onlyLeaving: boolean): boolean {
    if (object === undefined || object.apiVersion !== this.#watched.resource.apiVersion) return false;
    const covers = this.#watched.covers(object);
    if (covers === undefined || (onlyLeaving && covers)) return false;
    if (covers && !isGone) this.overlay.show(write, object, revision);
    else this.overlay.hide(write, object, revision);
    return true;
  }

  /** Follows a write no more; answers whether the cache still needed it. */
  drop(write: OwnWrite): boolean {
    this.#unshown.delete(write);
    this.#telling.forget(write);
    return this.overlay.lift(write);
  }

  /** Follows nothing any more. */
  close(): void {
    this.#unshown.clear();
    this.#telling.clear();
    this.overlay.clear();
  }

  #shown(write: OwnWrite): void {
    this.overlay.lift(write);
    this.#onShown(write);
    if (write.makesEcho) this.#telling.follow(write);
  }
}
