import type { Client, WriteOptions } from './client.js';
import { intercept } from './intercept.js';

/** A client whose every write goes out with other options; `change` makes them from those of the caller. */
export function onWrites(
  client: Client,
  change: <O extends WriteOptions>(options: O | undefined) => O | WriteOptions,
): Client {
  return intercept(client, {
    create: (next, resource, object, options) => next(resource, object, change(options)),
    update: (next, resource, object, options) => next(resource, object, change(options)),
    patch: (next, resource, key, patch, options) => next(resource, key, patch, change(options)),
    apply: (next, resource, object, options) => next(resource, object, change(options)),
    delete: (next, resource, key, options) => next(resource, key, change(options)),
    deleteCollection: (next, resource, selection, options) => next(resource, selection, change(options)),
    subresource: (next, resource, key, name, body, options) =>
      next(resource, key, name, body, change(options)),
  });
}
