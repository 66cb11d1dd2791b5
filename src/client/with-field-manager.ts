import { preview } from '../core/index.js';
import type { Client } from './client.js';
import { onWrites } from './on-writes.js';

/** The longest name of a field manager, as Kubernetes has it. */
const LONGEST_NAME = 128;

/**
 * A client whose writes name `fieldManager` as the writer, where they do not name another.
 *
 * @throws TypeError unless the name is a text of 1 to 128 printable characters.
 * Source: `ValidateFieldManager` in k8s.io/apimachinery.
 */
export function withFieldManager(client: Client, fieldManager: string): Client {
  if (typeof fieldManager !== 'string' || fieldManager === '' || !isManagerName(fieldManager)) {
    throw new TypeError(
      `withFieldManager: expected a name of 1 to ${LONGEST_NAME} printable characters, got ${preview(fieldManager)}`,
    );
  }
  return onWrites(client, (options) =>
    options?.fieldManager === undefined ? { ...options, fieldManager } : options,
  );
}

function isManagerName(text: string): boolean {
  return text.length <= LONGEST_NAME && !/[\p{C}\p{Zl}\p{Zp}]/u.test(text);
}
