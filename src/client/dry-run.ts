import type { Client } from './client.js';
import { onWrites } from './on-writes.js';

/**
 * A client that changes nothing: every write runs all its stages with `dryRun`, whatever its caller says, and answers as if it had
 * happened.
 *
 * Reads and watches see what is there, so not what was written through this client.
 */
export function dryRun(client: Client): Client {
  return onWrites(client, (options) => ({ ...options, dryRun: true }));
}
