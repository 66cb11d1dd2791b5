import type {
  ApplyConfiguration,
  ApplyOptions,
  Capabilities,
  Client,
  CreateOptions,
  DeleteOptions,
  DeleteResult,
  GetOptions,
  ListOptions,
  ObjectList,
  Patch,
  PatchOptions,
  SelectOptions,
  Subresource,
  UpdateOptions,
  Watch,
  WatchOptions,
  WriteOptions,
} from '../../client/index.js';
import type { Clock, Executor, ObjectKey, Random } from '../../core/index.js';
import type { AnyResource, New, ObjectOf } from '../../resources/index.js';

/** What a reconcile is about to write. */
export interface WriteIntent {
  readonly verb: 'create' | 'update' | 'patch' | 'apply' | 'delete' | 'deleteCollection' | 'subresource';
  readonly resource: AnyResource;
  /** Undefined where it is not known yet, or is not one. */
  readonly key: ObjectKey | undefined;
  readonly subresource: string | undefined;
  readonly dryRun: boolean;
  /** What is sent: an object, a patch, or the body of a subresource. */
  readonly body: unknown;
}

/** Who sees to the writes of a {@link RunClient}. */
export interface RunWrites {
  write<T>(intent: WriteIntent, send: () => Promise<T>): Promise<T>;
}

interface Named {
  readonly metadata?: { readonly name?: unknown; readonly namespace?: unknown };
}

/**
 * The client of one reconcile: what it writes goes through `writes`, and all else straight to the client below.
 *
 * A class, and not a client with hooks, because there is one for every reconcile that asks for it.
 */
export class RunClient implements Client {
  readonly #base: Client;
  readonly #writes: RunWrites;

  constructor(base: Client, writes: RunWrites) {
    this.#base = base;
    this.#writes = writes;
  }

  get clock(): Clock {
    return this.#base.clock;
  }

  get random(): Random {
    return this.#base.random;
  }

  get executor(): Executor {
    return this.#base.executor;
  }

  get capabilities(): Capabilities {
    return this.#base.capabilities;
  }

  get<R extends AnyResource>(resource: R, key: ObjectKey, options?: GetOptions): Promise<ObjectOf<R>> {
    return this.#base.get(resource, key, options);
  }

  list<R extends AnyResource>(resource: R, options?: ListOptions): Promise<ObjectList<ObjectOf<R>>> {
    return this.#base.list(resource, options);
  }

  listAll<R extends AnyResource>(resource: R, options?: ListOptions): Promise<ObjectList<ObjectOf<R>>> {
    return this.#base.listAll(resource, options);
  }

  watch<R extends AnyResource>(resource: R, options?: WatchOptions): Watch<ObjectOf<R>> {
    return this.#base.watch(resource, options);
  }

  barrier(): Promise<string | undefined> {
    return this.#base.barrier();
  }

  create<R extends AnyResource>(
    resource: R,
    object: New<NoInfer<R>>,
    options?: CreateOptions,
  ): Promise<ObjectOf<R>> {
    const intent = intentOf('create', resource, keyIn(object), object, options);
    return this.#writes.write(intent, () => this.#base.create(resource, object, options));
  }

  update<R extends AnyResource>(
    resource: R,
    object: ObjectOf<NoInfer<R>>,
    options?: UpdateOptions,
  ): Promise<ObjectOf<R>> {
    const intent = intentOf('update', resource, keyIn(object), object, options, options?.subresource);
    return this.#writes.write(intent, () => this.#base.update(resource, object, options));
  }

  patch<R extends AnyResource>(
    resource: R,
    key: ObjectKey,
    patch: Patch,
    options?: PatchOptions,
  ): Promise<ObjectOf<R>> {
    const intent = intentOf('patch', resource, key, patch, options, options?.subresource);
    return this.#writes.write(intent, () => this.#base.patch(resource, key, patch, options));
  }

  apply<R extends AnyResource>(
    resource: R,
    object: ApplyConfiguration<NoInfer<R>>,
    options?: ApplyOptions,
  ): Promise<ObjectOf<R>> {
    const intent = intentOf('apply', resource, keyIn(object), object, options, options?.subresource);
    return this.#writes.write(intent, () => this.#base.apply(resource, object, options));
  }

  delete<R extends AnyResource>(
    resource: R,
    key: ObjectKey,
    options?: DeleteOptions,
  ): Promise<DeleteResult<ObjectOf<R>>> {
    const intent = intentOf('delete', resource, key, undefined, options);
    return this.#writes.write(intent, () => this.#base.delete(resource, key, options));
  }

  deleteCollection<R extends AnyResource>(
    resource: R,
    selection?: SelectOptions,
    options?: DeleteOptions,
  ): Promise<ObjectList<ObjectOf<R>>> {
    const intent = intentOf('deleteCollection', resource, undefined, undefined, options);
    return this.#writes.write(intent, () => this.#base.deleteCollection(resource, selection, options));
  }

  subresource<R extends AnyResource>(
    resource: R,
    key: ObjectKey,
    name: Subresource,
    body?: unknown,
    options?: WriteOptions,
  ): Promise<unknown> {
    // some are written without a body: whatever it is, it goes out as a write
    const intent = intentOf('subresource', resource, key, body, options, name);
    return this.#writes.write(intent, () => this.#base.subresource(resource, key, name, body, options));
  }
}

function intentOf(
  verb: WriteIntent['verb'],
  resource: AnyResource,
  key: ObjectKey | undefined,
  body: unknown,
  options: WriteOptions | undefined,
  subresource?: string,
): WriteIntent {
  return { verb, resource, key, subresource, body, dryRun: options?.dryRun === true };
}

/** The key in an object as a caller gives it, which may be anything; undefined where there is none, as with `generateName`. */
function keyIn(object: unknown): ObjectKey | undefined {
  const { name, namespace } = (object as Named | null | undefined)?.metadata ?? {};
  if (typeof name !== 'string' || name === '') return undefined;
  return typeof namespace === 'string' ? { name, namespace } : { name };
}
