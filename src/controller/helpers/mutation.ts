import { type Draft, edit, jsonEqual, type NewMeta, type ObjectKey, preview } from '../../core/index.js';
import type { AnyResource, New, ObjectOf } from '../../resources/index.js';

/**
 * What a {@link Mutation} changes: the object as it is, or, where it is still to be created, its key alone.
 *
 * So every field beside `metadata` may be absent. The status is not part of it: it is written through its subresource.
 */
export type MutationDraft<R extends AnyResource> = Draft<Partial<Omit<New<R>, 'metadata'>>> & {
  metadata: Draft<NewMeta & { readonly name: string }>;
};

/**
 * Makes an object what it should be, by changing a draft of it.
 *
 * Pure, for it may be called again on a newer object. Change the fields that matter and leave the others alone: what is assigned as a
 * whole loses what the server and others filled in.
 */
export type Mutation<R extends AnyResource> = (draft: MutationDraft<R>) => void;

/** What came of a mutation. */
export interface MutationResult<O> {
  /** The object as it is now. */
  readonly object: O;
  /** `none` where nothing was stored: the object was as wanted, or the server's defaults made it so. */
  readonly operation: 'none' | 'created' | 'updated';
}

/** The object of a key as a mutation wants it created. @throws TypeError where the mutation changes the key. */
export function mutateNew<R extends AnyResource>(resource: R, key: ObjectKey, mutate: Mutation<R>): New<R> {
  const { name, namespace } = key;
  const empty = { metadata: namespace === undefined ? { name } : { name, namespace } };
  return mutated(resource, empty, mutate as (draft: object) => void) as New<R>;
}

/**
 * The object as a mutation wants it; the object itself where it is as wanted.
 *
 * @throws TypeError where the mutation changes name or namespace, or a status that has a subresource.
 */
export function mutateStored<R extends AnyResource>(
  resource: R,
  object: ObjectOf<R>,
  mutate: Mutation<R>,
): ObjectOf<R> {
  return mutated(resource, object, mutate as (draft: object) => void) as ObjectOf<R>;
}

/** The parts of an object that a mutation must leave as they are. */
interface Fixed {
  readonly metadata?: { readonly name?: unknown; readonly namespace?: unknown } | undefined;
  readonly status?: unknown;
}

function mutated(resource: AnyResource, object: object, mutate: (draft: object) => void): object {
  const next = edit(object, mutate);
  const before: Fixed = object;
  const after: Fixed = next;
  for (const field of ['name', 'namespace'] as const) {
    const [old, now] = [before.metadata?.[field], after.metadata?.[field]];
    if (old === now) continue;
    throw new TypeError(
      `mutation of ${resource.kind}: metadata.${field}: expected it unchanged, ${preview(old)}, got ${preview(now)}`,
    );
  }
  if (resource.hasStatus && !jsonEqual(before.status, after.status)) {
    throw new TypeError(
      `mutation of ${resource.kind}: status: expected it unchanged, for it has a subresource of its own`,
    );
  }
  return next;
}
