import type { RootDatabase } from 'lmdb';
import { unavailable } from './lmdb-failure.js';
import { decodeRecord, META_KEY, type RecordEncoder } from './record.js';

/** The layout of the records that this version writes and reads. */
const FORMAT = 1;

/** What a folder says of itself. */
export interface Meta {
  /** That of the newest transaction. */
  readonly revision: number;
  /** Another one after each restore: revisions of different incarnations have nothing to do with each other. */
  readonly incarnation: string;
}

/**
 * What a folder says of itself; undefined where it says nothing, as when it is new.
 *
 * @throws ApiError ServiceUnavailable where it is not of a format that is known here.
 */
export function readMeta(db: RootDatabase<Buffer, string>, path: string): Meta | undefined {
  const entry = db.getEntry(META_KEY);
  if (entry === undefined) return undefined;
  const { value, version: revision = 0 } = entry;
  const text = decodeRecord(META_KEY, revision, value);
  if (text === undefined) throw unavailable(path, 'the folder is damaged, or not of this library');
  const { format, incarnation } = JSON.parse(text) as {
    readonly format: unknown;
    readonly incarnation: unknown;
  };
  if (format !== FORMAT || typeof incarnation !== 'string') {
    throw unavailable(
      path,
      `the folder has format ${JSON.stringify(format)}, and this version of keelson reads ${FORMAT}`,
    );
  }
  return { revision, incarnation };
}

/** The bytes of what {@link readMeta} reads. */
export function encodeMeta({ revision, incarnation }: Meta, encoder: RecordEncoder): Buffer {
  return encoder.encode(META_KEY, revision, JSON.stringify({ format: FORMAT, incarnation }));
}
