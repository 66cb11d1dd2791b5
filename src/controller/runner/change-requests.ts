import type { ObjectKey, Owned } from '../../core/index.js';
import type { Controller, WatchedKind } from '../controller.js';
import type { Reason } from '../reason.js';
import { keyFrom, parseRequest, QueuedRequest, type RequestTarget } from '../request.js';
import type { ToldChange } from './store-scope.js';

/**
 * What a change asks for, each once.
 *
 * @param from - The store of the change.
 * @param usual - The store of what is asked for where a function names none.
 * @param onError - Told of a function that failed: the object that it failed for asks for nothing.
 */
export function requestsOf(
  { targets }: WatchedKind,
  { before, after }: ToldChange,
  stores: { readonly from: string | undefined; readonly usual: string | undefined },
  onError: (error: unknown, object: Owned) => void,
): QueuedRequest[] {
  const requests: QueuedRequest[] = [];
  for (const object of [before, after]) {
    if (object === undefined) continue;
    try {
      for (const target of targets(object, { store: stores.from })) {
        const request = requestOf(target, stores.usual);
        if (!requests.some(({ text }) => text === request.text)) requests.push(request);
      }
    } catch (error) {
      onError(error, object);
    }
  }
  return requests;
}

/** The request for what a function names. */
export function requestOf(target: RequestTarget, usualStore: string | undefined): QueuedRequest {
  const { name, namespace, store = usualStore } = target;
  return new QueuedRequest(namespace === undefined ? { name } : { name, namespace }, store);
}

/** Whether a change says nothing new: the object was there at the start, or is told of again. */
export function isQuiet(change: ToldChange): boolean {
  return (change.type === 'add' && change.isInInitialList) || isRepeat(change);
}

/** Why a change asks for what it asks for. */
export function reasonOf({ resource }: WatchedKind, change: ToldChange, store: string | undefined): Reason {
  const object = change.after ?? change.before;
  const key: ObjectKey = keyFrom(object);
  const type = isRepeat(change) ? 'resync' : change.type;
  return { type, kind: resource.kind, key, revision: revisionOf(object), store };
}

/** The flows of the requests of a controller, by their texts; undefined where there is one. */
export function flowOf({ stores, options }: Controller): ((text: string) => string) | undefined {
  const own = options.flowOf;
  if (own !== undefined) return (text) => own(parseRequest(text));
  return stores === 'home' ? undefined : (text) => parseRequest(text).store ?? '';
}

/** After a new list, and at a resync. */
function isRepeat({ type, before, after }: ToldChange): boolean {
  return type === 'update' && revisionOf(before) === revisionOf(after);
}

function revisionOf({ metadata }: Owned): string | undefined {
  return (metadata as { readonly resourceVersion?: string }).resourceVersion;
}
