import type { ApiObject } from '../../core/index.js';
import type { Cluster } from '../cluster/index.js';
import { GroupSearch, type GroupWish } from './group-search.js';

/** So often the search for a group is begun anew as something has changed; then it is left to the decision. */
const MOST_BEGUN = 4;

/** A search that was begun, and what it was for. */
interface Begun<W extends ApiObject, H extends ApiObject> extends GroupWish<W, H> {
  readonly search: GroupSearch<W, H>;
  /** How often there was a search for this group without a decision about it. */
  readonly times: number;
  /** Of the cluster, and how far decisions had come, after the last piece: it is good as long as they stay like that. */
  version: number;
  sequence: number;
}

/**
 * The search for the group that is decided about next, done in pieces before that: as long as nothing changes, the decision goes on where
 * it has come to, and is what it would have been without.
 */
export class GroupAhead<W extends ApiObject, H extends ApiObject> {
  readonly #cluster: Cluster<W, H>;
  #begun: Begun<W, H> | undefined;

  constructor(cluster: Cluster<W, H>) {
    this.#cluster = cluster;
  }

  /**
   * Does of the search for a group what there is time for, and answers whether nothing of it is left that could be done before the decision.
   *
   * @param isTime - Asked before each piece whether to stop before it.
   */
  prepare(wish: GroupWish<W, H>, isTime: () => boolean): boolean {
    const begun = this.#isGood(wish) ? this.#begun : this.#begin(wish);
    if (begun === undefined) return true;
    try {
      const isDone = begun.search.goOn(isTime);
      begun.version = this.#cluster.version;
      begun.sequence = wish.profile.sequence;
      return isDone;
    } catch {
      // the decision asks the plugin again: what it throws then ends the attempt
      this.#begun = undefined;
      return true;
    }
  }

  /** The search for a group, as far as it has come. */
  take(wish: GroupWish<W, H>): GroupSearch<W, H> {
    const search = this.#isGood(wish) ? this.#begun?.search : undefined;
    this.#begun = undefined;
    return search ?? new GroupSearch(this.#cluster, wish);
  }

  #begin(wish: GroupWish<W, H>): Begun<W, H> | undefined {
    const before = this.#begun;
    const isAgain = before !== undefined && before.members[0] === wish.members[0];
    const times = isAgain ? before.times + 1 : 1;
    if (times > MOST_BEGUN) return undefined;
    const search = new GroupSearch(this.#cluster, wish);
    this.#begun = { ...wish, search, times, version: this.#cluster.version, sequence: wish.profile.sequence };
    return this.#begun;
  }

  /** Whether what was begun is for the same, and nothing has changed since. */
  #isGood({ profile, members, options }: GroupWish<W, H>): boolean {
    const begun = this.#begun;
    return (
      begun !== undefined &&
      begun.version === this.#cluster.version &&
      begun.profile === profile &&
      begun.sequence === profile.sequence &&
      begun.members.length === members.length &&
      begun.members.every((member, at) => member === members[at]) &&
      begun.options.minCount === options.minCount &&
      begun.options.topologyKey === options.topologyKey &&
      begun.options.domain === options.domain &&
      begun.options.makeRoom === options.makeRoom &&
      isSameSet(begun.options.placed, options.placed)
    );
  }
}

function isSameSet(a: ReadonlySet<string> | undefined, b: ReadonlySet<string> | undefined): boolean {
  return (a?.size ?? 0) === (b?.size ?? 0) && [...(a ?? [])].every((key) => b?.has(key) === true);
}
