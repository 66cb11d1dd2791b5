import { ApiError, isPlain, type ObjectKey, preview, validateName } from '../core/index.js';
import type { AnyResource } from '../resources/index.js';
import type { Client, SelectOptions } from './client.js';
import { intercept } from './intercept.js';

/**
 * A client of one namespace: objects, keys and selections of namespaced kinds that name none are of this one.
 *
 * Cluster kinds are reached as before. Another namespace is refused with BadRequest on `metadata.namespace`.
 *
 * @throws TypeError unless `namespace` is the name of a namespace.
 *
 * @example
 * ```ts
 * const client = namespaced(store.client(), 'default');
 * await client.get(Website, { name: 'a' });
 * ```
 */
export function namespaced(client: Client, namespace: string): Client {
  if (typeof namespace !== 'string' || validateName('dns1123label', namespace).length > 0) {
    throw new TypeError(`namespaced: expected the name of a namespace, got ${preview(namespace)}`);
  }
  /** The part of a request with its namespace; the part itself where that is there, or where this is no part of a request. */
  const within = <T>(resource: AnyResource, part: T): T => {
    if (resource.scope === 'Cluster' || !isRecord(part)) return part;
    const given = part['namespace'];
    if (given === namespace) return part;
    if (given !== undefined && given !== null && given !== '') {
      throw ApiError.badRequest(
        `expected the client's own namespace ${JSON.stringify(namespace)}, got ${preview(given)}`,
        'metadata.namespace',
      );
    }
    return { ...part, namespace };
  };
  const object = <T>(resource: AnyResource, given: T): T => {
    if (!isRecord(given)) return given;
    const metadata = within(resource, given['metadata']);
    return metadata === given['metadata'] ? given : { ...given, metadata };
  };
  const key = (resource: AnyResource, given: ObjectKey): ObjectKey => within(resource, given);
  const selection = <T extends SelectOptions>(
    resource: AnyResource,
    given: T | undefined,
  ): T | SelectOptions => within<T | SelectOptions>(resource, given ?? {});
  return intercept(client, {
    create: (next, resource, given, options) => next(resource, object(resource, given), options),
    update: (next, resource, given, options) => next(resource, object(resource, given), options),
    apply: (next, resource, given, options) => next(resource, object(resource, given), options),
    get: (next, resource, given, options) => next(resource, key(resource, given), options),
    patch: (next, resource, given, patch, options) => next(resource, key(resource, given), patch, options),
    delete: (next, resource, given, options) => next(resource, key(resource, given), options),
    subresource: (next, resource, given, ...rest) => next(resource, key(resource, given), ...rest),
    list: (next, resource, options) => next(resource, selection(resource, options)),
    listAll: (next, resource, options) => next(resource, selection(resource, options)),
    deleteCollection: (next, resource, given, options) => next(resource, selection(resource, given), options),
    watch: (next, resource, options) => next(resource, selection(resource, options)),
  });
}

/** Whether a value has fields that could be looked at; what has none is left to the client to refuse. */
function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && isPlain(value);
}
