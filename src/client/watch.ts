/** One thing that a watch tells. */
export type WatchEvent<O> =
  /** `DELETED` carries the last state, with the revision of the deletion as its resourceVersion. */
  | {
      readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
      readonly object: O;
      /** Further events of the same commit, and so of the same revision, follow: to resume from this revision would miss them. */
      readonly more?: true;
    }
  /** Everything up to this revision has been told. */
  | { readonly type: 'BOOKMARK'; readonly object: { readonly metadata: BookmarkMeta } };

/** What a bookmark carries. */
export interface BookmarkMeta {
  readonly resourceVersion: string;
  /** On the one bookmark that ends the initial events of a watch that asked for them with `sendInitialEvents`. */
  readonly annotations?: { readonly 'k8s.io/initial-events-end': 'true' };
}

/**
 * A running watch: the events of a selection of objects, in the order of their revisions.
 *
 * With a selector, an object that enters the selection is ADDED and one that leaves it is DELETED. Ends when its signal aborts, when
 * it is stopped, or when a `for await` over it is left; then `next()` answers `done`. A failure is thrown from `next()` as an
 * `ApiError`, after everything that was told before it.
 */
export interface Watch<O> extends AsyncIterableIterator<WatchEvent<O>>, AsyncDisposable {
  next(): Promise<IteratorResult<WatchEvent<O>, undefined>>;
  return(): Promise<IteratorResult<WatchEvent<O>, undefined>>;
  [Symbol.asyncIterator](): Watch<O>;
  /** Ends the watch; what was not read yet is dropped. */
  stop(): void;
}
