import type { Client } from '../../client/index.js';
import type { InformerFactory } from '../../informer/index.js';

/** A store that a manager works with. */
export interface ManagedStore {
  /** Undefined for the manager's own. */
  readonly name: string | undefined;
  readonly client: Client;
  readonly informers: InformerFactory;
}
