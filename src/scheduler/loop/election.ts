import type { Client } from '../../client/index.js';
import { type Logger, type MetricsProvider, untilAborted } from '../../core/index.js';
import { LeaderElector, LeaseLock } from '../../leader-election/index.js';
import type { SchedulerElection } from './scheduler-options.js';

/** What an {@link Election} tells. */
export interface ElectionListener {
  /** This process schedules from now on. */
  lead(client: Client): void;
  /** It does so no more. */
  follow(reason: unknown): void;
}

/** Decides whether this process schedules: always where nobody has to be elected. */
export class Election {
  readonly #client: Client;
  readonly #listener: ElectionListener;
  readonly #logger: Logger;
  readonly #elector: LeaderElector | undefined;
  readonly #stopping = new AbortController();
  // resolves when the elector has ended
  #running: Promise<void> = Promise.resolve();

  /** @throws TypeError or RangeError where options make no sense. */
  constructor(
    client: Client,
    listener: ElectionListener,
    options: SchedulerElection | undefined,
    { logger, metrics }: { readonly logger: Logger; readonly metrics: MetricsProvider },
  ) {
    this.#client = client;
    this.#listener = listener;
    this.#logger = logger;
    if (options === undefined) return;
    const { namespace, name, identity = client.random.uuid(), ...timing } = options;
    const lock = new LeaseLock({ client, namespace, name, identity });
    this.#elector = new LeaderElector({ ...timing, lock, logger, metrics });
  }

  /** Stands for election; resolves once it is known who leads. @throws TypeError where fencing is required and cannot be had. */
  async start(): Promise<void> {
    const { signal } = this.#stopping;
    if (signal.aborted) return;
    const elector = this.#elector;
    if (elector === undefined) {
      this.#listener.lead(this.#client);
      return;
    }
    let failed: { readonly error: unknown } | undefined;
    this.#running = elector
      .run(
        async (term) => {
          this.#listener.lead(term.client);
          await untilAborted(term.signal);
          this.#listener.follow(term.signal.reason);
        },
        { signal },
      )
      .catch((error: unknown) => {
        failed = { error };
        this.#logger.error({ error }, 'the election failed');
      });
    await elector.decided();
    if (failed !== undefined) throw failed.error;
  }

  /** Resolves when it is given up. */
  async stop(reason: unknown): Promise<void> {
    this.#stopping.abort(reason);
    this.#listener.follow(reason);
    await this.#running;
  }
}
