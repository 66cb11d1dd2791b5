import type { Client } from '../../client/index.js';
import { type Logger, type MetricsProvider, preview, validateName } from '../../core/index.js';
import { InformerFactory } from '../../informer/index.js';
import type { ManagedStore } from './managed-store.js';
import { checkClient } from './manager-options.js';

/** The stores of a manager: its own, under no name, and those that were added. */
export class Stores implements Iterable<ManagedStore> {
  readonly #logger: Logger;
  readonly #metrics: MetricsProvider;
  readonly #stores = new Map<string | undefined, ManagedStore>();

  constructor(options: { readonly logger: Logger; readonly metrics: MetricsProvider }) {
    this.#logger = options.logger;
    this.#metrics = options.metrics;
  }

  [Symbol.iterator](): Iterator<ManagedStore> {
    return this.#stores.values();
  }

  /** Whether a store was added and not taken out. */
  has(store: ManagedStore): boolean {
    return this.#stores.get(store.name) === store;
  }

  /** @throws TypeError for a name that is taken, or that no store can have, and for what is no client. */
  add(name: string | undefined, client: Client): ManagedStore {
    if (name !== undefined) this.#checkName(name);
    checkClient(name === undefined ? 'client' : `stores: ${name}`, client);
    const informers = new InformerFactory({ client, logger: this.#logger, metrics: this.#metrics });
    const store: ManagedStore = { name, client, informers };
    this.#stores.set(name, store);
    return store;
  }

  /** @throws TypeError where there is none of that name. */
  take(name: string): ManagedStore {
    const store = name === undefined ? undefined : this.#stores.get(name);
    if (store === undefined) {
      throw new TypeError(`Manager: removeStore: expected the name of a store, got ${preview(name)}`);
    }
    this.#stores.delete(name);
    return store;
  }

  async stop(reason: unknown): Promise<void> {
    await Promise.all(Array.from(this.#stores.values(), ({ informers }) => informers.stop(reason)));
  }

  #checkName(name: string): void {
    if (typeof name !== 'string' || validateName('dns1123subdomain', name).length > 0) {
      throw new TypeError(`Manager: stores: expected a DNS name such as 'tenant-a', got ${preview(name)}`);
    }
    if (this.#stores.has(name))
      throw new TypeError(`Manager: stores: expected one of a name, got two named ${preview(name)}`);
  }
}
