import type { OwnerReference } from '../core/index.js';
import type { Background } from './background.js';
import type { Kind } from './kind.js';
import { FOREGROUND, ORPHAN } from './deletion.js';
import type { Eventual } from './eventual.js';
import type { Kinds } from './kinds.js';
import type { Slot } from './object-table.js';
import { blocks, isForeground, ownerOf } from './owner.js';
import type { Dependent } from './owner-index.js';
import type { Registry } from './registry.js';
import type { State } from './state.js';
import { type Steps, wait } from './steps.js';
import type { StoredObject } from './stored-object.js';
import type { WriteRule } from './write-rule.js';
import type { Writer } from './writer.js';

/** What an owner is to a dependent. */
type Standing =
  /** It is there, so the dependent stays. */
  | 'there'
  /** It is gone, so the dependent's reference says nothing any more. */
  | 'gone'
  /** It is there, and waits for the dependent to go. */
  | 'waiting';

/**
 * Deletes objects whose owners are all gone, in the background, and lets owners go that wait for their dependents.
 *
 * - An owner is there if an object of its group, kind and name has its uid, in the dependent's namespace or, for cluster kinds, in
 *   none. An owner that cannot be looked for is taken to be there: one of a kind that the store does not serve, and a namespaced one of
 *   a cluster object.
 * - A dependent with some owners left loses its references to the others.
 * - An owner that is deleted in the foreground stays until the dependents are gone that name it with `blockOwnerDeletion`; a
 *   dependent that has dependents itself is deleted in the foreground too. Where that goes round in a circle, the dependents no longer
 *   block.
 * - An owner that is deleted as `Orphan` stays until no dependent names it.
 *
 * Nothing is polled: deletions, and writes of owner references and finalizers, are what set it going.
 *
 * Source: pkg/controller/garbagecollector in Kubernetes, and kubernetes.io "Owners and Dependents".
 */
export class GarbageCollector implements WriteRule {
  readonly #kinds: Kinds;
  readonly #state: State;
  readonly #background: Background;
  readonly #writer: () => Writer;

  constructor(options: {
    readonly kinds: Kinds;
    readonly state: State;
    readonly background: Background;
    readonly writer: () => Writer;
  }) {
    this.#kinds = options.kinds;
    this.#state = options.state;
    this.#background = options.background;
    this.#writer = options.writer;
  }

