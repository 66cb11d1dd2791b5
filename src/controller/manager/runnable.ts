import type { Client } from '../../client/index.js';
import type { Logger } from '../../core/index.js';

/** What a runnable works with. */
export interface RunnableContext {
  /** Fenced, where it needs leadership. */
  readonly client: Client;
  readonly log: Logger;
  /** Aborts when the manager stops, or the leadership that it needs is lost. */
  readonly signal: AbortSignal;
}

/** Something else that a manager runs beside its controllers, such as a server or a periodic task. */
export interface Runnable {
  /** For logs; a DNS label, unique in a manager. */
  readonly name: string;
  /**
   * Whether it needs the manager's leadership, where that has one; true unless given.
   *
   * Then it is called once for each term, one after another; with shards for each term of shard 0.
   */
  readonly leaderElection?: boolean | undefined;
  /** Runs until the signal aborts, or until there is nothing more to do. What it throws before that stops the manager. */
  run(context: RunnableContext): Promise<void>;
}
