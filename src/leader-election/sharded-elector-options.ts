import type { Client } from '../client/index.js';
import type { ElectionOptions } from './leader-elector-options.js';

/** What a {@link ShardedElector} is made from; all members must agree on everything but `client` and `identity`. */
export interface ShardedElectorOptions extends ElectionOptions {
  readonly client: Client;
  readonly namespace: string;
  /** What the names of the leases begin with: a DNS label. */
  readonly name: string;
  /** Who this member is: unique among all that are alive at the same time. */
  readonly identity: string;
  /** How many shards there are. */
  readonly shards: number;
}
