import type { Client } from '../../../client/index.js';
import type { ApiObject } from '../../../core/index.js';
import type { BindContext, ClusterView } from '../../framework/index.js';
import type { Life } from '../limits/life.js';

/** What a plugin is given in a step of a binding. Its signal is made for those who ask for it. */
export class StepContext<W extends ApiObject, H extends ApiObject> implements BindContext<W, H> {
  readonly client: Client;
  readonly cluster: ClusterView<W, H>;
  readonly #life: Life;

  constructor(client: Client, cluster: ClusterView<W, H>, life: Life) {
    this.client = client;
    this.cluster = cluster;
    this.#life = life;
  }

  get signal(): AbortSignal {
    return this.#life.signal;
  }
}
