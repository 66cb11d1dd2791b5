import type {
  ApplyOptions,
  DeleteOptions,
  DeleteResult,
  Guard,
  Patch,
  UpdateOptions,
  WriteOptions,
} from '../client/index.js';
import { ApiError, type JsonObject, type ObjectKey, preview, type Random } from '../core/index.js';
import { applyServerSide } from '../patch/index.js';
import type { AnyResource } from '../resources/index.js';
import type { AdmissionChain } from './admission/admission-chain.js';
import { AdmissionGate } from './admission/admission-gate.js';
import { applyPatch } from './apply-patch.js';
import {
  checkNewest,
  checkSameIdentity,
  isAnyRevision,
  isUnset,
  revisionRequired,
} from './check-identity.js';
import { checkKey } from './check-key.js';
import { chain, type Eventual } from './eventual.js';
import { type ManagedFieldsPolicy, managerOf, withManagedFields } from './field-tracking.js';
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
import type { KindVersion } from './kind-version.js';
import type { Kinds } from './kinds.js';
import type { Limits } from './limits.js';
import type { Slot } from './object-table.js';
import { creationRecorder, type Recorder, UNTRACKED, updateRecorder } from './recorder.js';
import type { SizeLimit } from './size-limit.js';
import { seal, type StoredObject, type UnsealedObject } from './stored-object.js';
import { named, prepareCreate, prepareStatusUpdate, prepareUpdate } from './strategy.js';
import { intentOf, keyFrom, patchOf, requestCopy, type Submission, submissionOf } from './submission.js';
import type { Timestamps } from './timestamps.js';
import type { WriteContext } from './write-context.js';
import type { WriteRule } from './write-rule.js';
import type { WriteTarget } from './write-target.js';
import { alreadyExists, failedPrecondition, noSubresource } from './write-errors.js';

/** An update on behalf of a subresource that is not part of the object, as `scale`. */
interface TrackedOptions extends UpdateOptions {
  readonly trackedAs?: string | undefined;
}

/** What the verbs of a store share. */
export interface RegistryParts {
  readonly kinds: Kinds;
  readonly times: Timestamps;
  readonly random: Random;
  readonly managedFields: ManagedFieldsPolicy;
  readonly limits: Limits;
  /** The same for what comes of a request, which may be larger than what was sent. */
  readonly resultLimits: Limits;
  /** What is stored must be within it; a deletion is always. */
  readonly size: SizeLimit;
  readonly rules: readonly WriteRule[];
  /** Undefined where nobody has a say. */
  readonly admission: AdmissionChain | undefined;
}

/**
 * The verbs that write, on one target: each decides what a request comes to, and commits that.
 *
 * What comes in and goes out is in the version that was asked for; all that is decided in between, in the storage version.
 *
 * A verb runs in one go unless admission or the commit makes it wait; what may have changed meanwhile is for the target to find out.
 *
 * Source: `registry.Store` in k8s.io/apiserver.
 */
export class Registry {
  readonly #parts: RegistryParts;
  readonly #kinds: Kinds;
  readonly #target: WriteTarget;
  readonly #admission: AdmissionGate | undefined;

  constructor(parts: RegistryParts, target: WriteTarget, context: WriteContext = NOBODY) {
    const { kinds, admission } = parts;
    this.#parts = parts;
    this.#kinds = kinds;
    this.#target = target;
    this.#admission =
      admission === undefined
        ? undefined
        : new AdmissionGate({ chain: admission, kinds, target, context, registry: this });
  }

