import { ApiError } from '../core/index.js';
import type { Client } from './client.js';
import { failedWatch } from './failed-watch.js';
import { listAll } from './list-all.js';
import type { Watch } from './watch.js';

/** What a client does: everything but its ports and its capabilities. */
type Verb = Exclude<keyof Client, 'clock' | 'random' | 'executor' | 'capabilities'>;

/**
 * What to do in place of the verbs of a client; verbs that are absent stay as they are.
 *
 * Each gets the client's own verb as `next`, then the arguments of the call, and answers as the verb does. It may call `next` once,
 * often, with other arguments, or not at all.
 */
export type ClientHooks = {
  readonly [V in Verb]?: (next: Client[V], ...args: Parameters<Client[V]>) => ReturnType<Client[V]>;
};

/**
 * A client whose verbs are wrapped by hooks.
 *
 * `listAll` without a hook of its own goes through a hook of `list`, page by page. What a hook throws comes to the caller as from
 * any client: from the promise, or from the first `next()` of the watch.
 *
 * @example
 * ```ts
 * const counting = intercept(client, {
 *   update(next, resource, object, options) {
 *     updates += 1;
 *     return next(resource, object, options);
 *   },
 * });
 * ```
 */
export function intercept(client: Client, hooks: ClientHooks): Client {
  const verb = <V extends Verb>(name: V): Client[V] => {
    type Call = (...args: unknown[]) => unknown;
    const next = (client[name] as Call).bind(client);
    const hook = hooks[name] as Call | undefined;
    if (hook === undefined) return next as Client[V];
    const call: Call = (...args) => {
      try {
        return hook.call(hooks, next, ...args);
      } catch (error) {
        return name === 'watch' ? unbegun(error) : Promise.reject(error);
      }
    };
    return call as Client[V];
  };
  const wrapped: Client = {
    clock: client.clock,
    random: client.random,
    executor: client.executor,
    get capabilities() {
      return client.capabilities;
    },
    create: verb('create'),
    get: verb('get'),
    list: verb('list'),
    listAll:
      hooks.list === undefined || hooks.listAll !== undefined
        ? verb('listAll')
        : (resource, options) => listAll(wrapped, resource, options),
    watch: verb('watch'),
    update: verb('update'),
    patch: verb('patch'),
    apply: verb('apply'),
    delete: verb('delete'),
    deleteCollection: verb('deleteCollection'),
    subresource: verb('subresource'),
    barrier: verb('barrier'),
  };
  return Object.freeze(wrapped);
}

/** What comes of a watch whose hook threw: a mistake in the program is no failure of the watch. */
function unbegun(error: unknown): Watch<never> {
  if (error instanceof ApiError) return failedWatch(error);
  throw error;
}
