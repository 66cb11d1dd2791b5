import type {
  DeleteOptions,
  DeleteResult,
  Guard,
  Patch,
  SelectOptions,
  UpdateOptions,
  WriteOptions,
} from '../client/index.js';
import {
  ApiError,
  type Clock,
  FieldError,
  formatTime,
  type ObjectKey,
  preview,
  type Random,
} from '../core/index.js';
import type { AnyResource } from '../resources/index.js';
import { applyPatch } from './apply-patch.js';
import { checkKey } from './check-key.js';
import { checkGuards } from './guards.js';
import type { Kind } from './kind.js';
import type { Kinds } from './kinds.js';
import type { Slot } from './object-table.js';
import { selectionOf } from './selection.js';
import type { State } from './state.js';
import { seal, type StoredObject, type UnsealedObject } from './stored-object.js';
import {
  type Candidate,
  markDeleted,
  named,
  prepareCreate,
  prepareStatusUpdate,
  prepareUpdate,
} from './strategy.js';
import { keyFrom, type Submission, submissionOf } from './submission.js';
import { alreadyExists, failedPrecondition, modified, noSubresource } from './write-errors.js';

/** A rule of the store beside those of the kinds: asked before a write commits, told after it. */
export interface WriteRule {
  /** @throws ApiError where the object may not be created. */
  beforeCreate?(kind: Kind, object: UnsealedObject): void;
  /**
   * Decides whether an object without finalizers must stay for now, although its deletion was asked for.
   *
   * @throws ApiError where it may not be deleted at all.
   */
  holdsDeletion?(kind: Kind, slot: Slot): boolean;
  afterWrite?(kind: Kind, previous: StoredObject | undefined, object: StoredObject): void;
  afterDelete?(kind: Kind, object: StoredObject): void;
}

/** Attempts to find a free name for a generateName. */
const NAME_ATTEMPTS = 8;
/** Kubernetes' own: no vowels, so no words; no digits that look like letters. */
const NAME_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * The verbs that write: each runs from its check to its commit in one go, so nothing can come between.
 *
 * Source: `registry.Store` in k8s.io/apiserver.
 */
export class Registry {
  readonly #kinds: Kinds;
  readonly #state: State;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #rules: readonly WriteRule[];
  // the timestamp of the second that was asked for last
  #second = Number.NaN;
  #timestamp = '';

  constructor(options: {
    readonly kinds: Kinds;
    readonly state: State;
    readonly clock: Clock;
    readonly random: Random;
    readonly rules: readonly WriteRule[];
  }) {
    this.#kinds = options.kinds;
    this.#state = options.state;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#rules = options.rules;
  }

