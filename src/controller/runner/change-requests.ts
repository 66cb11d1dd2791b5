import { type ObjectKey, type Owned, preview } from '../../core/index.js';
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
  const add = (object: Owned): void => {
    const known = requests.length;
    try {
      for (const target of targets(object, { store: stores.from })) {
        checkTarget(target);
        // most changes leave what they ask for as it was
        if (!isAsked(requests, target, stores.usual)) requests.push(requestFor(target, stores.usual));
      }
    } catch (error) {
      // what fails half way asks for nothing
      requests.length = known;
      onError(error, object);
    }
  };
  if (before !== undefined) add(before);
  if (after !== undefined) add(after);
  return requests;
}

/** The request for what a function names. @throws TypeError for what is no key. */
export function requestOf(target: RequestTarget, usualStore: string | undefined): QueuedRequest {
  checkTarget(target);
  return requestFor(target, usualStore);
}

function requestFor(target: RequestTarget, usualStore: string | undefined): QueuedRequest {
  const { name, namespace, store = usualStore } = target;
  return new QueuedRequest(
    namespace === undefined || namespace === '' ? { name } : { name, namespace },
    store,
  );
}

/** Whether a change says nothing new: the object was there at the start, or is told of again. */
export function isQuiet(change: ToldChange): boolean {
  return (change.type === 'add' && change.isInInitialList) || isRepeat(change);
}

/** Why a change asks for what it asks for. */
export function reasonOf(
  { resource }: WatchedKind,
  change: ToldChange,
  store: string | undefined,
): Reason & { readonly key: ObjectKey } {
  const object = change.after ?? change.before;
  const key: ObjectKey = keyFrom(object);
  const type = isRepeat(change) ? 'resync' : change.type;
  return { type, kind: resource.kind, key, revision: revisionOf(object), store };
}

/**
 * The flows of the requests of a controller, by their texts; undefined where there is one.
 *
 * @param onError - Told of a function that failed: the request goes into a flow with all others that it failed for.
 */
export function flowOf(
  { stores, options }: Controller,
  onError: (error: unknown) => void,
): ((text: string) => string) | undefined {
  const own = options.flowOf;
  if (own !== undefined) {
    return (text) => {
      try {
        const flow: unknown = own(parseRequest(text));
        if (typeof flow === 'string') return flow;
        throw new TypeError(`flowOf: expected a text for ${preview(text)}, got ${preview(flow)}`);
      } catch (error) {
        onError(error);
        return '';
      }
    };
  }
  return stores === 'home' ? undefined : (text) => parseRequest(text).store ?? '';
}

/** Whether one of these requests is for what a function names. */
function isAsked(
  requests: readonly QueuedRequest[],
  { name, namespace = '', store }: RequestTarget,
  usualStore: string | undefined,
): boolean {
  for (const request of requests) {
    const { key } = request;
    if (key.name !== name || (key.namespace ?? '') !== namespace) continue;
    if (request.store === (store ?? usualStore)) return true;
  }
  return false;
}

/** What a function in plain JavaScript names may be anything; a slash would make one key look like another. */
function checkTarget(target: unknown): asserts target is RequestTarget {
  const { name, namespace, store } = (target ?? {}) as Readonly<Record<string, unknown>>;
  if (name !== '' && isPart(name) && isPartOrNone(namespace) && isPartOrNone(store)) return;
  throw new TypeError(
    `expected keys such as { namespace: 'default', name: 'a' }, got ${preview(target)} with name ${preview(name)} and namespace ${preview(namespace)}`,
  );
}

function isPartOrNone(part: unknown): boolean {
  return part === undefined || isPart(part);
}

function isPart(part: unknown): boolean {
  return typeof part === 'string' && !part.includes('/');
}

/** After a new list, and at a resync. */
function isRepeat({ type, before, after }: ToldChange): boolean {
  return type === 'update' && revisionOf(before) === revisionOf(after);
}

function revisionOf({ metadata }: Owned): string | undefined {
  return (metadata as { readonly resourceVersion?: string }).resourceVersion;
}
