import type { Client } from '../../client/index.js';
import type { Logger, MetricsProvider } from '../../core/index.js';
import type { Controller } from '../controller.js';
import type { LeaderElectionOptions } from './leader-election-options.js';
import { Leadership } from './leadership.js';

/** What {@link Elections} are made from. */
interface ElectionsOptions {
  readonly client: Client;
  /** For all who have none of their own; undefined for none. */
  readonly common: LeaderElectionOptions | undefined;
  readonly logger: Logger;
  readonly metrics: MetricsProvider;
  /** How many milliseconds work may take to end when a term is over now. */
  readonly patience: () => number;
  /** Told of an election that cannot go on. */
  readonly onError: (error: unknown) => void;
}

/** The elections that a manager takes part in: one for all, and those of controllers that have their own. */
export class Elections {
  /** That of the manager; undefined without one. */
  readonly common: Leadership | undefined;
  readonly #options: ElectionsOptions;
  // by the name of the controller
  readonly #own = new Map<string, Leadership>();
  // those that go on; none rejects
  readonly #running = new Set<Promise<void>>();
  // aborts when all of them are to end
  readonly #resigning = new AbortController();

  constructor(options: ElectionsOptions) {
    this.#options = options;
    this.common = options.common === undefined ? undefined : this.#make(options.common);
  }

  /** Whose leadership a controller needs; undefined for none. */
  join({ name, options: { leaderElection = true } }: Controller): Leadership | undefined {
    if (leaderElection === true) return this.common;
    if (leaderElection === false) return undefined;
    const own = this.#make(leaderElection);
    this.#own.set(name, own);
    return own;
  }

  /** Gives up what a controller had of its own. */
  async leave(name: string, reason: unknown): Promise<void> {
    const own = this.#own.get(name);
    this.#own.delete(name);
    await own?.stop(reason);
  }

  /**
   * Stands for the election of a controller, or the common one; does nothing where there is none.
   *
   * Resolves when it is known for the first time who leads. @throws what keeps it from taking part.
   */
  async campaign(name?: string): Promise<void> {
    const leadership = name === undefined ? this.common : this.#own.get(name);
    if (leadership === undefined) return;
    await new Promise<void>((resolve, reject) => {
      const running = leadership
        .run(this.#resigning.signal, resolve)
        .catch((error: unknown) => {
          reject(error);
          this.#options.onError(error);
        })
        .finally(() => this.#running.delete(running));
      this.#running.add(running);
    });
  }

  /** Gives everything up; resolves when all work that needed it has ended. */
  async resign(reason: unknown): Promise<void> {
    this.#resigning.abort(reason);
    await Promise.all(this.#running);
  }

  #make(election: LeaderElectionOptions): Leadership {
    const { client, logger, metrics, patience } = this.#options;
    return new Leadership({ client, election, logger, metrics, patience });
  }
}
