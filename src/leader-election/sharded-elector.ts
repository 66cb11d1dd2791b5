import { noopLogger, preview } from '../core/index.js';
import { checkIdentity, checkName } from './check-names.js';
import type { LeadShard } from './shard.js';
import { checkShards } from './shard-of.js';
import type { ShardedElectorOptions } from './sharded-elector-options.js';
import { ShardedRun } from './sharded-run.js';
import { checkTiming } from './timing.js';

/**
 * Shares a number of shards evenly among the processes that are there.
 *
 * - Each shard has a Lease, `<name>-0` and so on, and its owner is whoever holds it: what {@link LeaderElector} promises of a term holds for
 *   every shard, fencing included.
 * - Each member has a Lease too, `<name>-member-<hash>`, by which the others know that it is there. All carry the label
 *   `keelson.dev/shards-of`.
 * - Every member comes to the same division by itself. It stands for election for the shards that it should have, and gives up those that
 *   another should have: their signals abort, their callbacks are awaited, their leases given up.
 *
 * @example
 * ```ts
 * const elector = new ShardedElector({ client, namespace: 'kube-system', name: 'mail', identity: 'a', shards: 16 });
 * await elector.run(async (shard) => {
 *   // work on the keys with shardOf(key, 16) === shard.index until shard.signal aborts
 * }, { signal });
 * ```
 */
export class ShardedElector implements AsyncDisposable {
  readonly #options: ShardedElectorOptions;
  // undefined while none goes on
  #run: ShardedRun | undefined;
  // resolves when the run is over
  #stopped: Promise<void> = Promise.resolve();

  /** @throws TypeError or RangeError for an option that makes no sense, naming it. */
  constructor(options: ShardedElectorOptions) {
    checkIdentity('ShardedElector', options);
    checkName('ShardedElector: name', 'dns1123label', options.name);
    checkShards('ShardedElector', options.shards);
    checkTiming('ShardedElector', options);
    this.#options = options;
  }

  /** The shards that this process owns, in order. */
  get owned(): readonly number[] {
    return this.#run?.owned ?? [];
  }

  /** The members that are there, as far as this process knows, in order; empty while it does not run. */
  get members(): readonly string[] {
    return this.#run?.members ?? [];
  }

  /**
   * Takes part, and calls `lead` for each shard that comes to this process, side by side.
   *
   * - The shard should go to another, or is lost: its signal aborts, and `lead` is awaited. It may come back later.
   * - `lead` returns before that: the shard stays here, and rests.
   * - `lead` throws: everything is given up, and this rejects with the error. Errors that say no more than that the shard has ended do not
   *   count, as in {@link LeaderElector.run}.
   * - `signal` aborts, or {@link stop} is called: all shards end, and this resolves.
   *
   * @throws TypeError where it runs already, or where fencing is required and the server cannot do it.
   */
  async run(lead: LeadShard, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    if (typeof lead !== 'function') {
      throw new TypeError(`ShardedElector: run: expected a function, got ${preview(lead)}`);
    }
    if (this.#run !== undefined) {
      throw new TypeError(`ShardedElector: the elector of ${this.#options.name} runs already`);
    }
    const { signal } = options;
    if (signal?.aborted) return;
    const { logger = noopLogger } = this.#options;
    const run = new ShardedRun({ ...this.#options, logger }, lead);
    this.#run = run;
    const abort = (): void => run.stop(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    const running = run.run().finally(() => {
      signal?.removeEventListener('abort', abort);
      this.#run = undefined;
    });
    this.#stopped = running.catch(() => undefined);
    return running;
  }

  /**
   * Resolves once it is known for the first time in this run who has the shards that this process should have, and `lead` was called for
   * those that it got; where it does not run, at once.
   */
  async decided(): Promise<void> {
    await this.#run?.decided();
  }

  /** Ends the run, as its signal does, and resolves when it is over; does nothing where there is none. Not to be awaited by a callback. */
  async stop(reason?: unknown): Promise<void> {
    this.#run?.stop(
      reason ?? new DOMException(`the elector of ${this.#options.name} was stopped`, 'AbortError'),
    );
    await this.#stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** As {@link LeaderElector.check}, for all shards that this process owns. @throws ApiError ServiceUnavailable */
  check(timeout = 0): void {
    this.#run?.check(timeout);
  }
}
