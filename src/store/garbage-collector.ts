import { isConflict, isNotFound, type OwnerReference } from '../core/index.js';
import type { Background } from './background.js';
import type { Kind } from './kind.js';
import type { Kinds } from './kinds.js';
import type { Dependent } from './owner-index.js';
import type { Registry, WriteRule } from './registry.js';
import type { State } from './state.js';
import type { StoredObject } from './stored-object.js';

/**
 * Deletes objects whose owners are all gone, in the background.
 *
 * An owner is there if an object of its group, kind and name has its uid, in the dependent's namespace or, for cluster kinds, in none.
 * An owner that cannot be looked for is taken to be there: one of a kind that the store does not serve, and a namespaced one of a
 * cluster object. A dependent with some owners left loses its references to the others. Nothing is polled: a deletion and a write of
 * owner references are what set it going.
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
    for (const dependent of this.#state.owners.dependents(object.metadata.uid)) this.#enqueue(dependent);
  }

  afterWrite(kind: Kind, previous: StoredObject | undefined, object: StoredObject): void {
    const { ownerReferences, namespace = '', name } = object.metadata;
    if (ownerReferences === undefined || ownerReferences === previous?.metadata.ownerReferences) return;
    if (ownerReferences.every((reference) => this.#isThere(reference, object))) return;
    const slot = kind.table.get(namespace, name);
    if (slot !== undefined) this.#enqueue({ kind, slot });
  }

  #enqueue(dependent: Dependent): void {
    this.#background.add(() => this.#collect(dependent));
  }

  #collect({ kind, slot }: Dependent): void {
    const object = slot.object;
    const { ownerReferences, namespace = '', name } = object.metadata;
    if (ownerReferences === undefined || kind.table.get(namespace, name) !== slot) return;
    const there = ownerReferences.filter((reference) => this.#isThere(reference, object));
    if (there.length === ownerReferences.length) return;
    try {
      if (there.length === 0) {
        this.#registry().delete(kind.resource, object.metadata, {
          preconditions: { uid: object.metadata.uid },
        });
      } else {
        this.#registry().update(kind.resource, {
          ...object,
          metadata: { ...object.metadata, ownerReferences: there },
        });
      }
    } catch (error) {
      // it went or changed in the same moment: what changed it set the collector going again
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }

  #isThere(reference: OwnerReference, dependent: StoredObject): boolean {
    const versions = this.#kinds.versionsOf(reference);
    if (versions.length === 0) return true;
    return versions.some(({ table, namespaced }) => {
      const namespace = namespaced ? dependent.metadata.namespace : '';
      if (namespace === undefined) return true;
      return table.get(namespace, reference.name)?.object.metadata.uid === reference.uid;
    });
  }
}