  /** The same verbs for what happens together with the next commit here, where that can be; admission is not asked about it. */
  get aside(): Registry {
    const target = this.#target.aside;
    if (target === this.#target && this.#admission === undefined) return this;
    const limits = this.#parts.resultLimits;
    return new Registry({ ...this.#parts, limits, admission: undefined }, target);
  }

  create(resource: AnyResource, input: unknown, options: WriteOptions = {}): Eventual<StoredObject> {
    const version = this.#kinds.writable(resource, 'create');
    const submission = submissionOf(version.resource, input);
    const manager = managerOf(options);
    const { managedFields, times } = this.#parts;
    const record =
      managedFields === 'always' ? creationRecorder(version.kind.resource, manager, times) : UNTRACKED;
    return this.#create(version, submission, options, record);
  }

  get(resource: AnyResource, key: ObjectKey): StoredObject {
    const version = this.#kinds.version(resource);
    return version.show(this.#slot(version.kind, key).object);
  }

  /** The revision of the newest commit. */
  get revision(): string {
    return String(this.#target.revision);
  }

  /** The objects of a namespace, or of all. */
  all(kind: Kind, namespace: string | undefined): readonly StoredObject[] {
    return this.#target.ordered(kind, namespace).map(({ object }) => object);
  }

  update(resource: AnyResource, input: unknown, options: TrackedOptions = {}): Eventual<StoredObject> {
    const version = this.#kinds.writable(resource, 'update');
    const { kind } = version;
    const submission = submissionOf(version.resource, input);
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
    return this.#update(version, slot, submission, options, this.#parts.limits);
  }

  patch(
    resource: AnyResource,
    key: ObjectKey,
    patch: Patch,
    options: UpdateOptions = {},
  ): Eventual<StoredObject> {
    const version = this.#kinds.writable(resource, 'patch');
    const { kind } = version;
    const slot = this.#slot(kind, key);
    const current = slot.object;
    const patched = applyPatch(version.resource, version.whole(current), patchOf(patch, this.#parts.limits));
    const submission = submissionOf(version.resource, patched);
    const { metadata } = submission;
    checkSameIdentity(kind.resource, current, metadata);
    const { resourceVersion } = metadata;
    if (typeof resourceVersion !== 'string' || isAnyRevision(resourceVersion)) {
      throw revisionRequired(kind.resource, current.metadata.name, resourceVersion);
    }
    checkNewest(kind, current, resourceVersion, this.#target.log);
    return this.#update(version, slot, submission, options, this.#parts.resultLimits);
  }

  /** @throws ApiError MethodNotAllowed in another version than the stored one, in whose paths it is recorded who set which fields. */
  apply(resource: AnyResource, input: unknown, options: ApplyOptions = {}): Eventual<StoredObject> {
    const version = this.#kinds.writable(resource, 'apply');
    const { kind } = version;
    checkStorageVersion(version, 'apply');
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
    const intent = requestCopy(intentOf(kind.resource, submission, subresource), '', this.#parts.limits);
    const applied = applyServerSide<StoredObject>(
      {
        live: live?.object,
        applied: intent as JsonObject,
        manager: managerOf(options),
        force,
        subresource,
        now: this.#parts.times.now(),
      },
      kind.resource,
    );
    const record: Recorder = () => applied.metadata.managedFields;
    const wanted = submissionOf(kind.resource, applied);
    return live === undefined
      ? this.#create(version, wanted, options, record)
      : this.#replace(version, live, wanted, options, this.#parts.resultLimits, record);
  }

  /** Removes an object, or marks it where something holds it. */
  delete(
    resource: AnyResource,
    key: ObjectKey,
    options: DeleteOptions = {},
  ): Eventual<DeleteResult<StoredObject>> {
    const version = this.#kinds.writable(resource, 'delete');
    const { kind } = version;
    checkDeleteOptions(options);
    const slot = this.#slot(kind, key);
    const current = slot.object;
    checkPreconditions(kind.resource, current, options);
    version.checkShown(current);
    return chain(this.#admission?.validateDelete(kind, current, options), () =>
      this.#delete(version, slot, options),
    );
  }

  /** Removes an object that was marked and held, now that nothing holds it. */
  finishDeletion(kind: Kind, key: ObjectKey): Eventual<void> {
    const slot = this.#slot(kind, key);
    const { deletionTimestamp } = slot.object.metadata;
    if (deletionTimestamp !== undefined && !this.#isHeld(kind, slot, slot.object))
      return chain(this.#remove(kind, slot, {}), () => undefined);
    return undefined;
  }

  /** Removes an object that may be deleted, or marks it where something holds it. */
  #delete(version: KindVersion, slot: Slot, options: DeleteOptions): Eventual<DeleteResult<StoredObject>> {
    const { kind } = version;
    const current = slot.object;
    const now = this.#parts.times.milliseconds();
    const next =
      current.metadata.deletionTimestamp === undefined
        ? markDeleted(current, deletionOf(kind.resource, current, options), now)
        : shortenGrace(current, options, now);
    if (!this.#isHeld(kind, slot, next ?? current)) {
      return chain(this.#remove(kind, slot, options), (removed) => resultOf(version.show(removed), true));
    }
    if (next === undefined) {
      this.#checkGuards(options.guards);
      return resultOf(version.show(current), false);
    }
    for (const rule of this.#parts.rules) rule.beforeMark?.(kind, next);
    return chain(this.#commit(version, slot, next, options), (object) => resultOf(object, false));
  }

  /** Whether a state itself, or a rule of the store, keeps an object whose deletion was asked for. */
  #isHeld(kind: Kind, slot: Slot, state: UnsealedObject | StoredObject): boolean {
    // every rule is asked: one may refuse the deletion altogether
    const held = this.#parts.rules.filter((rule) => rule.holdsDeletion?.(kind, slot, this.#target) === true);
    return held.length > 0 || holdsItself(state);
  }

  /** Gives a new object its identity and stores it. */
  #create(
    version: KindVersion,
    submission: Submission,
    options: WriteOptions,
    record: Recorder,
  ): Eventual<StoredObject> {
    const { kind } = version;
    const { resource } = kind;
    const { name, namespace } = keyFrom(resource, submission.metadata);
    const { random, times, rules, limits, size } = this.#parts;
    const candidate = prepareCreate(version.resource, submission, limits);
    const identity = {
      name: name ?? freeName(kind, this.#target, candidate.generateName as string, namespace ?? '', random),
      namespace,
      uid: random.uuid(),
      creationTimestamp: times.now(),
    };
    const first = version.named(candidate, identity);
    return chain(this.#admission?.mutate(kind, first, undefined, options), (mutated) => {
      const object =
        mutated === undefined
          ? first
          : named(prepareCreate(resource, submissionOf(resource, mutated)), identity);
      const managedFields = record(object);
      if (managedFields !== undefined) object.metadata.managedFields = managedFields;
      const isAsSent = mutated === undefined && managedFields === undefined && !version.converts;
      size.check(resource, object, undefined, isAsSent ? candidate.counted : undefined);
      for (const rule of rules) rule.beforeCreate?.(kind, object, this.#target);
      return chain(this.#admission?.validate(kind, object, undefined, options), () => {
        const existing = this.#target.find(kind, namespace ?? '', object.metadata.name);
        if (existing !== undefined) throw alreadyExists(resource, existing.object);
        return this.#commit(version, undefined, object, options);
      });
    });
  }

  /** Puts the result of an update or a patch in the place of the current object. */
  #update(
    version: KindVersion,
    slot: Slot,
    submission: Submission,
    options: TrackedOptions,
    limits: Limits,
  ): Eventual<StoredObject> {
    const { subresource, trackedAs } = options;
    checkSubresource(version.resource, subresource);
    const manager = managerOf(options);
    const { object } = slot;
    const { times } = this.#parts;
    const record =
      object.metadata.managedFields === undefined
        ? UNTRACKED
        : updateRecorder(version.kind.resource, object, submission, {
            manager,
            subresource,
            trackedAs,
            times,
          });
    return this.#replace(version, slot, submission, options, limits, record);
  }

  /** Checks a new state and puts it in the place of the current one, with the record of who set what. */
  #replace(
    version: KindVersion,
    slot: Slot,
    submission: Submission,
    options: TrackedOptions,
    limits: Limits,
    record: Recorder,
  ): Eventual<StoredObject> {
    const current = slot.object;
    const prepare = options.subresource === 'status' ? prepareStatusUpdate : prepareUpdate;
    const prepared = version.update(prepare, current, submission, limits);
    const admission = this.#admission;
    if (admission !== undefined) {
      return this.#replaceAdmitted(admission, version, slot, prepared, options, record);
    }
    return this.#put(version, slot, withManagedFields(current, prepared, record(prepared)), options);
  }

  #replaceAdmitted(
    admission: AdmissionGate,
    version: KindVersion,
    slot: Slot,
    first: StoredObject | UnsealedObject,
    options: TrackedOptions,
    record: Recorder,
  ): Eventual<StoredObject> {
    const current = slot.object;
    const { kind } = version;
    const { resource } = kind;
    const prepare = options.subresource === 'status' ? prepareStatusUpdate : prepareUpdate;
    return chain(admission.mutate(kind, first, current, options), (mutated) => {
      const prepared =
        mutated === undefined ? first : prepare(resource, current, submissionOf(resource, mutated));
      return chain(admission.validate(kind, prepared, current, options), () =>
        this.#put(version, slot, withManagedFields(current, prepared, record(prepared)), options),
      );
    });
  }

  /** Puts a checked state in the place of the current one, unless it is that; where it lets a marked object go, removes it. */
  #put(
    version: KindVersion,
    slot: Slot,
    next: UnsealedObject | StoredObject,
    options: WriteOptions,
  ): Eventual<StoredObject> {
    const { kind } = version;
    const current = slot.object;
    if (next === current) {
      this.#checkGuards(options.guards);
      return version.show(current);
    }
    const { deletionTimestamp, finalizers } = next.metadata;
    const letsGo = finalizers === undefined && current.metadata.finalizers !== undefined;
    if (deletionTimestamp !== undefined && letsGo && !this.#isHeld(kind, slot, next)) {
      // the update that removes the last finalizer deletes: it answers with what was wanted, at the previous revision; watches are
      // told of the last state that was stored
      version.checkShown(next);
      return chain(this.#remove(kind, slot, options), () =>
        version.show(seal(next, current.metadata.resourceVersion)),
      );
    }
    this.#parts.size.check(kind.resource, next, current);
    return this.#commit(version, slot, next, options);
  }

  /** Stores the next state of an object, or a new one where there is no slot; answers with what the version shows of it. */
  #commit(
    version: KindVersion,
    slot: Slot | undefined,
    next: UnsealedObject,
    options: WriteOptions,
  ): Eventual<StoredObject> {
    this.#checkGuards(options.guards);
    const { kind } = version;
    const previous = slot?.object;
    if (options.dryRun === true) return version.show(seal(next, previous?.metadata.resourceVersion ?? ''));
    if (this.#admission !== undefined) {
      const { status } = next;
      this.#admission.accompany(kind, next, previous, options);
      // a plugin may have written the status beside the rest
      if (next['status'] !== status) this.#parts.size.check(kind.resource, next, previous);
    }
    version.checkShown(next);
    const write = slot === undefined ? { kind, slot, next } : { kind, slot, next };
    return chain(this.#target.commit(write), (object) => version.show(object));
  }

  #remove(kind: Kind, slot: Slot, options: WriteOptions): Eventual<StoredObject> {
    this.#checkGuards(options.guards);
    if (options.dryRun === true) return slot.object;
    this.#admission?.accompany(kind, undefined, slot.object, options);
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

function resultOf(object: StoredObject, deleted: boolean): DeleteResult<StoredObject> {
  return { object, resourceVersion: object.metadata.resourceVersion, deleted };
}

const NOBODY: WriteContext = /* @__PURE__ */ Object.freeze({ verb: 'update' });

function checkSubresource(resource: AnyResource, subresource: string | undefined): void {
  if (subresource === 'status' && !resource.hasStatus) throw noSubresource(resource, 'status');
}

function checkStorageVersion({ converts, kind, resource }: KindVersion, verb: string): void {
  if (!converts) return;
  const where = `${resource.apiVersion} (but in ${kind.resource.apiVersion}, in which objects are stored)`;
  throw ApiError.methodNotAllowed(resource, `${verb} in ${where}`);
}
