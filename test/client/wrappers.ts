import type { Client } from '../../src/client/index.js';
import { intercept } from '../../src/client/index.js';

/** A client that writes down each call, as `verb` and the arguments after the resource, before it goes on. */
export function recording(client: Client): { client: Client; calls: unknown[][] } {
  const calls: unknown[][] = [];
  return {
    calls,
    client: intercept(client, {
      create: (next, resource, ...rest) => (calls.push(['create', ...rest]), next(resource, ...rest)),
      get: (next, resource, ...rest) => (calls.push(['get', ...rest]), next(resource, ...rest)),
      list: (next, resource, ...rest) => (calls.push(['list', ...rest]), next(resource, ...rest)),
      watch: (next, resource, ...rest) => (calls.push(['watch', ...rest]), next(resource, ...rest)),
      update: (next, resource, ...rest) => (calls.push(['update', ...rest]), next(resource, ...rest)),
      patch: (next, resource, ...rest) => (calls.push(['patch', ...rest]), next(resource, ...rest)),
      apply: (next, resource, ...rest) => (calls.push(['apply', ...rest]), next(resource, ...rest)),
      delete: (next, resource, ...rest) => (calls.push(['delete', ...rest]), next(resource, ...rest)),
      deleteCollection: (next, resource, ...rest) => (
        calls.push(['deleteCollection', ...rest]), next(resource, ...rest)
      ),
      subresource: (next, resource, ...rest) => (
        calls.push(['subresource', ...rest]), next(resource, ...rest)
      ),
    }),
  };
}
