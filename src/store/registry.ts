import type {
  ApplyOptions,
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
  type ManagedFieldsEntry,
  type ObjectKey,
  preview,
  type Random,
} from '../core/index.js';
import { applyServerSide } from '../patch/index.js';
import type { AnyResource } from '../resources/index.js';
import { applyPatch } from './apply-patch.js';
import {
  checkNewest,
  checkSameIdentity,
  isAnyRevision,
  isUnset,
  revisionRequired,
} from './check-identity.js';
import { checkKey } from './check-key.js';
import { type ManagedFieldsPolicy, managerOf, trackWrite, withManagedFields } from './field-tracking.js';
import { freeName } from './free-name.js';
import {
  checkDeleteOptions,
  checkPreconditions,
  deletionOf,
  holdsItself,
  markDeleted,
  shortenGrace,
} from './deletion.js';
import type { Kind } from './kind.js';
import type { Kinds } from './kinds.js';
import type { Slot } from './object-table.js';
import { selectionOf } from './selection.js';
import { seal, type StoredObject, type UnsealedObject } from './stored-object.js';
import { named, prepareCreate, prepareStatusUpdate, prepareUpdate } from './strategy.js';
import { intentOf, keyFrom, type Submission, submissionOf } from './submission.js';
import { Timestamps } from './timestamps.js';
import type { WriteRule } from './write-rule.js';
import type { WriteTarget } from './write-target.js';
import { alreadyExists, failedPrecondition, noSubresource } from './write-errors.js';

/** An update on behalf of a subresource that is not part of the object, as `scale`. */
interface TrackedOptions extends UpdateOptions {
  readonly trackedAs?: string | undefined;
}

/** What a write does to the record of who set which fields, given the object that it makes. */
type Recorder = (next: StoredObject | UnsealedObject) => readonly ManagedFieldsEntry[] | undefined;

/** What the verbs of a store share. */
export interface RegistryParts {
  readonly kinds: Kinds;
  readonly clock: Clock;
  readonly random: Random;
  readonly managedFields: ManagedFieldsPolicy;
}

/**
 * The verbs that write: each runs from its check to its commit in one go, so nothing can come between.
 *
 * Source: `registry.Store` in k8s.io/apiserver.
 */
export class Registry {
  readonly #kinds: Kinds;
  readonly #target: WriteTarget;
  readonly #times: Timestamps;
  readonly #random: Random;
  readonly #rules: readonly WriteRule[];
  readonly #managedFields: ManagedFieldsPolicy;

  constructor(
    options: RegistryParts & { readonly target: WriteTarget; readonly rules: readonly WriteRule[] },
  ) {
    this.#kinds = options.kinds;
    this.#target = options.target;
    this.#times = new Timestamps(options.clock);
    this.#random = options.random;
    this.#rules = options.rules;
    this.#managedFields = options.managedFields;
  }

