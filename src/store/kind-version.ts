import { ApiError, deepFreeze, define, formatKey, frozenCopy, jsonEqual, keyOf } from '../core/index.js';
import type { AnyResource, Conversion } from '../resources/index.js';
import type { Kind } from './kind.js';
import type { Limits } from './limits.js';
import { metadataAlone } from './metadata-alone.js';
import { seal, type StoredObject, type UnsealedObject } from './stored-object.js';
import { type Candidate, type Identity, named, prepareCreate, type prepareUpdate } from './strategy.js';
import { type Submission, submissionOf } from './submission.js';

/** What a version is made from. */
interface KindVersionParts {
  readonly kind: Kind;
  readonly resource: AnyResource;
  /** Undefined for the storage version. */
  readonly conversion?: Conversion | undefined;
  /** Whether objects are shown without anything but their metadata; false unless given. */
  readonly isMetadataAlone?: boolean;
}

/**
 * A version in which a kind is served: the bridge between what its clients see and write, and what is stored.
 *
 * All there is in the store (table, log, admission, storage) is in the storage version, for which this changes nothing. For another
 * version it calls the functions of the kind's author, so none of its methods may be called inside a commit.
 *
 * All methods throw the ApiError of a conversion that fails, or that would lose something.
 */
export class KindVersion {
  readonly kind: Kind;
  /** The version, as the store serves it. */
  readonly resource: AnyResource;
  readonly #conversion: Conversion | undefined;
  readonly #isMetadataAlone: boolean;

  constructor({ kind, resource, conversion, isMetadataAlone = false }: KindVersionParts) {
    this.kind = kind;
    this.resource = resource;
    this.#conversion = conversion;
    this.#isMetadataAlone = isMetadataAlone;
  }

  /** This version, of which only the metadata is shown. */
  metadataAlone(): KindVersion {
    const { kind, resource } = this;
    return new KindVersion({ kind, resource, conversion: this.#conversion, isMetadataAlone: true });
  }

  /** Whether this is another version than the stored one, so that the functions of the kind's author are called. */
  get converts(): boolean {
    return this.#conversion !== undefined;
  }

  /** A stored object in this version, with all that selectors may ask about. */
  whole(object: StoredObject): StoredObject {
    return this.#conversion === undefined ? object : this.#conversion.fromStorage(object);
  }

  /** What a client of this version sees of a stored object: asked twice for the same object, the same comes back. */
  show(object: StoredObject): StoredObject {
    const whole = this.whole(object);
    return this.#isMetadataAlone ? metadataAlone(whole) : whole;
  }

  /** Checks that what is about to be stored can be shown in this version: once it is stored, it is too late to find out. */
  checkShown(object: StoredObject | UnsealedObject): void {
    this.#conversion?.fromStorage(frozen(object));
  }

  /** What is to be stored of a new object that was prepared in this version. */
  named(candidate: Candidate, identity: Identity): UnsealedObject {
    const own = named(candidate, identity);
    if (this.#conversion === undefined) return own;
    const { resource } = this.kind;
    const written = seal(own, '');
    const stored = this.#conversion.toStorage(written);
    const next = named(prepareCreate(resource, submissionOf(resource, stored)), identity);
    this.#checkKept(this.#conversion, next, written);
    return next;
  }

  /** What is to be stored after an update that was written in this version; `current` itself where that changes nothing. */
  update(
    prepare: typeof prepareUpdate,
    current: StoredObject,
    submission: Submission,
    limits: Limits,
  ): StoredObject | UnsealedObject {
    if (this.#conversion === undefined) return prepare(this.resource, current, submission, limits);
    const { resource } = this.kind;
    const shown = this.whole(current);
    const wanted = prepare(this.resource, shown, submission, limits);
    if (wanted === shown) return current;
    const written = frozen(wanted);
    const stored = this.#conversion.toStorage(written, current);
    const next = prepare(resource, current, submissionOf(resource, stored));
    this.#checkKept(this.#conversion, next, written);
    return next;
  }

  /**
   * An object that was stored when this was the storage version, as it is stored now, frozen.
   *
   * What it records of who set which fields is dropped, since that names the fields of this version.
   */
  stored(object: StoredObject): StoredObject {
    if (this.#conversion === undefined) return object;
    const { managedFields: _, ...metadata } = object.metadata;
    return this.#conversion.toStorage(deepFreeze(fitted(this.resource, { ...object, metadata })));
  }

  /**
   * Checks that nothing of what was written got lost between the conversion and what will be stored: an update of the status leaves all
   * else alone, and any other write the status, whatever the conversion made of them.
   */
  #checkKept(conversion: Conversion, next: StoredObject | UnsealedObject, written: StoredObject): void {
    const back = conversion.fromStorage(frozen(next));
    if (jsonEqual(contentOf(back), contentOf(written))) return;
    const { kind, apiVersion } = this.resource;
    throw ApiError.internal(
      `the conversion of ${kind} ${JSON.stringify(formatKey(keyOf(written)))} from ${apiVersion} to ${conversion.storage.apiVersion}: what was written would not be read back, as toStorage keeps some of it in the status, which this request cannot change, or beside it, where nothing else can be changed`,
    );
  }
}

/** What a writer has a say in, whatever the version. */
function contentOf({ apiVersion: _, kind: _kind, metadata, ...fields }: StoredObject): unknown {
  const { labels = null, annotations = null, finalizers = null, ownerReferences = null } = metadata;
  return [fields, labels, annotations, finalizers, ownerReferences];
}

/** The object itself where it is frozen, and else a copy that is. */
function frozen(object: StoredObject | UnsealedObject): StoredObject {
  if (Object.isFrozen(object)) return object;
  return seal({ ...object, metadata: { ...object.metadata } }, object.metadata.resourceVersion);
}

/** An object with the defaults of its kind; the object itself where it is not valid. */
function fitted(resource: AnyResource, object: StoredObject): StoredObject {
  const { apiVersion, kind, metadata, ...fields } = object;
  const judgement = resource.schema?.judge(fields);
  if (judgement === undefined || judgement.errors.length > 0) return object;
  const result: Record<string, unknown> = { apiVersion, kind, metadata };
  for (const key of Object.keys(judgement.object)) {
    define(result, key, frozenCopy(judgement.object[key], key));
  }
  return result as unknown as StoredObject;
}
