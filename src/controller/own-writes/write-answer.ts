import type { DeleteResult, ObjectList } from '../../client/index.js';
import type { ApiObject, ObjectMeta } from '../../core/index.js';
import type { OwnWriteIntent } from './own-write-intent.js';

/** What the answer to a write says of the object. */
export interface WriteAnswer {
  /** The revision of what the write did; undefined where the answer has none. */
  readonly revision: string | undefined;
  /** The object, in the form of its kind; undefined where the answer is something else. */
  readonly object: ApiObject | undefined;
  /** Whether the object is gone; then `object` is its last state. */
  readonly isGone: boolean;
  /** Whether it says that nothing was written. */
  readonly isEmpty: boolean;
}

/** What a server may answer with. */
type Answer =
  | (Partial<ApiObject> & Partial<DeleteResult<ApiObject>> & Partial<ObjectList<unknown>>)
  | undefined
  | null;

/** Reads the answer to a write: whatever it is, as servers answer some with a status, or with nothing. */
export function readAnswer({ verb, resource }: OwnWriteIntent, got: unknown): WriteAnswer {
  const answer: Answer = typeof got === 'object' ? got : undefined;
  if (verb === 'deleteCollection')
    return { revision: undefined, object: undefined, isGone: false, isEmpty: answer?.items?.length === 0 };
  if (verb === 'delete') {
    const { object, resourceVersion, deleted = true } = answer ?? {};
    return { revision: resourceVersion, object, isGone: deleted, isEmpty: false };
  }
  const isObject = answer?.kind === resource.kind && answer.apiVersion === resource.apiVersion;
  const object = isObject && answer.metadata !== undefined ? (answer as ApiObject) : undefined;
  // the write that takes off the last finalizer answers with the state before the deletion, and its revision
  const isGone = object !== undefined && isLeaving(object.metadata);
  const revision = isGone ? undefined : answer?.metadata?.resourceVersion;
  return { revision: revision === '' ? undefined : revision, object, isGone, isEmpty: false };
}

/** Whether nothing keeps an object whose deletion was asked for. */
function isLeaving({
  deletionTimestamp,
  deletionGracePeriodSeconds = 0,
  finalizers = [],
}: ObjectMeta): boolean {
  return deletionTimestamp !== undefined && deletionGracePeriodSeconds === 0 && finalizers.length === 0;
}
