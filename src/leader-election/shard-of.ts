import { preview } from '../core/index.js';
import { stableHash } from './stable-hash.js';

/**
 * The shard that a key belongs to: a whole number below `shards`.
 *
 * It depends on the two arguments alone, on every machine and in every version: FNV-1a with 32 bits over the UTF-8 bytes of the key,
 * the finalizer of MurmurHash3, and the remainder by `shards`. Another number of shards is another place for almost every key.
 *
 * @throws RangeError unless `shards` is a whole number of at least 1.
 *
 * @example
 * ```ts
 * if (shardOf(formatKey(key), 16) === shard.index) await work(key);
 * ```
 */
export function shardOf(key: string, shards: number): number {
  return stableHash(key) % checkShards('shardOf', shards);
}

/** The number itself. @throws RangeError unless it is a whole number of at least 1. */
export function checkShards(owner: string, shards: number): number {
  if (Number.isSafeInteger(shards) && shards >= 1) return shards;
  throw new RangeError(`${owner}: shards: expected a whole number of at least 1, got ${preview(shards)}`);
}
