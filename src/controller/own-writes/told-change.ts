import type { Owned } from '../../core/index.js';

/** A change that a handler of an informer is told of. */
export interface ToldChange {
  readonly type: 'add' | 'update' | 'delete';
  readonly before?: Owned | undefined;
  /** For a deletion, the last state may stand here or in `before`. */
  readonly after?: Owned | undefined;
  /** The revisions that the object had in between, oldest first; undefined where they are not known. */
  readonly skipped: readonly string[] | undefined;
}

/** The newest state that a change tells of. */
export function lastOf({ before, after }: ToldChange): Owned | undefined {
  return after ?? before;
}

/** The state that a change begins with; undefined where it does not say. */
export function firstOf({ type, before }: ToldChange): Owned | undefined {
  return type === 'delete' ? undefined : before;
}

/** The revision of a state; undefined where it has none. */
export function revisionOf(object: Owned | undefined): string | undefined {
  return (object?.metadata as { readonly resourceVersion?: string } | undefined)?.resourceVersion;
}

/** Whether a change may be all somebody's own doing: every state is known, and it is no repetition of the same. */
export function mayBeEcho(change: ToldChange): boolean {
  const last = revisionOf(lastOf(change));
  return change.skipped !== undefined && last !== undefined && last !== revisionOf(firstOf(change));
}
