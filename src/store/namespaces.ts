import { ApiError, isAlreadyExists, type JsonObject } from '../core/index.js';
import type { Background } from './background.js';
import type { Kind } from './kind.js';
import type { Kinds } from './kinds.js';
import type { Slot } from './object-table.js';
import { type Steps, wait } from './steps.js';
import type { StoredObject, UnsealedObject } from './stored-object.js';
import type { WriteTarget } from './write-target.js';
import type { WriteRule } from './write-rule.js';
import type { Writer } from './writer.js';

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
  readonly #writer: () => Writer;

  constructor(options: {
    readonly kinds: Kinds;
    readonly namespaces: Kind;
    readonly background: Background;
    readonly writer: () => Writer;
  }) {
    this.#kinds = options.kinds;
    this.#namespaces = options.namespaces;
    this.#background = options.background;
    this.#writer = options.writer;
  }

  /** Creates those that every store has, where they are missing. */
  *createInitial(writer: Writer): Steps<void> {
    const { resource, table } = this.#namespaces;
    for (const name of INITIAL) {
      if (table.get('', name) !== undefined) continue;
      try {
        yield* wait(
          writer.write({ verb: 'create' }, (registry) => registry.create(resource, { metadata: { name } })),
        );
      } catch (error) {
        // somebody else who has opened the same storage was faster
        if (!isAlreadyExists(error)) throw error;
      }
    }
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
    for (const content of this.#content(name)) {
      this.#background.add(() => this.#delete(content.kind, content.slot));
    }
    // its content may have gone before anybody was there to see it
    this.#finishLater(name);
  }

  afterDelete(_kind: Kind, object: StoredObject): void {
    const { namespace } = object.metadata;
    if (namespace !== undefined) this.#finishLater(namespace);
  }

  *#delete(kind: Kind, slot: Slot): Steps<void> {
    if (kind.table.get(slot.namespace, slot.name) !== slot) return;
    const { metadata } = slot.object;
    yield* wait(
      this.#writer().write({ verb: 'delete' }, (registry) =>
        registry.delete(kind.resource, metadata, { preconditions: { uid: metadata.uid } }),
      ),
    );
  }

  /** Removes a namespace whose deletion was asked for, if it is empty by now. */
  #finishLater(name: string): void {
    const slot = this.#namespaces.table.get('', name);
    if (slot?.object.metadata.deletionTimestamp === undefined) return;
    if (!this.#isEmpty(({ table }) => table.sizeOf(name) === 0)) return;
    this.#background.add(() => this.#finish(slot));
  }

  *#finish(slot: Slot): Steps<void> {
    if (this.#namespaces.table.get('', slot.name) !== slot) return;
    yield* wait(
      this.#writer().write({ verb: 'delete' }, (registry) =>
        registry.finishDeletion(this.#namespaces, { name: slot.name }),
      ),
    );
  }

  #isEmpty(hasNone: (kind: Kind) => boolean): boolean {
    return this.#kinds.all().every((kind) => !kind.namespaced || hasNone(kind));
  }

  #content(namespace: string): readonly { kind: Kind; slot: Slot }[] {
    return this.#kinds
      .all()
      .flatMap((kind) =>
        kind.namespaced ? [...kind.table.slots(namespace)].map((slot) => ({ kind, slot })) : [],
      );
  }
}
