import { preview } from '../core/index.js';
import type { Client } from './client.js';
import type { Guard } from './guard.js';
import { onWrites } from './on-writes.js';

/**
 * A client whose every write is guarded: beside the guards that its caller gives, all of these must hold when it commits.
 *
 * @throws TypeError where the server does not honour guards, for then they would guard nothing.
 *
 * @example
 * ```ts
 * const client = withGuards(store.client(), [{ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'mode', fields: { 'data.paused': 'no' } }]);
 * ```
 */
export function withGuards(client: Client, guards: readonly Guard[]): Client {
  if (!Array.isArray(guards)) {
    throw new TypeError(`withGuards: expected a list of guards, got ${preview(guards)}`);
  }
  if (!client.capabilities.guards) {
    throw new TypeError('withGuards: expected a client whose server honours guards');
  }
  const own = Object.freeze([...(guards as readonly Guard[])]);
  return onWrites(client, (options) => ({ ...options, guards: [...(options?.guards ?? []), ...own] }));
}
