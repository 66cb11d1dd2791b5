import { ApiError, isOwn, type JsonObject, type ObjectMeta, preview } from '../core/index.js';
import type { AnyResource } from '../resources/index.js';
import type { StoredObject, UnsealedObject } from './stored-object.js';

/**
 * The most that JSON takes for one character that a copy counts, in bytes: a number is counted as the comma behind it, and has up to 24
 * digits. A character of a text takes up to 6, as `\u0000` does.
 */
const MOST_PER_COUNT = 25;
const MOST_PER_UNIT = 6;

/** More than the metadata that the store itself gives an object takes. */
const SYSTEM_SIZE = 1_024;

/** The metadata beside that. */
const OWN_METADATA = [
  'name',
  'generateName',
  'labels',
  'annotations',
  'finalizers',
  'ownerReferences',
  'managedFields',
] as const;

/** A part of at least so many bytes is not measured twice. */
const WORTH_KEEPING = 1_024;

/**
 * Refuses objects that are too large to be stored.
 *
 * Most objects are so small that a rough upper bound of their size tells as much; only what may be too large is measured exactly. The
 * parts of an object are frozen and shared by all of its states, so a large one is measured once.
 */
export class SizeLimit {
  readonly #most: number;
  // how many bytes the large parts take at most, of the objects that were measured
  readonly #sizes = new WeakMap<object, number>();

  /** @param most - In bytes of JSON in UTF-8. */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * @param previous - What it takes the place of; where that is too large already, the object may stay so, and not grow.
   * @param counted - How many characters of the object were copied, where all but its names and what the store itself gives it was.
   * @throws ApiError RequestEntityTooLarge where the object is too large.
   */
  check(
    resource: AnyResource,
    object: UnsealedObject | StoredObject,
    previous?: StoredObject,
    counted: number = Number.POSITIVE_INFINITY,
  ): void {
    const { name, generateName = '' } = object.metadata;
    const characters = counted + name.length + generateName.length;
    if (characters * MOST_PER_COUNT + SYSTEM_SIZE <= this.#most) return;
    if (this.#boundOf(object) <= this.#most) return;
    const size = exactSizeOf(object);
    if (size <= this.#most || (previous !== undefined && size <= exactSizeOf(previous))) return;
    const message = `expected at most ${this.#most} bytes as JSON, got ${size}`;
    throw new ApiError({
      reason: 'RequestEntityTooLarge',
      message: `${resource.kind} ${preview(name)}: ${message}`,
      details: {
        group: resource.group,
        kind: resource.plural,
        name,
        causes: [{ reason: 'FieldValueTooLong', message }],
      },
    });
  }

  /** How many bytes an object takes at most. */
  #boundOf(object: UnsealedObject | StoredObject): number {
    let size = 2;
    for (const key in object) {
      if (!isOwn(object, key)) continue;
      const part = object[key];
      size += key.length * MOST_PER_UNIT + 4;
      // the object and its metadata are not shared
      size += key === 'metadata' ? this.#boundOfMetadata(object.metadata) : this.#sizeOf(part);
    }
    return size;
  }

  /** What the store itself says is not looked at: where there are many objects, that would be read from far away. */
  #boundOfMetadata(metadata: ObjectMeta): number {
    let size = SYSTEM_SIZE;
    for (const key of OWN_METADATA) {
      const part = metadata[key];
      if (part !== undefined) size += key.length + 4 + this.#sizeOf(part);
    }
    return size;
  }

  /** An upper bound for a small part of an object, and for a large one exactly how many bytes it takes. */
  #sizeOf(part: unknown): number {
    if (typeof part !== 'object' || part === null) return roughSize(part);
    const known = this.#sizes.get(part);
    if (known !== undefined) return known;
    const rough = roughSize(part);
    if (rough < WORTH_KEEPING) return rough;
    const size = rough * 16 <= this.#most ? rough : exactSize(part);
    this.#sizes.set(part, size);
    return size;
  }
}

/** How many bytes an object takes, whatever its revision. */
function exactSizeOf(object: UnsealedObject | StoredObject): number {
  return exactSize({ ...object, metadata: { ...object.metadata, resourceVersion: '' } });
}

/** How many bytes JSON takes as text in UTF-8. */
function exactSize(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** An upper bound of the same, which no character is looked at for. */
function roughSize(value: unknown): number {
  if (typeof value === 'string') return value.length * MOST_PER_UNIT + 2;
  if (typeof value !== 'object' || value === null) return MOST_PER_COUNT;
  let size = 2;
  if (Array.isArray(value)) {
    for (const item of value) size += roughSize(item) + 1;
    return size;
  }
  for (const key in value) size += key.length * MOST_PER_UNIT + 4 + roughSize((value as JsonObject)[key]);
  return size;
}