  afterDelete(_kind: Kind, object: StoredObject): void {
    for (const dependent of this.#state.owners.dependents(object.metadata.uid)) this.#collectLater(dependent);
    this.#releaseOwners(object);
  }

  afterWrite(kind: Kind, previous: StoredObject | undefined, object: StoredObject): void {
    const { uid, ownerReferences, namespace = '', name } = object.metadata;
    const awaits = awaitsDependents(object);
    if (!awaits && ownerReferences === previous?.metadata.ownerReferences) return;
    const slot = kind.table.get(namespace, name);
    if (slot === undefined) return;
    if (awaits) {
      for (const dependent of this.#state.owners.dependents(uid)) this.#collectLater(dependent);
      this.#releaseLater({ kind, slot });
    }
    if (ownerReferences === previous?.metadata.ownerReferences) return;
    if (previous !== undefined) this.#releaseOwners(previous);
    if (ownerReferences?.some((reference) => this.#standing(reference, object) !== 'there')) {
      this.#collectLater({ kind, slot });
    }
  }

  #collectLater(dependent: Dependent): void {
    this.#background.add(() => this.#collect(dependent));
  }

  #releaseLater(owner: Dependent): void {
    this.#background.add(() => this.#release(owner));
  }

  /** Looks again at the owners that may have waited for an object, or for a reference of it, to go. */
  #releaseOwners(dependent: StoredObject): void {
    for (const reference of dependent.metadata.ownerReferences ?? []) {
      const owner = ownerOf(this.#kinds, reference, dependent);
      if (typeof owner === 'object' && awaitsDependents(owner.slot.object)) this.#releaseLater(owner);
    }
  }

  /** Deletes a dependent that no owner keeps, or strips it of the references that say nothing any more. */
  *#collect(dependent: Dependent): Steps<void> {
    yield* this.#decide('update', dependent, (registry, object) => {
      const ownerReferences = this.#ownersOf(object);
      return ownerReferences === undefined
        ? undefined
        : registry.update(dependent.kind.resource, withMetadata(object, { ownerReferences }));
    });
    yield* this.#decide('delete', dependent, (registry, object) => {
      const standings = this.#standings(object);
      if (standings.length === 0 || standings.includes('there')) return undefined;
      const { uid } = object.metadata;
      return registry.delete(dependent.kind.resource, object.metadata, {
        preconditions: { uid },
        // a finalizer of the object decides otherwise
        ...(standings.includes('waiting') && this.#state.owners.dependents(uid).length > 0
          ? { propagationPolicy: 'Foreground' }
          : undefined),
      });
    });
  }

  /** The references that a dependent is left with; undefined where it keeps those that it has. */
  #ownersOf(object: StoredObject): readonly OwnerReference[] | undefined {
    const { ownerReferences = [], uid } = object.metadata;
    const standings = this.#standings(object);
    if (standings.every((standing) => standing === 'there')) return undefined;
    if (standings.includes('there')) {
      return ownerReferences.filter((_, index) => standings[index] === 'there');
    }
    const dependents = this.#state.owners.dependents(uid);
    const isCircle =
      standings.includes('waiting') && dependents.some(({ slot }) => isForeground(slot.object));
    return isCircle
      ? ownerReferences.map((reference) => ({ ...reference, blockOwnerDeletion: false }))
      : undefined;
  }

  /** Lets an owner go that nothing keeps waiting any more. */
  *#release(owner: Dependent): Steps<void> {
    const { kind, slot } = owner;
    if (!isThere(kind, slot) || !awaitsDependents(slot.object)) return;
    const { uid, finalizers = [] } = slot.object.metadata;
    if (finalizers.includes(ORPHAN)) {
      for (const dependent of this.#state.owners.dependents(uid)) yield* this.#disown(dependent, uid);
    }
    yield* this.#decide('update', owner, (registry, object) => {
      if (!awaitsDependents(object)) return undefined;
      const { finalizers: held = [] } = object.metadata;
      const dependents = this.#state.owners.dependents(uid);
      if (!held.includes(ORPHAN) && dependents.some((dependent) => blocks(dependent.slot.object, uid))) {
        return undefined;
      }
      const rest = held.filter((finalizer) => finalizer !== ORPHAN && finalizer !== FOREGROUND);
      return registry.update(kind.resource, withMetadata(object, { finalizers: rest }));
    });
  }

  #disown(dependent: Dependent, uid: string): Steps<void> {
    return this.#decide('update', dependent, (registry, object) => {
      const { ownerReferences = [] } = object.metadata;
      const rest = ownerReferences.filter((reference) => reference.uid !== uid);
      return registry.update(dependent.kind.resource, withMetadata(object, { ownerReferences: rest }));
    });
  }

  /** Decides about an object as it is when the decision comes to stand; not at all where it is gone. */
  *#decide(
    verb: 'update' | 'delete',
    { kind, slot }: Dependent,
    decide: (registry: Registry, object: StoredObject) => Eventual<unknown>,
  ): Steps<void> {
    yield* wait(
      this.#writer().write({ verb }, (registry) =>
        isThere(kind, slot) ? decide(registry, slot.object) : undefined,
      ),
    );
  }

  #standings(dependent: StoredObject): readonly Standing[] {
    const { ownerReferences = [] } = dependent.metadata;
    return ownerReferences.map((reference) => this.#standing(reference, dependent));
  }

  #standing(reference: OwnerReference, dependent: StoredObject): Standing {
    const owner = ownerOf(this.#kinds, reference, dependent);
    if (typeof owner === 'string') return owner === 'unknown' ? 'there' : 'gone';
    return isForeground(owner.slot.object) ? 'waiting' : 'there';
  }
}

function withMetadata(object: StoredObject, changes: Partial<StoredObject['metadata']>): StoredObject {
  return { ...object, metadata: { ...object.metadata, ...changes } };
}

/** Whether a place is still that of the object for which a step was added. */
function isThere(kind: Kind, slot: Slot): boolean {
  return kind.table.get(slot.namespace, slot.name) === slot;
}

/** Whether an object is to go once its dependents are dealt with. */
function awaitsDependents({ metadata }: StoredObject): boolean {
  const { deletionTimestamp, finalizers } = metadata;
  if (deletionTimestamp === undefined || finalizers === undefined) return false;
  return finalizers.includes(FOREGROUND) || finalizers.includes(ORPHAN);
}
