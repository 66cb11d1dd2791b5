import type { SelectOptions } from '../../client/index.js';
import { formatKey, type ObjectKey } from '../../core/index.js';
import type { AnyResource, New, ObjectOf } from '../../resources/index.js';
import { checkKey } from '../check-key.js';
import type { Kind } from '../kind.js';
import type { Eventual } from '../eventual.js';
import type { Kinds } from '../kinds.js';
import { selectionOf } from '../selection.js';
import type { StoredObject, UnsealedObject } from '../stored-object.js';
import { prepareStatusUpdate } from '../strategy.js';
import { submissionOf } from '../submission.js';
import type { WriteTarget } from '../write-target.js';
import type { AdmissionReader, AdmissionWriter } from './admission-plugin.js';

/** The verbs for what is written beside a write. */
export interface AsideVerbs {
  create(resource: AnyResource, input: unknown): Eventual<StoredObject>;
  update(
    resource: AnyResource,
    input: unknown,
    options: { readonly subresource?: 'status' },
  ): Eventual<StoredObject>;
  delete(resource: AnyResource, key: ObjectKey): Eventual<unknown>;
}

/** The store as the plugins of a write see it. */
export class StoreView implements AdmissionReader {
  readonly #kinds: Kinds;
  readonly #target: WriteTarget;

  constructor(kinds: Kinds, target: WriteTarget) {
    this.#kinds = kinds;
    this.#target = target;
  }

  get resources(): readonly AnyResource[] {
    return this.#kinds.resources;
  }

  get<R extends AnyResource>(resource: R, key: ObjectKey): ObjectOf<R> | undefined {
    if (this.#kinds.find(resource) === undefined) return undefined;
    const version = this.#kinds.version(resource);
    checkKey(version.resource, key);
    const object = this.#target.find(version.kind, key.namespace ?? '', key.name)?.object;
    return object === undefined ? undefined : (version.show(object) as ObjectOf<R>);
  }

  list<R extends AnyResource>(resource: R, selection: SelectOptions = {}): readonly ObjectOf<R>[] {
    if (this.#kinds.find(resource) === undefined) return [];
    const version = this.#kinds.version(resource);
    const { namespace, matches } = selectionOf(version.resource, selection);
    const slots = this.#target.ordered(version.kind, namespace);
    if (slots.length === 0) return [];
    return slots
      .filter(({ object }) => matches === undefined || matches(version.whole(object)))
      .map(({ object }) => version.show(object)) as unknown as readonly ObjectOf<R>[];
  }
}

/** What a write is about to store, or to remove where there is no `next`. */
interface Writing {
  readonly kind: Kind;
  readonly key: ObjectKey;
  readonly next: UnsealedObject | undefined;
}

/** {@link StoreView}, with writes that happen together with the write itself. */
export class WritableStoreView implements AdmissionWriter {
  readonly #view: StoreView;
  readonly #registry: { readonly aside: AsideVerbs };
  readonly #writing: Writing;

  constructor(view: StoreView, registry: { readonly aside: AsideVerbs }, writing: Writing) {
    this.#view = view;
    this.#registry = registry;
    this.#writing = writing;
  }

  get resources(): readonly AnyResource[] {
    return this.#view.resources;
  }

  get<R extends AnyResource>(resource: R, key: ObjectKey): ObjectOf<R> | undefined {
    return this.#view.get(resource, key);
  }

  list<R extends AnyResource>(resource: R, selection?: SelectOptions): readonly ObjectOf<R>[] {
    return this.#view.list(resource, selection);
  }

  create<R extends AnyResource>(resource: R, object: New<NoInfer<R>>): ObjectOf<R> {
    return atOnce(this.#registry.aside.create(resource, object)) as ObjectOf<R>;
  }

  update<R extends AnyResource>(
    resource: R,
    object: ObjectOf<NoInfer<R>>,
    options: { readonly subresource?: 'status' } = {},
  ): ObjectOf<R> {
    const { metadata } = object as unknown as StoredObject;
    if (this.#isWritten(resource, metadata)) {
      const { kind, next } = this.#writing;
      if (next === undefined || options.subresource !== 'status') throw this.#notBeside('update');
      return withStatus(kind.resource, next, object) as unknown as ObjectOf<R>;
    }
    return atOnce(this.#registry.aside.update(resource, object, options)) as ObjectOf<R>;
  }

  delete<R extends AnyResource>(resource: R, key: ObjectKey): void {
    if (this.#isWritten(resource, key)) throw this.#notBeside('delete');
    atOnce(this.#registry.aside.delete(resource, key));
  }

  #isWritten({ group, kind }: AnyResource, { name, namespace = '' }: ObjectKey): boolean {
    const { kind: written, key } = this.#writing;
    const { resource } = written;
    const isSameKind = group === resource.group && kind === resource.kind;
    return isSameKind && key.name === name && (key.namespace ?? '') === namespace;
  }

  #notBeside(verb: string): TypeError {
    const { kind, key } = this.#writing;
    const got = `${kind.resource.kind} ${formatKey(key)}`;
    return new TypeError(
      `${verb}: expected another object than the one that is written, or its status, got ${got}`,
    );
  }
}

/** Gives an object on its way into the store another status, and answers with what it is now. @throws ApiError Invalid. */
function withStatus(resource: AnyResource, next: UnsealedObject, wanted: unknown): StoredObject {
  const { status } = prepareStatusUpdate(resource, snapshotOf(next), submissionOf(resource, wanted));
  if (status === undefined) delete next['status'];
  else next['status'] = status;
  return snapshotOf(next);
}

/** An object as it is now, frozen. */
function snapshotOf(next: UnsealedObject): StoredObject {
  return Object.freeze({ ...next, metadata: Object.freeze({ ...next.metadata }) });
}

/** What is written aside waits for nothing. */
function atOnce<T>(written: Eventual<T>): T {
  if (written instanceof Promise) throw new TypeError('Expected a write aside to be over at once');
  return written;
}
