import type { WriteOptions } from '../../client/index.js';
import type { JsonObject } from '../../core/index.js';
import { chain, type Eventual } from '../eventual.js';
import type { Kind } from '../kind.js';
import type { Kinds } from '../kinds.js';
import { seal, type StoredObject, type UnsealedObject } from '../stored-object.js';
import type { WriteContext } from '../write-context.js';
import type { WriteTarget } from '../write-target.js';
import type { AdmissionChain } from './admission-chain.js';
import type { AdmissionRequest } from './admission-plugin.js';
import { type AsideVerbs, StoreView, WritableStoreView } from './store-view.js';

/** A request's way of asking for a subresource, beside the verb's own options. */
interface GateOptions extends WriteOptions {
  readonly subresource?: string | undefined;
  readonly trackedAs?: string | undefined;
}

/** Asks the chain about the writes of one request. */
export class AdmissionGate {
  readonly #chain: AdmissionChain;
  readonly #context: WriteContext;
  readonly #view: StoreView;
  readonly #registry: { readonly aside: AsideVerbs };
  // what plugins were told last, since all that are asked about a write are mostly told the same
  #last: { readonly options: GateOptions; readonly request: AdmissionRequest } | undefined;

  constructor(options: {
    readonly chain: AdmissionChain;
    readonly kinds: Kinds;
    readonly target: WriteTarget;
    readonly context: WriteContext;
    /** The verbs that ask. */
    readonly registry: { readonly aside: AsideVerbs };
  }) {
    this.#chain = options.chain;
    this.#context = options.context;
    this.#registry = options.registry;
    this.#view = new StoreView(options.kinds, options.target);
  }

  /** What is to be stored instead of an object; undefined where nobody changes it. */
  mutate(
    kind: Kind,
    object: UnsealedObject | StoredObject,
    current: StoredObject | undefined,
    options: GateOptions,
  ): Eventual<StoredObject | undefined> {
    if (!this.#chain.mutates) return undefined;
    const request = this.#request(kind, object, current, options);
    return chain(this.#chain.mutate(request), (mutated) =>
      mutated === request.object ? undefined : mutated,
    );
  }

  validate(
    kind: Kind,
    object: UnsealedObject | StoredObject,
    current: StoredObject | undefined,
    options: GateOptions,
  ): Eventual<void> {
    if (!this.#chain.validates) return undefined;
    return this.#chain.validate(this.#request(kind, object, current, options));
  }

  validateDelete(kind: Kind, current: StoredObject, options: GateOptions): Eventual<void> {
    if (!this.#chain.validates) return undefined;
    return this.#chain.validate(this.#request(kind, undefined, current, options));
  }

  /** Lets plugins write beside what is about to be committed: `next` is undefined for what goes. */
  accompany(
    kind: Kind,
    next: UnsealedObject | undefined,
    current: StoredObject | undefined,
    options: GateOptions,
  ): void {
    if (!this.#chain.accompanies) return;
    const request = this.#request(kind, next, current, options);
    const writing = { kind, key: request.key, next };
    this.#chain.accompany(request, new WritableStoreView(this.#view, this.#registry, writing));
  }

  /** What plugins are told of a write: the same as before where it is the same. */
  #request<O extends UnsealedObject | StoredObject | undefined>(
    kind: Kind,
    object: O,
    current: StoredObject | undefined,
    options: GateOptions,
  ): RequestOf<O> {
    const last = this.#last;
    if (
      last?.options === options &&
      last.request.oldObject === current &&
      isSame(object, last.request.object)
    )
      return last.request as RequestOf<O>;
    const { subresource, trackedAs, dryRun = false } = options;
    const { name, namespace } = ((object ?? current) as StoredObject).metadata;
    const operation = object === undefined ? 'DELETE' : current === undefined ? 'CREATE' : 'UPDATE';
    const request = Object.freeze({
      operation,
      verb: this.#context.verb,
      resource: kind.resource,
      subresource: trackedAs ?? subresource,
      key: namespace === undefined ? { name } : { name, namespace },
      object: object === undefined ? undefined : sealed(object, current),
      oldObject: current,
      user: this.#context.user,
      dryRun,
      store: this.#view,
    });
    this.#last = { options, request };
    return request as RequestOf<O>;
  }
}

/** What plugins are told of such a write. */
type RequestOf<O> = O extends undefined
  ? AdmissionRequest
  : AdmissionRequest & { readonly object: StoredObject };

/** Whether an object is still as plugins see it. */
function isSame(object: UnsealedObject | StoredObject | undefined, shown: StoredObject | undefined): boolean {
  if (object === undefined || shown === undefined) return object === shown;
  return hasSame(object, shown, 'metadata') && hasSame(object.metadata, shown.metadata, 'resourceVersion');
}

/** Whether two objects have the same fields, but for one. */
function hasSame(a: object, b: object, except: string): boolean {
  const [one, other] = [a as JsonObject, b as JsonObject];
  let count = 0;
  for (const key in one) {
    if (key !== except && one[key] !== other[key]) return false;
    count += 1;
  }
  return count === Object.keys(other).length;
}

/** The object as plugins see it: frozen, and with the revision that it replaces. */
function sealed(object: UnsealedObject | StoredObject, current: StoredObject | undefined): StoredObject {
  if (Object.isFrozen(object)) return object;
  const copy = { ...object, metadata: { ...object.metadata } };
  return seal(copy, current?.metadata.resourceVersion ?? '');
}
