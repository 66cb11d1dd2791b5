import { setMaxListeners } from 'node:events';
import type { Client } from '../../client/index.js';
import { type Logger, type MetricsProvider, preview, untilAborted } from '../../core/index.js';
import { LeaderElector, LeaseLock, ShardedElector, shardOf, type Term } from '../../leader-election/index.js';
import { type Division, UNDIVIDED } from '../runner/duty.js';
import type { LeaderElectionOptions } from './leader-election-options.js';
import { Rights } from './rights.js';

/** What a {@link Leadership} is made from. */
interface LeadershipOptions {
  readonly client: Client;
  readonly election: LeaderElectionOptions;
  readonly logger: Logger;
  readonly metrics: MetricsProvider;
  /** How many milliseconds work may take to end when a term is over now. */
  readonly patience: () => number;
}

/** Turns the terms of an election into duties, for as long as the manager runs. */
export class Leadership {
  readonly rights: Rights;
  readonly division: Division;
  readonly identity: string;
  readonly #client: Client;
  readonly #elector: LeaderElector | ShardedElector;

  /** @throws TypeError or RangeError for an option that makes no sense, naming it. */
  constructor({ client, election, logger, metrics, patience }: LeadershipOptions) {
    if (typeof election !== 'object' || election === null) {
      throw new TypeError(`leaderElection: expected { namespace, name }, got ${preview(election)}`);
    }
    const { namespace, name, shards, identity = client.random.uuid() } = election;
    this.#client = client;
    this.identity = identity;
    this.rights = new Rights(patience);
    if (shards === undefined) {
      const lock = new LeaseLock({ client, namespace, name, identity });
      this.#elector = new LeaderElector({ ...election, lock, logger, metrics });
      this.division = UNDIVIDED;
    } else {
      this.#elector = new ShardedElector({ ...election, client, identity, shards, logger, metrics });
      this.division = { shards, shardOf: (key) => shardOf(key, shards) };
    }
  }

  /** Whether this process has any duty. */
  get leads(): boolean {
    return this.rights.duties.size > 0;
  }

  /** The shards that this process has now, in order; undefined where keys are not divided. */
  get shards(): readonly number[] | undefined {
    if (this.division === UNDIVIDED) return undefined;
    return Array.from(this.rights.duties, ({ shard }) => shard).sort((a, b) => a - b);
  }

  /**
   * Stands for election until the signal aborts; resolves when all is given up.
   *
   * @param onDecided - Called once, when it is known for the first time who leads.
   */
  async run(signal: AbortSignal, onDecided: () => void): Promise<void> {
    const elector = this.#elector;
    const running =
      elector instanceof LeaderElector
        ? elector.run((term) => this.#lead(0, term), { signal })
        : elector.run((shard) => this.#lead(shard.index, shard), { signal });
    await Promise.race([running, elector.decided()]);
    onDecided();
    await running;
  }

  /** Gives everything up; resolves when that is done. */
  stop(reason: unknown): Promise<void> {
    return this.#elector.stop(reason);
  }

  /** @throws ApiError ServiceUnavailable where a term is over and its work goes on. */
  check(): void {
    this.#elector.check();
  }

  async #lead(shard: number, term: Term): Promise<void> {
    const { signal } = term;
    // every controller listens to it, which is no leak
    setMaxListeners(0, signal);
    const fence = (client: Client): Client => (client === this.#client ? term.client : term.fence(client));
    const duty = { shard, signal, fence };
    this.rights.begin(duty);
    await untilAborted(signal);
    await this.rights.end(duty);
  }
}
