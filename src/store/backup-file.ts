import { ApiError, type JsonObject, preview } from '../core/index.js';
import type { StoredObject } from './stored-object.js';

/** What the first line of a backup says. */
export interface BackupHeader {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  /** The revision at which the objects were these. */
  readonly revision: number;
  /** When it was made, RFC 3339. */
  readonly time: string;
  readonly objects: number;
}

/** A backup as it was read. */
export interface Backup {
  readonly header: BackupHeader;
  readonly objects: readonly StoredObject[];
}

const FORMAT = 'keelson-backup';
const VERSION = 1;
/** How many characters are written at a time. */
const CHUNK = 1 << 18;

/**
 * Writes a backup: a line for the header, one for each object, and one with a checksum of them all.
 *
 * The file is there wholly or not at all: it is written beside its place, flushed to the disk, and renamed.
 *
 * @throws Error of the file system; what was begun is removed.
 */
export async function writeBackup(
  path: string,
  header: Pick<BackupHeader, 'revision' | 'time'>,
  objects: readonly StoredObject[],
): Promise<void> {
  const [{ mkdtemp, open, rename, rm }, { crc32 }] = await Promise.all([
    import('node:fs/promises'),
    import('node:zlib'),
  ]);
  // a folder of its own, so that neither another backup under way nor what is left of one is in the way
  const folder = await mkdtemp(`${path}.part-`);
  try {
    const temporary = `${folder}/backup`;
    const file = await open(temporary, 'wx');
    try {
      let checksum = 0;
      let text = `${JSON.stringify({ format: FORMAT, version: VERSION, ...header, objects: objects.length })}\n`;
      const flush = async (): Promise<void> => {
        checksum = crc32(text, checksum);
        await file.appendFile(text);
        text = '';
      };
      for (const object of objects) {
        text += `${JSON.stringify(object)}\n`;
        if (text.length >= CHUNK) await flush();
      }
      await flush();
      await file.appendFile(`${JSON.stringify({ crc32: checksum })}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Reads a backup, and checks that it is whole.
 *
 * @throws ApiError BadRequest naming the file and what is wrong with it; Error of the file system.
 */
export async function readBackup(path: string): Promise<Backup> {
  const [{ readFile }, { crc32 }] = await Promise.all([import('node:fs/promises'), import('node:zlib')]);
  const content = await readFile(path);
  const refuse = (what: string): ApiError =>
    ApiError.badRequest(`expected a backup in ${path}, got ${what}`, 'path');
  const end = content.lastIndexOf('\n', content.length - 2) + 1;
  const values: unknown[] = [];
  // line by line: all of it may be longer than a string can be
  for (let start = 0; start < end; ) {
    const stop = content.indexOf('\n', start);
    const line = content.toString('utf8', start, stop);
    values.push(parsed(line, () => refuse(`something else in line ${values.length + 1}`)));
    start = stop + 1;
  }
  const [header] = values;
  const closing = parsed(content.toString('utf8', end), () => refuse('a file that was cut off'));
  if (!isObject(header) || header['format'] !== FORMAT)
    throw refuse(`a file that begins with ${preview(header)}`);
  if (header['version'] !== VERSION)
    throw refuse(`one of version ${preview(header['version'])}, which this library cannot read`);
  if (!isObject(closing) || closing['crc32'] !== crc32(content.subarray(0, end))) {
    throw refuse('a file whose checksum is wrong');
  }
  if (!Number.isSafeInteger(header['revision']))
    throw refuse(`one of the revision ${preview(header['revision'])}`);
  values.shift();
  if (header['objects'] !== values.length)
    throw refuse(`${values.length} objects of ${preview(header['objects'])}`);
  return { header: header as unknown as BackupHeader, objects: values as StoredObject[] };
}

function parsed(line: string, refusal: () => ApiError): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw refusal();
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
