import { ApiError } from '../../../core/index.js';
import type { KeyValue } from './key-value.js';
import type { Generation, Keyspace } from './keyspace.js';
import { LAST_PLACE, PLACES } from './place.js';
import type { ResponseHeader } from './response-header.js';

/** The newest layout that this version of the library reads. */
const FORMAT = 2;

/** What the meta key says, as JSON. */
export interface Meta {
  readonly format: number;
  /** Changes when other content was put in the place of all there was. */
  readonly incarnation: string;
  readonly generation: string;
  /** How far etcd's revisions are moved on for the storage: what is restored into a new etcd must not seem older than it was. */
  readonly offset: number;
}

/** Which content a session works on: as long as the meta key is as it was, it is the same. */
export class Lineage {
  readonly meta: Meta;
  /** etcd's revision of the meta key. */
  readonly metaRevision: number;
  readonly clusterId: bigint;
  readonly keys: Generation;

  /** @throws ApiError ServiceUnavailable where it is not for this version of the library. */
  constructor(keyspace: Keyspace, header: ResponseHeader, item: KeyValue) {
    this.meta = decodeMeta(item);
    this.metaRevision = item.modRevision;
    this.clusterId = header.clusterId;
    this.keys = keyspace.generation(this.meta.generation);
  }

  /** The storage's revision for a place in one of etcd; by the last place, all of that has happened. */
  fromEtcd(revision: number, place: number = LAST_PLACE): number {
    return (revision + this.meta.offset) * PLACES + place;
  }

  /** etcd's revision for one of the storage; negative for one that was before the content was restored. */
  toEtcd(revision: number): number {
    return Math.floor(revision / PLACES) - this.meta.offset;
  }

  /** The place of one of the storage's revisions. */
  placeIn(revision: number): number {
    return revision % PLACES;
  }

  /**
   * What is wrong with the etcd that gave a response, if it is not the one that had this content: it was emptied, or is an older copy.
   *
   * @param seen - A revision of etcd that had been reached before the request.
   * @param meta - What the meta key is now.
   */
  breakWith(header: ResponseHeader, seen: number, meta: KeyValue | undefined): ApiError | undefined {
    if (header.clusterId !== this.clusterId) {
      return ApiError.serviceUnavailable(
        `etcd is another cluster than before: expected id ${hex(this.clusterId)}, got ${hex(header.clusterId)}`,
      );
    }
    if (header.revision < seen) {
      return ApiError.serviceUnavailable(
        `etcd went back in time: expected revision ${seen} or a later one, got ${header.revision}`,
      );
    }
    if (meta === undefined) {
      return ApiError.serviceUnavailable(
        `etcd has lost the storage: expected its meta key of revision ${this.metaRevision}, got none at revision ${header.revision}`,
      );
    }
    return undefined;
  }

  /** What is wrong with an etcd whose newest transaction on this content is older than one that was told. */
  forgotten(told: number, newest: number): ApiError {
    return ApiError.serviceUnavailable(
      `etcd has lost transactions of the storage: expected that of revision ${told}, got ${newest} as the newest`,
    );
  }
}

export function encodeMeta(meta: Omit<Meta, 'format'>): string {
  return JSON.stringify({ format: FORMAT, ...meta });
}

function decodeMeta({ key, value }: KeyValue): Meta {
  let meta: Partial<Record<keyof Meta, unknown>> | null;
  try {
    meta = JSON.parse(value) as typeof meta;
  } catch (error) {
    throw unreadable(key, 'JSON', value, error);
  }
  const { format, incarnation, generation, offset } = meta ?? {};
  if (typeof format !== 'number') throw unreadable(key, 'the format of a storage', value);
  if (format !== FORMAT) {
    throw ApiError.serviceUnavailable(
      `${key}: expected format ${FORMAT}, got ${format}: another version of the library wrote it`,
    );
  }
  if (
    typeof incarnation !== 'string' ||
    typeof generation !== 'string' ||
    !/^\d/.test(generation) ||
    !Number.isSafeInteger(offset)
  ) {
    throw unreadable(key, 'incarnation, generation and offset', value);
  }
  return { format, incarnation, generation, offset: offset as number };
}

function unreadable(key: string, expected: string, value: string, cause?: unknown): ApiError {
  const message = `${key}: expected ${expected}, got ${JSON.stringify(value.slice(0, 120))}`;
  return new ApiError({ reason: 'ServiceUnavailable', message, cause });
}

function hex(id: bigint): string {
  return id.toString(16);
}
