import type { Clock, Timer } from '../core/index.js';
import type { Change } from './change.js';
import type { Kind } from './kind.js';
import type { StoreWatch } from './store-watch.js';

/** How often watches that ask for bookmarks get one, in milliseconds. */
const BOOKMARK_PERIOD = 60_000;

/** The watches of one kind, by what they select, so that a change reaches those alone that it may concern. */
class KindWatches {
  readonly everything = new Set<StoreWatch>();
  // no set in these maps is empty
  readonly byNamespace = new Map<string, Set<StoreWatch>>();
  readonly byName = new Map<string, Set<StoreWatch>>();
}

/** Every open watch, and the way of a change to those that it concerns. */
export class WatchHub {
  readonly #clock: Clock;
  readonly #revision: () => number;
  readonly #kinds = new Map<Kind, KindWatches>();
  // the open watches that want bookmarks; #timer is armed while there are any
  readonly #bookmarked = new Set<StoreWatch>();
  #timer: Timer | undefined;

  constructor(clock: Clock, revision: () => number) {
    this.#clock = clock;
    this.#revision = revision;
  }

  add(watch: StoreWatch): void {
    let watches = this.#kinds.get(watch.kind);
    if (watches === undefined) {
      watches = new KindWatches();
      this.#kinds.set(watch.kind, watches);
    }
    const { namespace, name } = watch.selection;
    if (name !== undefined && (namespace !== undefined || !watch.kind.namespaced)) {
      put(watches.byName, `${namespace ?? ''}/${name}`, watch);
    } else if (namespace !== undefined) {
      put(watches.byNamespace, namespace, watch);
    } else {
      watches.everything.add(watch);
    }
    if (watch.bookmarks) {
      this.#bookmarked.add(watch);
      this.#arm();
    }
  }

  remove(watch: StoreWatch): void {
    this.#bookmarked.delete(watch);
    if (this.#bookmarked.size === 0) {
      this.#timer?.cancel();
      this.#timer = undefined;
    }
    const watches = this.#kinds.get(watch.kind);
    if (watches === undefined) return;
    const { namespace, name } = watch.selection;
    watches.everything.delete(watch);
    if (namespace !== undefined) drop(watches.byNamespace, namespace, watch);
    if (name !== undefined) drop(watches.byName, `${namespace ?? ''}/${name}`, watch);
    if (watches.everything.size + watches.byNamespace.size + watches.byName.size === 0)
      this.#kinds.delete(watch.kind);
  }

  /** Offers a change to the watches that it may concern; called inside the commit. */
  publish(change: Change): void {
    const watches = this.#kinds.get(change.kind);
    if (watches === undefined) return;
    for (const watch of watches.everything) watch.offer(change);
    if (watches.byNamespace.size > 0) {
      for (const watch of watches.byNamespace.get(change.namespace) ?? []) watch.offer(change);
    }
    if (watches.byName.size > 0) {
      for (const watch of watches.byName.get(`${change.namespace}/${change.name}`) ?? []) watch.offer(change);
    }
  }

  /** Every open watch. */
  all(): readonly StoreWatch[] {
    const result: StoreWatch[] = [];
    for (const watches of this.#kinds.values()) {
      result.push(...watches.everything);
      for (const set of watches.byNamespace.values()) result.push(...set);
      for (const set of watches.byName.values()) result.push(...set);
    }
    return result;
  }

  #arm(): void {
    this.#timer ??= this.#clock.setTimer(
      BOOKMARK_PERIOD,
      () => {
        this.#timer = undefined;
        for (const watch of this.#bookmarked) watch.offerBookmark(this.#revision());
        if (this.#bookmarked.size > 0) this.#arm();
      },
      { keepAlive: false },
    );
  }
}

function put(map: Map<string, Set<StoreWatch>>, key: string, watch: StoreWatch): void {
  const set = map.get(key);
  if (set === undefined) map.set(key, new Set([watch]));
  else set.add(watch);
}

function drop(map: Map<string, Set<StoreWatch>>, key: string, watch: StoreWatch): void {
  const set = map.get(key);
  if (set?.delete(watch) && set.size === 0) map.delete(key);
}