  create(resource: AnyResource, input: unknown, options: WriteOptions = {}): StoredObject {
    const kind = this.#kinds.writable(resource, 'create');
    const submission = submissionOf(kind.resource, input);
    const { name, namespace } = keyFrom(kind.resource, submission.metadata);
    const candidate = prepareCreate(kind.resource, submission);
    const object = named(candidate, {
      name: name ?? this.#freeName(kind, candidate, namespace ?? ''),
      namespace,
      uid: this.#random.uuid(),
      creationTimestamp: this.#now(),
    });
    for (const rule of this.#rules) rule.beforeCreate?.(kind, object);
    const existing = kind.table.get(namespace ?? '', object.metadata.name);
    if (existing !== undefined) throw alreadyExists(kind.resource, existing.object);
    return this.#commit(kind, undefined, object, options);
  }

  get(resource: AnyResource, key: ObjectKey): StoredObject {
    const kind = this.#kinds.of(resource);
    return this.#slot(kind, key).object;
  }

  update(resource: AnyResource, input: unknown, options: UpdateOptions = {}): StoredObject {
    const kind = this.#kinds.writable(resource, 'update');
    const submission = submissionOf(kind.resource, input);
    const { metadata } = submission;
    const { name, namespace } = keyFrom(kind.resource, metadata);
    if (name === undefined) {
      throw ApiError.badRequest(`expected the name of a ${kind.resource.kind}, got none`, 'metadata.name');
    }
    const slot = this.#slot(kind, { name, namespace });
    const { uid, resourceVersion } = metadata;
    const current = slot.object.metadata;
    if (uid !== undefined && uid !== null && uid !== '' && uid !== current.uid) {
      throw failedPrecondition(kind.resource, name, 'UID', preview(uid), current.uid);
    }
    if (
      resourceVersion === undefined ||
      resourceVersion === null ||
      resourceVersion === '' ||
      resourceVersion === '0'
    ) {
      if (!kind.resource.unconditionalUpdate) {
        throw ApiError.invalid(kind.resource, name, [
          FieldError.invalid(
            'metadata.resourceVersion',
            resourceVersion ?? '',
            'must be specified for an update',
          ),
        ]);
      }
    } else {
      checkNewest(kind.resource, slot.object, resourceVersion);
    }
    return this.#replace(kind, slot, submission, options);
  }

  patch(resource: AnyResource, key: ObjectKey, patch: Patch, options: UpdateOptions = {}): StoredObject {
    const kind = this.#kinds.writable(resource, 'patch');
    const slot = this.#slot(kind, key);
    const current = slot.object;
    const { name } = current.metadata;
    const patched = applyPatch(current, patch);
    const submission = submissionOf(kind.resource, patched);
    const { metadata } = submission;
    for (const field of ['name', 'namespace', 'uid'] as const) {
      if (
        metadata[field] !== undefined &&
        metadata[field] !== null &&
        metadata[field] !== current.metadata[field]
      ) {
        throw ApiError.invalid(kind.resource, name, [
          FieldError.invalid(`metadata.${field}`, metadata[field], 'field is immutable'),
        ]);
      }
    }
    const { resourceVersion } = metadata;
    if (typeof resourceVersion !== 'string' || resourceVersion === '' || resourceVersion === '0') {
      throw ApiError.invalid(kind.resource, name, [
        FieldError.invalid(
          'metadata.resourceVersion',
          resourceVersion ?? null,
          'must be specified for an update',
        ),
      ]);
    }
    checkNewest(kind.resource, current, resourceVersion);
    return this.#replace(kind, slot, submission, options);
  }

  delete(resource: AnyResource, key: ObjectKey, options: DeleteOptions = {}): DeleteResult<StoredObject> {
    const kind = this.#kinds.writable(resource, 'delete');
    const { propagationPolicy } = options;
    if (propagationPolicy !== undefined && propagationPolicy !== 'Background') {
      throw ApiError.badRequest(
        `expected 'Background', got ${preview(propagationPolicy)}`,
        'propagationPolicy',
      );
    }
    const slot = this.#slot(kind, key);
    const { name, uid, resourceVersion } = slot.object.metadata;
    const wanted = options.preconditions;
    if (wanted?.uid !== undefined && wanted.uid !== uid) {
      throw failedPrecondition(kind.resource, name, 'UID', wanted.uid, uid);
    }
    if (wanted?.resourceVersion !== undefined && wanted.resourceVersion !== resourceVersion) {
      throw failedPrecondition(
        kind.resource,
        name,
        'ResourceVersion',
        wanted.resourceVersion,
        resourceVersion,
      );
    }
    return this.#delete(kind, slot, options);
  }

  deleteCollection(
    resource: AnyResource,
    selection: SelectOptions = {},
    options: DeleteOptions = {},
  ): { items: readonly StoredObject[]; resourceVersion: string } {
    const kind = this.#kinds.writable(resource, 'deletecollection');
    const { namespace, matches } = selectionOf(kind.resource, selection);
    const slots = kind.table
      .ordered(namespace)
      .filter(({ object }) => matches === undefined || matches(object));
    const items = slots.map(({ object }) => object);
    // all is checked before any is deleted, so that a refusal leaves everything as it was
    for (const object of items) this.delete(resource, object.metadata, { ...options, dryRun: true });
    if (options.dryRun !== true) for (const slot of slots) this.#delete(kind, slot, {});
    return { items, resourceVersion: String(this.#state.revision) };
  }

  /** Removes an object that was marked and held, now that nothing holds it. */
  finishDeletion(kind: Kind, slot: Slot): void {
    const { deletionTimestamp } = slot.object.metadata;
    if (deletionTimestamp !== undefined && !this.#isHeld(kind, slot, slot.object))
      this.#remove(kind, slot, {});
  }

  /** Whether the finalizers of a state or a rule of the store keep an object for now. */
  #isHeld(kind: Kind, slot: Slot, { metadata }: UnsealedObject | StoredObject): boolean {
    // every rule is asked: one may refuse the deletion altogether
    const held = this.#rules.filter((rule) => rule.holdsDeletion?.(kind, slot) === true);
    return held.length > 0 || metadata.finalizers !== undefined;
  }

  /** Removes an object, or marks it where something holds it; the caller has checked its preconditions. */
  #delete(kind: Kind, slot: Slot, options: WriteOptions): DeleteResult<StoredObject> {
    const current = slot.object;
    const { deletionTimestamp, resourceVersion } = current.metadata;
    if (this.#isHeld(kind, slot, current)) {
      if (deletionTimestamp !== undefined) return { object: current, resourceVersion, deleted: false };
      const object = this.#commit(kind, slot, markDeleted(current, this.#now()), options);
      return { object, resourceVersion: object.metadata.resourceVersion, deleted: false };
    }
    const last = this.#remove(kind, slot, options);
    return { object: last, resourceVersion: last.metadata.resourceVersion, deleted: true };
  }

  /** Puts the result of an update or a patch in the place of the current object. */
  #replace(kind: Kind, slot: Slot, submission: Submission, options: UpdateOptions): StoredObject {
    const { resource } = kind;
    const current = slot.object;
    if (options.subresource === 'status' && !resource.hasStatus) throw noSubresource(resource, 'status');
    const next =
      options.subresource === 'status'
        ? prepareStatusUpdate(resource, current, submission)
        : prepareUpdate(resource, current, submission);
    if (next === current) {
      this.#checkGuards(options.guards);
      return current;
    }
    const { deletionTimestamp, finalizers } = next.metadata;
    if (
      deletionTimestamp !== undefined &&
      finalizers === undefined &&
      current.metadata.finalizers !== undefined
    ) {
      if (!this.#isHeld(kind, slot, next)) {
        // the update that removes the last finalizer deletes: it answers with what was wanted, at the previous revision; watches are
        // told of the last state that was stored
        this.#remove(kind, slot, options);
        return seal(next, current.metadata.resourceVersion);
      }
    }
    return this.#commit(kind, slot, next, options);
  }

  #commit(kind: Kind, slot: Slot | undefined, next: UnsealedObject, options: WriteOptions): StoredObject {
    this.#checkGuards(options.guards);
    const previous = slot?.object;
    if (options.dryRun === true) return seal(next, previous?.metadata.resourceVersion ?? '');
    const write = slot === undefined ? { kind, slot, next } : { kind, slot, next };
    const object = this.#state.commit([write])[0] as StoredObject;
    for (const rule of this.#rules) rule.afterWrite?.(kind, previous, object);
    return object;
  }

  #remove(kind: Kind, slot: Slot, options: WriteOptions): StoredObject {
    this.#checkGuards(options.guards);
    if (options.dryRun === true) return slot.object;
    const last = this.#state.commit([{ kind, slot, next: undefined }])[0] as StoredObject;
    for (const rule of this.#rules) rule.afterDelete?.(kind, last);
    return last;
  }

  #checkGuards(guards: readonly Guard[] | undefined): void {
    if (guards !== undefined) checkGuards(guards, this.#kinds);
  }

  #slot(kind: Kind, key: ObjectKey): Slot {
    checkKey(kind.resource, key);
    const slot = kind.table.get(key.namespace ?? '', key.name);
    if (slot === undefined) throw ApiError.notFound(kind.resource, key.name);
    return slot;
  }

  #freeName(kind: Kind, candidate: Candidate, namespace: string): string {
    const base = (candidate.generateName as string).slice(0, 58);
    let name = '';
    for (let attempt = 0; attempt < NAME_ATTEMPTS; attempt += 1) {
      name = base;
      for (let index = 0; index < 5; index += 1)
        name += NAME_ALPHABET[this.#random.integer(NAME_ALPHABET.length)] as string;
      if (kind.table.get(namespace, name) === undefined) return name;
    }
    throw ApiError.alreadyExists(kind.resource, name);
  }

  #now(): string {
    const now = this.#clock.now();
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#timestamp = formatTime(now);
    }
    return this.#timestamp;
  }
}

/** Checks that a writer has seen the newest state. @throws ApiError Conflict; BadRequest unless `seen` is a revision. */
function checkNewest(resource: AnyResource, { metadata }: StoredObject, seen: unknown): void {
  if (seen === metadata.resourceVersion) return;
  if (typeof seen !== 'string' || !/^\d+$/.test(seen)) {
    throw ApiError.badRequest(`expected a decimal number, got ${preview(seen)}`, 'metadata.resourceVersion');
  }
  throw modified(resource, metadata.name);
}
