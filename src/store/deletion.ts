import type { DeleteOptions, PropagationPolicy } from '../client/index.js';
import { ApiError, formatTime, parseTime, preview } from '../core/index.js';
import type { AnyResource } from '../resources/index.js';
import type { StoredObject, UnsealedObject } from './stored-object.js';
import { valueAt } from './value-at.js';
import { failedPrecondition } from './write-errors.js';

/** Keeps an object that is to go until its dependents no longer name it. */
export const ORPHAN = 'orphan';
/** Keeps an object that is to go until the dependents that block it are gone. */
export const FOREGROUND = 'foregroundDeletion';

const FINALIZER_OF: { readonly [P in PropagationPolicy]: string | undefined } = {
  Background: undefined,
  Foreground: FOREGROUND,
  Orphan: ORPHAN,
};

/** @throws ApiError BadRequest for options that are none. */
export function checkDeleteOptions(options: DeleteOptions): void {
  const { propagationPolicy: policy, gracePeriodSeconds: grace } = options;
  if (policy !== undefined && !Object.hasOwn(FINALIZER_OF, policy)) {
    const message = `expected 'Background', 'Foreground' or 'Orphan', got ${preview(policy)}`;
    throw ApiError.badRequest(message, 'propagationPolicy');
  }
  if (grace !== undefined && !Number.isSafeInteger(grace)) {
    throw ApiError.badRequest(`expected a whole number, got ${preview(grace)}`, 'gracePeriodSeconds');
  }
}

/** @throws ApiError Conflict where a precondition of a deletion does not hold. */
export function checkPreconditions(
  resource: AnyResource,
  object: StoredObject,
  { preconditions }: DeleteOptions,
): void {
  const { name, uid, resourceVersion } = object.metadata;
  if (preconditions?.uid !== undefined && preconditions.uid !== uid) {
    throw failedPrecondition(resource, name, 'UID', preconditions.uid, uid);
  }
  const seen = preconditions?.resourceVersion;
  if (seen !== undefined && seen !== resourceVersion) {
    throw failedPrecondition(resource, name, 'ResourceVersion', seen, resourceVersion);
  }
}

/** How a deletion that was asked for goes about. */
export interface Deletion {
  /** How many seconds the object is given to wind itself up. */
  readonly grace: number;
  /** What else keeps it; undefined for nothing. */
  readonly finalizers: readonly string[] | undefined;
}

/**
 * What a first deletion of an object amounts to.
 *
 * The propagation policy becomes a finalizer; without one, a finalizer of that kind that is there already decides. Pods alone get time:
 * as long as the request says or else `spec.terminationGracePeriodSeconds`, and none where no node runs them (any more).
 *
 * Source: `deletionFinalizersForGarbageCollection` in k8s.io/apiserver; `podStrategy.CheckGracefulDelete` in Kubernetes.
 */
export function deletionOf(resource: AnyResource, object: StoredObject, options: DeleteOptions): Deletion {
  const { finalizers } = object.metadata;
  const { propagationPolicy } = options;
  const grace = graceOf(resource, object, options);
  if (propagationPolicy === undefined) return { grace, finalizers };
  const wanted = FINALIZER_OF[propagationPolicy];
  const others = (finalizers ?? []).filter((item) => item !== ORPHAN && item !== FOREGROUND);
  const all = wanted === undefined ? others : [...others, wanted];
  return { grace, finalizers: all.length === 0 ? undefined : Object.freeze(all) };
}

function graceOf(resource: AnyResource, object: StoredObject, { gracePeriodSeconds }: DeleteOptions): number {
  if (resource.group !== '' || resource.kind !== 'Pod') return 0;
  const node = valueAt(object, 'spec.nodeName');
  const phase = valueAt(object, 'status.phase');
  if (node === undefined || node === '' || phase === 'Succeeded' || phase === 'Failed') return 0;
  const own = valueAt(object, 'spec.terminationGracePeriodSeconds');
  const grace = gracePeriodSeconds ?? (typeof own === 'number' ? own : DEFAULT_POD_GRACE);
  return grace < 0 ? 1 : grace;
}

/** What Kubernetes fills in for a Pod that does not say. */
const DEFAULT_POD_GRACE = 30;

/** The object with the mark of a deletion that is held up; it counts as a generation. `now` is in milliseconds. */
export function markDeleted(
  current: StoredObject,
  { grace, finalizers }: Deletion,
  now: number,
): UnsealedObject {
  const { generation, finalizers: _, ...metadata } = current.metadata;
  return {
    ...current,
    metadata: {
      ...metadata,
      ...(finalizers === undefined ? undefined : { finalizers }),
      ...(generation === undefined ? undefined : { generation: generation + 1 }),
      deletionTimestamp: formatTime(now + grace * 1_000),
      deletionGracePeriodSeconds: grace,
    },
  };
}

/**
 * The object with less time to wind itself up; undefined where the request asks for no less than it has.
 *
 * The time left never grows, and is never over before now.
 *
 * Source: `rest.BeforeDelete` in k8s.io/apiserver.
 */
export function shortenGrace(
  current: StoredObject,
  { gracePeriodSeconds: wanted }: DeleteOptions,
  now: number,
): UnsealedObject | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds: grace = 0 } = current.metadata;
  if (wanted === undefined || deletionTimestamp === undefined) return undefined;
  const shorter = wanted < 0 ? 1 : wanted;
  if (shorter >= grace) return undefined;
  const asked = (parseTime(deletionTimestamp) ?? now) - grace * 1_000;
  return {
    ...current,
    metadata: {
      ...current.metadata,
      deletionTimestamp: formatTime(Math.max(asked + shorter * 1_000, now)),
      deletionGracePeriodSeconds: shorter,
    },
  };
}

/** Whether what an object itself says keeps it, once its deletion was asked for. */
export function holdsItself({ metadata }: StoredObject | UnsealedObject): boolean {
  return metadata.finalizers !== undefined || (metadata.deletionGracePeriodSeconds ?? 0) > 0;
}
