import type { StorageWrite } from '../storage.js';
import type { EtcdClient } from './etcd-client.js';
import { encodeObject } from './object-value.js';
import { LAST_PLACE } from './place.js';
import type { Generation, KeyRange } from './keyspace.js';
import { RANGE } from './range.js';
import { TXN, type TxnCompare, type TxnOperation } from './txn.js';

/** The most bytes that a transaction of a replacement holds, more or less: etcd takes 1.5 MiB. */
const CHUNK_BYTES = 1024 * 1024;
/** How many names are deleted at once: a transaction of etcd lets nobody else in. */
const DELETED_AT_ONCE = 1_000;

/** Where a generation is filled. */
export interface Filling {
  readonly client: EtcdClient;
  readonly keys: Generation;
  /** What holds as long as nobody reads the generation: a part that comes late must not undo what was written after. */
  readonly unused: TxnCompare;
  readonly maxOperations: number;
}

/**
 * Writes content under the names of a generation that nobody reads yet.
 *
 * @returns False where other content was put in place meanwhile.
 */
export async function fillGeneration(
  { client, keys, unused, maxOperations }: Filling,
  entries: Iterable<StorageWrite>,
): Promise<boolean> {
  let operations: TxnOperation[] = [];
  let bytes = 0;
  const send = async (): Promise<boolean> => {
    // each may be written twice: nothing but this writes there
    const response = await client.call(TXN, { compares: [unused], success: operations }, false);
    operations = [];
    bytes = 0;
    return response.succeeded;
  };
  for (const { collection, key, value } of entries) {
    if (value === undefined) continue;
    const size = Buffer.byteLength(value, 'utf8');
    if (operations.length > 0 && (operations.length === maxOperations || bytes + size > CHUNK_BYTES))
      await send();
    operations.push({ put: { key: keys.object(collection, key), value: encodeObject(LAST_PLACE, value) } });
    bytes += size;
  }
  return operations.length === 0 || (await send());
}

/** Deletes everything in some ranges, a part at a time, as long as some compares hold. */
export async function clearRanges(
  client: EtcdClient,
  ranges: readonly KeyRange[],
  compares: readonly TxnCompare[],
): Promise<void> {
  for (const { key, end } of ranges) {
    let more = true;
    while (more) {
      const found = await client.call(RANGE, { key, end, limit: DELETED_AT_ONCE, keysOnly: true }, false);
      const last = found.items.at(-1)?.key;
      if (last === undefined) break;
      const deleteRange = { key, end: `${last}\0` };
      const response = await client.call(TXN, { compares, success: [{ deleteRange }] }, false);
      if (!response.succeeded) return;
      more = found.more;
    }
  }
}
