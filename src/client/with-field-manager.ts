import { preview, validateName } from '../core/index.js';
import type { Client } from './client.js';
import { onWrites } from './on-writes.js';

/**
 * A client whose writes name `fieldManager` as the writer, where they do not name another.
 *
 * @throws TypeError unless the name is a text of 1 to 128 printable characters.
 */
export function withFieldManager(client: Client, fieldManager: string): Client {
  if (typeof fieldManager !== 'string' || validateName('field-manager', fieldManager).length > 0) {
    throw new TypeError(
      `withFieldManager: expected a name of 1 to 128 printable characters, got ${preview(fieldManager)}`,
    );
  }
  return onWrites(client, (options) =>
    options?.fieldManager === undefined ? { ...options, fieldManager } : options,
  );
}
