import type { ObjectMeta } from '../../core/index.js';
import { compareRevisions } from '../../informer/index.js';
import { type Finding, LOOP_WINDOW, QUIET, WriteSeries } from './write-series.js';

/** A state of an object, as a server gives it: frozen, shared and never copied. */
type State = { readonly metadata?: Partial<ObjectMeta> };

/** The latest writes of all controllers to one object. */
export class WrittenObject {
  readonly key: string;
  // by controller
  readonly #series = new Map<string, WriteSeries>();
  // the newest state that any write answered with, and when the last one did
  #last: State | undefined;
  #at = Number.NEGATIVE_INFINITY;

  constructor(key: string) {
    this.key = key;
  }

  /**
   * Takes note of a write, and answers with what the last writes of that controller show, where these are a loop.
   *
   * What the other controllers wrote since the cache saw the object is not taken for the work of this one.
   *
   * @param at - In milliseconds; it never goes back.
   */
  observe(controller: string, cached: State | undefined, after: State, at: number): Finding | undefined {
    // what was written too long ago is no part of a series
    const isRecent = at - this.#at <= LOOP_WINDOW && sameObject(this.#last, after);
    const last = isRecent ? this.#last : undefined;
    if (last === undefined) for (const series of this.#series.values()) series.clear();
    this.#last = last === undefined || isOlder(last, after) ? after : last;
    this.#at = at;
    const before = newer(stateBefore(cached, after), stateBefore(last, after));
    if (before === undefined || revisionOf(before) === revisionOf(after)) return undefined;
    let series = this.#series.get(controller);
    if (series === undefined) {
      series = new WriteSeries();
      this.#series.set(controller, series);
    }
    return series.add({ at, before, after });
  }

  /** Whether nothing that happens from now on depends on what is remembered here. */
  isOver(at: number): boolean {
    const hasTold = [...this.#series.values()].some((series) => series.hasTold);
    return at - this.#at > (hasTold ? QUIET : LOOP_WINDOW);
  }
}

/** Whether two states are of one object: one that was deleted and created again is another. */
function sameObject(state: State | undefined, other: State): boolean {
  return state?.metadata?.uid === other.metadata?.uid;
}

/** A state, if it is one of the object that a write answered with, and not newer than that. */
function stateBefore(state: State | undefined, after: State): State | undefined {
  return state !== undefined && sameObject(state, after) && !isOlder(after, state) ? state : undefined;
}

/** The newer one of two states of an object. */
function newer(a: State | undefined, b: State | undefined): State | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return isOlder(a, b) ? b : a;
}

function isOlder(a: State, b: State): boolean {
  return compareRevisions(revisionOf(a), revisionOf(b)) < 0;
}

function revisionOf(state: State): string {
  return state.metadata?.resourceVersion ?? '';
}
