import { FieldSelector, isExpired, isNotFound, type ObjectKey } from '../core/index.js';
import type { AnyResource, ObjectOf } from '../resources/index.js';
import type { Client, SelectOptions } from './client.js';

/**
 * Waits until an object is as wanted, and answers with it.
 *
 * The predicate sees every state from now on, beginning with the present one, and `undefined` while there is no such object. No
 * polling: it follows a watch, and takes it up again where that ends.
 *
 * Rejects with the signal's reason when it aborts, with what the predicate throws, and with BadRequest for a key that the client
 * would refuse.
 *
 * @example
 * ```ts
 * await waitFor(client, Website, { name: 'a', namespace: 'default' }, (site) => site?.status?.readyReplicas === 3);
 * ```
 */
export async function waitFor<R extends AnyResource>(
  client: Client,
  resource: R,
  key: ObjectKey,
  predicate: (object: ObjectOf<R> | undefined) => boolean,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ObjectOf<R> | undefined> {
  const { signal } = options;
  signal?.throwIfAborted();
  if (resource.scope === 'Namespaced' && !key.namespace) await refuseUnlessFilledIn(client, resource, key);
  const selection = {
    namespace: key.namespace,
    fieldSelector: FieldSelector.from({ 'metadata.name': key.name }),
  };
  // what the predicate threw: to be told apart from what ends a watch
  let thrown: { readonly error: unknown } | undefined;
  const holds = (object: ObjectOf<R> | undefined): boolean => {
    try {
      return predicate(object);
    } catch (error) {
      thrown = { error };
      throw error;
    }
  };
  for (;;) {
    signal?.throwIfAborted();
    const present = await getIfThere(client, resource, selection);
    if (holds(present.object)) return present.object;
    try {
      for await (const event of client.watch(resource, {
        ...selection,
        resourceVersion: present.since,
        signal,
      })) {
        if (event.type === 'BOOKMARK') continue;
        const object = event.type === 'DELETED' ? undefined : event.object;
        if (holds(object)) return object;
      }
    } catch (error) {
      if (thrown !== undefined || !isExpired(error)) throw error;
    }
  }
}

/** A list takes no namespace for all of them; whether the client fills in its own, only a get can tell. */
async function refuseUnlessFilledIn(client: Client, resource: AnyResource, key: ObjectKey): Promise<void> {
  try {
    await client.get(resource, key);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** The object, if it is there, and the revision from which to watch it. */
async function getIfThere<R extends AnyResource>(
  client: Client,
  resource: R,
  selection: SelectOptions,
): Promise<{ object: ObjectOf<R> | undefined; since: string }> {
  const { items, resourceVersion } = await client.list(resource, selection);
  return { object: items[0], since: resourceVersion };
}
