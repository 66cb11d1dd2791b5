import type { WriteOptions } from '../../client/index.js';
import { chain, type Eventual } from '../eventual.js';
import type { Kind } from '../kind.js';
import type { Kinds } from '../kinds.js';
import { run } from '../steps.js';
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
  readonly #aside: () => AsideVerbs;

  constructor(options: {
    readonly chain: AdmissionChain;
    readonly kinds: Kinds;
    readonly target: WriteTarget;
    readonly context: WriteContext;
    readonly aside: () => AsideVerbs;
  }) {
    this.#chain = options.chain;
    this.#context = options.context;
    this.#aside = options.aside;
    this.#view = new StoreView(options.kinds, options.target);
  }

  /** What is to be stored instead of an object; undefined where nobody changes it. */
  mutate(
    kind: Kind,
    object: UnsealedObject | StoredObject,
    current: StoredObject | undefined,
    options: GateOptions,
  ): Eventual<StoredObject | undefined> {
    const shown = sealed(object, current);
    const request = {
      ...this.#request(kind, shown, current, options),
      object: shown,
    };
    return chain(run(this.#chain.mutate(request)), (mutated) => (mutated === shown ? undefined : mutated));
  }

  validate(
    kind: Kind,
    object: UnsealedObject | StoredObject,
    current: StoredObject | undefined,
    options: GateOptions,
  ): Eventual<void> {
    return run(this.#chain.validate(this.#request(kind, sealed(object, current), current, options)));
  }

  validateDelete(kind: Kind, current: StoredObject, options: GateOptions): Eventual<void> {
    return run(this.#chain.validate(this.#request(kind, undefined, current, options)));
  }

  /** Lets plugins write beside what is about to be committed: `next` is undefined for what goes. */
  accompany(
    kind: Kind,
    next: UnsealedObject | undefined,
    current: StoredObject | undefined,
    options: GateOptions,
  ): void {
    const shown = next === undefined ? undefined : sealed(next, current);
    const request = this.#request(kind, shown, current, options);
    const writing = { kind, key: request.key, next };
    this.#chain.accompany(request, new WritableStoreView(this.#view, this.#aside(), writing));
  }

  #request(
    kind: Kind,
    object: StoredObject | undefined,
    oldObject: StoredObject | undefined,
    { subresource, trackedAs, dryRun = false }: GateOptions,
  ): AdmissionRequest {
    const { name, namespace } = ((object ?? oldObject) as StoredObject).metadata;
    const operation = object === undefined ? 'DELETE' : oldObject === undefined ? 'CREATE' : 'UPDATE';
    return {
      operation,
      verb: this.#context.verb,
      resource: kind.resource,
      subresource: trackedAs ?? subresource,
      key: namespace === undefined ? { name } : { name, namespace },
      object,
      oldObject,
      user: this.#context.user,
      dryRun,
      store: this.#view,
    };
  }
}

/** The object as plugins see it: frozen, and with the revision that it replaces. */
function sealed(object: UnsealedObject | StoredObject, current: StoredObject | undefined): StoredObject {
  if (Object.isFrozen(object)) return object;
  const copy = { ...object, metadata: { ...object.metadata } };
  return seal(copy, current?.metadata.resourceVersion ?? '');
}