  create(resource: AnyResource, input: unknown, options: WriteOptions = {}): StoredObject {
    const kind = this.#kinds.writable(resource, 'create');
    const submission = submissionOf(kind.resource, input);
    const manager = managerOf(options);
    const isTracked = this.#managedFields === 'always';
    return this.#create(kind, submission, options, (next) =>
      isTracked ? trackWrite({ resource: kind.resource, next, manager, now: this.#times.now() }) : undefined,
    );
  }

  get(resource: AnyResource, key: ObjectKey): StoredObject {
    const kind = this.#kinds.of(resource);
    return this.#slot(kind, key).object;
  }

  update(resource: AnyResource, input: unknown, options: TrackedOptions = {}): StoredObject {
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
    if (!isUnset(uid) && uid !== current.uid) {
      throw failedPrecondition(kind.resource, name, 'UID', preview(uid), current.uid);
    }
    if (!isAnyRevision(resourceVersion)) checkNewest(kind, slot.object, resourceVersion, this.#target.log);
    else if (!kind.resource.unconditionalUpdate) {
      throw revisionRequired(kind.resource, name, resourceVersion);
    }
    return this.#update(kind, slot, submission, options);
  }

  patch(resource: AnyResource, key: ObjectKey, patch: Patch, options: UpdateOptions = {}): StoredObject {
    const kind = this.#kinds.writable(resource, 'patch');
    const slot = this.#slot(kind, key);
    const current = slot.object;
    const patched = applyPatch(kind.resource, current, patch);
    const submission = submissionOf(kind.resource, patched);
    const { metadata } = submission;
    checkSameIdentity(kind.resource, current, metadata);
    const { resourceVersion } = metadata;
    if (typeof resourceVersion !== 'string' || isAnyRevision(resourceVersion)) {
      throw revisionRequired(kind.resource, current.metadata.name, resourceVersion);
    }
    checkNewest(kind, current, resourceVersion, this.#target.log);
    return this.#update(kind, slot, submission, options);
  }

  apply(resource: AnyResource, input: unknown, options: ApplyOptions = {}): StoredObject {
    const kind = this.#kinds.writable(resource, 'apply');
    const { subresource, force } = options;
    checkSubresource(kind.resource, subresource);
    const submission = submissionOf(kind.resource, input);
    const { name, namespace } = keyFrom(kind.resource, submission.metadata);
    if (name === undefined) {
      throw ApiError.badRequest(`expected the name of a ${kind.resource.kind}, got none`, 'metadata.name');
    }
    checkKey(kind.resource, { name, namespace });
    const live = this.#target.find(kind, namespace ?? '', name);
    if (live !== undefined) {
      const { uid, resourceVersion } = submission.metadata;
      if (!isUnset(uid)) checkSameIdentity(kind.resource, live.object, { uid });
      if (!isAnyRevision(resourceVersion)) checkNewest(kind, live.object, resourceVersion, this.#target.log);
    } else if (subresource !== undefined) {
      throw ApiError.notFound(kind.resource, name);
    } else if (!isUnset(submission.metadata['uid'])) {
      const { uid } = submission.metadata;
      throw failedPrecondition(kind.resource, name, 'UID', preview(uid), 'none, for there is no such object');
    }
    const applied = applyServerSide<StoredObject>(
      {
        live: live?.object,
        applied: intentOf(kind.resource, submission, subresource),
        manager: managerOf(options),
        force,
        subresource,
        now: this.#times.now(),
      },
      kind.resource,
    );
    const record: Recorder = () => applied.metadata.managedFields;
    const wanted = submissionOf(kind.resource, applied);
    return live === undefined
      ? this.#create(kind, wanted, options, record)
      : this.#replace(kind, live, wanted, options, record);
  }

  delete(resource: AnyResource, key: ObjectKey, options: DeleteOptions = {}): DeleteResult<StoredObject> {
    const kind = this.#kinds.writable(resource, 'delete');
    checkDeleteOptions(options);
    const slot = this.#slot(kind, key);
    checkPreconditions(kind.resource, slot.object, options);
    return this.#delete(kind, slot, options);
  }

  deleteCollection(
    resource: AnyResource,
    selection: SelectOptions = {},
    options: DeleteOptions = {},
  ): { items: readonly StoredObject[]; resourceVersion: string } {
    const kind = this.#kinds.writable(resource, 'deletecollection');
    const { namespace, matches } = selectionOf(kind.resource, selection);
    const slots = this.#target
      .ordered(kind, namespace)
      .filter(({ object }) => matches === undefined || matches(object));
    const items = slots.map(({ object }) => object);
    // all is checked before any is deleted, so that a refusal leaves everything as it was
    for (const object of items) this.delete(resource, object.metadata, { ...options, dryRun: true });
    if (options.dryRun !== true)
      for (const slot of slots) this.#delete(kind, slot, { ...options, guards: undefined });
    return { items, resourceVersion: String(this.#target.revision) };
  }

  /** Removes an object that was marked and held, now that nothing holds it. */
  finishDeletion(kind: Kind, slot: Slot): void {
    const { deletionTimestamp } = slot.object.metadata;
    if (deletionTimestamp !== undefined && !this.#isHeld(kind, slot, slot.object))
      this.#remove(kind, slot, {});
  }

  /** Whether a state itself, or a rule of the store, keeps an object whose deletion was asked for. */
  #isHeld(kind: Kind, slot: Slot, state: UnsealedObject | StoredObject): boolean {
    // every rule is asked: one may refuse the deletion altogether
    const held = this.#rules.filter((rule) => rule.holdsDeletion?.(kind, slot, this.#target) === true);
    return held.length > 0 || holdsItself(state);
  }

  /** Removes an object, or marks it where something holds it; the caller has checked its options. */
  #delete(kind: Kind, slot: Slot, options: DeleteOptions): DeleteResult<StoredObject> {
    const current = slot.object;
    const now = this.#times.milliseconds();
    const next =
      current.metadata.deletionTimestamp === undefined
        ? markDeleted(current, deletionOf(kind.resource, current, options), now)
        : shortenGrace(current, options, now);
    if (this.#isHeld(kind, slot, next ?? current)) {
      if (next === undefined) {
        this.#checkGuards(options.guards);
        return { object: current, resourceVersion: current.metadata.resourceVersion, deleted: false };
      }
      for (const rule of this.#rules) rule.beforeMark?.(kind, next);
      const object = this.#commit(kind, slot, next, options);
      return { object, resourceVersion: object.metadata.resourceVersion, deleted: false };
    }
    const last = this.#remove(kind, slot, options);
    return { object: last, resourceVersion: last.metadata.resourceVersion, deleted: true };
  }

  /** Gives a new object its identity and stores it. */
  #create(kind: Kind, submission: Submission, options: WriteOptions, record: Recorder): StoredObject {
    const { name, namespace } = keyFrom(kind.resource, submission.metadata);
    const candidate = prepareCreate(kind.resource, submission);
    const object = named(candidate, {
      name:
        name ?? freeName(kind, this.#target, candidate.generateName as string, namespace ?? '', this.#random),
      namespace,
      uid: this.#random.uuid(),
      creationTimestamp: this.#times.now(),
    });
    const managedFields = record(object);
    if (managedFields !== undefined) object.metadata.managedFields = managedFields;
    for (const rule of this.#rules) rule.beforeCreate?.(kind, object, this.#target);
    const existing = this.#target.find(kind, namespace ?? '', object.metadata.name);
    if (existing !== undefined) throw alreadyExists(kind.resource, existing.object);
    return this.#commit(kind, undefined, object, options);
  }

  /** Puts the result of an update or a patch in the place of the current object. */
  #update(kind: Kind, slot: Slot, submission: Submission, options: TrackedOptions): StoredObject {
    const { resource } = kind;
    const { subresource, trackedAs } = options;
    checkSubresource(resource, subresource);
    const manager = managerOf(options);
    return this.#replace(kind, slot, submission, options, (next) =>
      trackWrite({
        resource,
        current: slot.object,
        next,
        manager,
        subresource: trackedAs ?? subresource,
        // a subresource leaves the metadata alone
        submitted: subresource === undefined ? submission.metadata['managedFields'] : undefined,
        now: this.#times.now(),
      }),
    );
  }

  /** Checks a new state and puts it in the place of the current one, with the record of who set what. */
  #replace(
    kind: Kind,
    slot: Slot,
    submission: Submission,
    options: UpdateOptions,
    record: Recorder,
  ): StoredObject {
    const current = slot.object;
    const prepare = options.subresource === 'status' ? prepareStatusUpdate : prepareUpdate;
    const prepared = prepare(kind.resource, current, submission);
    const next = withManagedFields(current, prepared, record(prepared));
    if (next === current) {
      this.#checkGuards(options.guards);
      return current;
    }
    const { deletionTimestamp, finalizers } = next.metadata;
    const letsGo = finalizers === undefined && current.metadata.finalizers !== undefined;
    if (deletionTimestamp !== undefined && letsGo && !this.#isHeld(kind, slot, next)) {
      // the update that removes the last finalizer deletes: it answers with what was wanted, at the previous revision; watches are
      // told of the last state that was stored
      this.#remove(kind, slot, options);
      return seal(next, current.metadata.resourceVersion);
    }
    return this.#commit(kind, slot, next, options);
  }

  #commit(kind: Kind, slot: Slot | undefined, next: UnsealedObject, options: WriteOptions): StoredObject {
    this.#checkGuards(options.guards);
    const previous = slot?.object;
    if (options.dryRun === true) return seal(next, previous?.metadata.resourceVersion ?? '');
    const write = slot === undefined ? { kind, slot, next } : { kind, slot, next };
    return this.#target.commit(write);
  }

  #remove(kind: Kind, slot: Slot, options: WriteOptions): StoredObject {
    this.#checkGuards(options.guards);
    if (options.dryRun === true) return slot.object;
    return this.#target.commit({ kind, slot, next: undefined });
  }

  #checkGuards(guards: readonly Guard[] | undefined): void {
    if (guards !== undefined) this.#target.holds(guards);
  }

  #slot(kind: Kind, key: ObjectKey): Slot {
    checkKey(kind.resource, key);
    const slot = this.#target.find(kind, key.namespace ?? '', key.name);
    if (slot === undefined) throw ApiError.notFound(kind.resource, key.name);
    return slot;
  }
}

function checkSubresource(resource: AnyResource, subresource: string | undefined): void {
  if (subresource === 'status' && !resource.hasStatus) throw noSubresource(resource, 'status');
}
