import type { ObjectKey, ObjectMeta } from '../../core/index.js';

/** What a write may answer with: a stored object, the answer to a deletion, or something that has less. */
export interface Answer {
  readonly metadata?: Partial<ObjectMeta>;
  readonly object?: { readonly metadata?: Partial<ObjectMeta> };
  readonly resourceVersion?: string;
}

/** The revision that a write made; undefined where it took the object away, and the answer has the revision before. */
export function revisionLeftBy(metadata: Partial<ObjectMeta> | undefined): string | undefined {
  const { resourceVersion, deletionTimestamp, finalizers = [] } = metadata ?? {};
  return deletionTimestamp !== undefined && finalizers.length === 0 ? undefined : resourceVersion;
}

/** The key of an object that a write answered with; undefined where it has none. */
export function keyOfMeta(metadata: Partial<ObjectMeta> | undefined): ObjectKey | undefined {
  if (metadata?.name === undefined) return undefined;
  const { name, namespace } = metadata;
  return namespace === undefined ? { name } : { name, namespace };
}
