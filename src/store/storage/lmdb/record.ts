import { crc32 } from 'node:zlib';
import { preview } from '../../../core/index.js';
import type { StorageKey } from '../storage.js';

/**
 * The key of the record that tells about all others; no object has it, since a collection has a name.
 *
 * It keeps its place and its layout in every format, so that each version can tell that a folder is of another.
 */
export const META_KEY = '/';

/** The most characters that a collection and a key have together. */
const KEY_LENGTH = 1_024;

const PRINTABLE = /^[ -~]*$/;

/** Half of a pair that stands alone: UTF-8 has no bytes for it. */
const LONE_SURROGATE = /\p{Surrogate}/u;

// what the first byte after the checksum says about the bytes of the text
const UTF8 = 1;
const UTF16 = 2;

/** Four bytes of checksum, and one for the encoding. */
const HEADER = 5;

/**
 * What LMDB calls an object, as `pods/default/a`.
 *
 * @throws TypeError where the collection or the key has characters that it must not have, RangeError where they are too long.
 */
export function recordKey(collection: string, key: string): string {
  const name = `${collection}/${key}`;
  if (name.length > KEY_LENGTH + 1) {
    throw new RangeError(
      `Expected collection and key of at most ${KEY_LENGTH} characters together, got ${name.length - 1}: ${preview(name)}`,
    );
  }
  if (collection === '' || collection.includes('/') || !PRINTABLE.test(name)) {
    throw new TypeError(
      `Expected collection and key of printable ASCII, and no / in the collection, got ${preview(collection)} and ${preview(key)}`,
    );
  }
  return name;
}

/** The object that LMDB calls `name`. */
export function splitRecordKey(name: string): StorageKey {
  const end = name.indexOf('/');
  return { collection: name.slice(0, end), key: name.slice(end + 1) };
}

/** Bytes that are asked for at once, to be handed out in pieces; what takes more than an eighth of them gets its own. */
const SLAB = 1 << 16;

/**
 * Makes the bytes that LMDB keeps of an object: a checksum of four, a byte for the encoding, the text.
 *
 * The revision is not among them: it is the version of the record, which LMDB keeps before it, and which can be read alone. The
 * checksum covers it all the same, and the key too, so that a record in the wrong place is noticed. The text is UTF-8, or UTF-16
 * where UTF-8 cannot have it.
 */
export class RecordEncoder {
  // the bytes from #used on are free
  #slab: Buffer = Buffer.alloc(0);
  #used = 0;

  encode(name: string, revision: number, text: string): Buffer {
    const size = Buffer.byteLength(text);
    let bytes: Buffer;
    if (size === text.length) {
      bytes = this.#allocate(HEADER + size);
      bytes.write(text, HEADER, 'latin1');
      bytes[4] = UTF8;
    } else if (LONE_SURROGATE.test(text)) {
      bytes = this.#allocate(HEADER + text.length * 2);
      bytes.write(text, HEADER, 'utf16le');
      bytes[4] = UTF16;
    } else {
      bytes = this.#allocate(HEADER + size);
      bytes.write(text, HEADER, 'utf8');
      bytes[4] = UTF8;
    }
    bytes.writeUInt32LE(seal(name, revision, bytes), 0);
    return bytes;
  }

  #allocate(size: number): Buffer {
    if (size > SLAB / 8) return Buffer.allocUnsafeSlow(size);
    if (this.#used + size > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB);
      this.#used = 0;
    }
    this.#used += size;
    return this.#slab.subarray(this.#used - size, this.#used);
  }
}

/** The text of a record; undefined where the record is not what was written. */
export function decodeRecord(name: string, revision: number, bytes: Buffer): string | undefined {
  if (bytes.length < HEADER || bytes.readUInt32LE(0) !== seal(name, revision, bytes)) return undefined;
  if (bytes[4] === UTF8) return bytes.toString('utf8', HEADER);
  return bytes[4] === UTF16 ? bytes.toString('utf16le', HEADER) : undefined;
}

/** The checksum of a record: that of its text and encoding, which goes on from one of the key and the revision. */
function seal(name: string, revision: number, bytes: Buffer): number {
  // FNV-1a
  let hash = Math.imul(0x811c_9dc5 ^ (revision >>> 0), 0x0100_0193) ^ Math.floor(revision / 2 ** 32);
  for (let index = 0; index < name.length; index += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x0100_0193);
  }
  return crc32(bytes.subarray(4), hash >>> 0);
}
