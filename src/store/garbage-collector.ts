import { isConflict, isNotFound, type OwnerReference } from '../core/index.js';
import type { Background } from './background.js';
import type { Kind } from './kind.js';
import { FOREGROUND, ORPHAN } from './deletion.js';
import type { Kinds } from './kinds.js';
import type { Dependent } from './owner-index.js';
import type { Registry } from './registry.js';
import type { State } from './state.js';
import type { StoredObject } from './stored-object.js';
import type { WriteRule } from './write-rule.js';

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
  readonly #registry: () => Registry;

  constructor(options: {
    readonly kinds: Kinds;
    readonly state: State;
    readonly background: Background;
    readonly registry: () => Registry;
  }) {
    this.#kinds = options.kinds;
    this.#state = options.state;
    this.#background = options.background;
    this.#registry = options.registry;
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
    this.#background.add(() => this.#unlessOvertaken(dependent, () => this.#collect(dependent)));
  }

  #releaseLater(owner: Dependent): void {
    this.#background.add(() => this.#unlessOvertaken(owner, () => this.#release(owner)));
  }

  /** Looks again at the owners that may have waited for an object, or for a reference of it, to go. */
  #releaseOwners(dependent: StoredObject): void {
    for (const reference of dependent.metadata.ownerReferences ?? []) {
      const owner = this.#ownerOf(reference, dependent);
      if (typeof owner === 'object' && awaitsDependents(owner.slot.object)) this.#releaseLater(owner);
    }
  }

  /** Runs a step unless its object went meanwhile, or goes or changes in the same moment: then that has set off a step of its own. */
  #unlessOvertaken({ kind, slot }: Dependent, step: () => void): void {
    if (kind.table.get(slot.namespace, slot.name) !== slot) return;
    try {
      step();
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }

  /** Deletes a dependent that no owner keeps, or strips it of the references that say nothing any more. */
  #collect({ kind, slot }: Dependent): void {
    const object = slot.object;
    const { ownerReferences = [], uid } = object.metadata;
    const standings = ownerReferences.map((reference) => this.#standing(reference, object));
    if (standings.every((standing) => standing === 'there')) return;
    if (standings.includes('there')) {
      const rest = ownerReferences.filter((_, index) => standings[index] === 'there');
      this.#setOwners(kind, object, rest);
      return;
    }
    const dependents = this.#state.owners.dependents(uid);
    const inForeground = standings.includes('waiting') && dependents.length > 0;
    if (inForeground && dependents.some((dependent) => isForeground(dependent.slot.object))) {
      const unblocked = ownerReferences.map((reference) => ({ ...reference, blockOwnerDeletion: false }));
      this.#setOwners(kind, object, unblocked);
    }
    this.#registry().delete(kind.resource, object.metadata, {
      preconditions: { uid },
      // a finalizer of the object decides otherwise
      ...(inForeground ? { propagationPolicy: 'Foreground' } : undefined),
    });
  }

  /** Lets an owner go that nothing keeps waiting any more. */
  #release({ kind, slot }: Dependent): void {
    const { uid, finalizers = [] } = slot.object.metadata;
    if (!awaitsDependents(slot.object)) return;
    const dependents = this.#state.owners.dependents(uid);
    if (finalizers.includes(ORPHAN)) {
      for (const dependent of dependents) this.#disown(dependent, uid);
    } else if (dependents.some((dependent) => blocks(dependent.slot.object, uid))) {
      return;
    }
    const object = slot.object;
    const rest = finalizers.filter((finalizer) => finalizer !== ORPHAN && finalizer !== FOREGROUND);
    this.#registry().update(kind.resource, {
      ...object,
      metadata: { ...object.metadata, finalizers: rest },
    });
  }

  #disown({ kind, slot }: Dependent, uid: string): void {
    const { ownerReferences = [] } = slot.object.metadata;
    this.#setOwners(
      kind,
      slot.object,
      ownerReferences.filter((reference) => reference.uid !== uid),
    );
  }

  #setOwners(kind: Kind, object: StoredObject, ownerReferences: readonly OwnerReference[]): void {
    this.#registry().update(kind.resource, { ...object, metadata: { ...object.metadata, ownerReferences } });
  }

  #standing(reference: OwnerReference, dependent: StoredObject): Standing {
    const owner = this.#ownerOf(reference, dependent);
    if (typeof owner === 'string') return owner === 'unknown' ? 'there' : 'gone';
    return isForeground(owner.slot.object) ? 'waiting' : 'there';
  }

  /** The owner that a reference names; `unknown` where it cannot be looked for. */
  #ownerOf(reference: OwnerReference, dependent: StoredObject): Dependent | 'gone' | 'unknown' {
    const versions = this.#kinds.versionsOf(reference);
    if (versions.length === 0) return 'unknown';
    for (const kind of versions) {
      const namespace = kind.namespaced ? dependent.metadata.namespace : '';
      if (namespace === undefined) return 'unknown';
      const slot = kind.table.get(namespace, reference.name);
      if (slot?.object.metadata.uid === reference.uid) return { kind, slot };
    }
    return 'gone';
  }
}

/** Whether an object is to go once its dependents are dealt with. */
function awaitsDependents({ metadata }: StoredObject): boolean {
  const { deletionTimestamp, finalizers } = metadata;
  if (deletionTimestamp === undefined || finalizers === undefined) return false;
  return finalizers.includes(FOREGROUND) || finalizers.includes(ORPHAN);
}

function isForeground({ metadata }: StoredObject): boolean {
  return metadata.deletionTimestamp !== undefined && metadata.finalizers?.includes(FOREGROUND) === true;
}

/** Whether an object keeps the owner with this uid from going. */
function blocks({ metadata }: StoredObject, uid: string): boolean {
  const references = metadata.ownerReferences ?? [];
  return references.some((reference) => reference.uid === uid && reference.blockOwnerDeletion === true);
}
