import { ApiError, type JsonObject } from '../core/index.js';
import type { Background } from './background.js';
import type { Kind } from './kind.js';
import type { Kinds } from './kinds.js';
import type { Slot } from './object-table.js';
import type { Registry } from './registry.js';
import type { StoredObject, UnsealedObject } from './stored-object.js';
import type { WriteTarget } from './write-target.js';
import type { WriteRule } from './write-rule.js';

/** The namespaces that every store with namespaces has from the start. */
const INITIAL = ['default', 'kube-system'];

const ACTIVE = Object.freeze({ phase: 'Active' });

/**
 * The life of namespaces, in a store that serves the kind `Namespace`.
 *
 * Nothing can be created in a namespace that is missing or being deleted. A namespace whose deletion was asked for stays, marked, until
 * all that is in it is gone; the store deletes that in the background. `default` and `kube-system` are there from the start and
 * cannot be deleted. `status.phase` says `Active` or `Terminating`.
 *
 * Source: the NamespaceLifecycle admission plugin and the namespace controller of Kubernetes.
 */
export class Namespaces implements WriteRule {
  readonly #kinds: Kinds;
  readonly #namespaces: Kind;
  readonly #background: Background;
  readonly #registry: () => Registry;

  constructor(options: {
    readonly kinds: Kinds;
    readonly namespaces: Kind;
    readonly background: Background;
    readonly registry: () => Registry;
  }) {
    this.#kinds = options.kinds;
    this.#namespaces = options.namespaces;
    this.#background = options.background;
    this.#registry = options.registry;
  }

  createInitial(): void {
    for (const name of INITIAL) this.#registry().create(this.#namespaces.resource, { metadata: { name } });
  }

  beforeCreate(kind: Kind, object: UnsealedObject, target: WriteTarget): void {
    if (kind === this.#namespaces) object['status'] = ACTIVE;
    if (!kind.namespaced) return;
    const { namespace = '' } = object.metadata;
    const found = target.find(this.#namespaces, '', namespace)?.object;
    if (found === undefined) throw ApiError.notFound(this.#namespaces.resource, namespace);
    if (found.metadata.deletionTimestamp !== undefined) {
      throw ApiError.forbidden(
        kind.resource,
        object.metadata.name,
        `unable to create new content in namespace ${namespace} because it is being terminated`,
      );
    }
  }

  beforeMark(kind: Kind, object: UnsealedObject): void {
    if (kind !== this.#namespaces) return;
    object['status'] = Object.freeze({ ...(object['status'] as JsonObject), phase: 'Terminating' });
  }

  holdsDeletion(kind: Kind, slot: Slot, target: WriteTarget): boolean {
    if (kind !== this.#namespaces) return false;
    if (INITIAL.includes(slot.name)) {
      throw ApiError.forbidden(kind.resource, slot.name, 'this namespace may not be deleted');
    }
    return !this.#isEmpty((each) => target.isEmpty(each, slot.name));
  }

  afterWrite(kind: Kind, previous: StoredObject | undefined, object: StoredObject): void {
    if (kind !== this.#namespaces) return;
    const { name, deletionTimestamp } = object.metadata;
    if (deletionTimestamp === undefined || previous?.metadata.deletionTimestamp !== undefined) return;
    for (const { resource, slot } of this.#content(name)) {
      this.#background.add(() => {
        const { uid } = slot.object.metadata;
        const current = this.#kinds.of(resource).table.get(slot.namespace, slot.name);
        if (current === slot)
          this.#registry().delete(resource, slot.object.metadata, { preconditions: { uid } });
      });
    }
  }

  afterDelete(_kind: Kind, object: StoredObject): void {
    const { namespace } = object.metadata;
    if (namespace === undefined) return;
    const slot = this.#namespaces.table.get('', namespace);
    if (
      slot?.object.metadata.deletionTimestamp === undefined ||
      !this.#isEmpty(({ table }) => table.sizeOf(namespace) === 0)
    )
      return;
    this.#background.add(() => {
      if (this.#namespaces.table.get('', namespace) === slot)
        this.#registry().finishDeletion(this.#namespaces, slot);
    });
  }

  #isEmpty(hasNone: (kind: Kind) => boolean): boolean {
    return this.#kinds.all().every((kind) => !kind.namespaced || hasNone(kind));
  }

  #content(namespace: string): { resource: Kind['resource']; slot: Slot }[] {
    return this.#kinds
      .all()
      .flatMap(({ resource, namespaced, table }) =>
        namespaced ? [...table.slots(namespace)].map((slot) => ({ resource, slot })) : [],
      );
  }
}
