import type { Client } from '../../client/index.js';
import type { ApiObject, Lane } from '../../core/index.js';
import type { Cluster } from '../cluster/index.js';
import type { Attempt, SchedulingQueue } from '../queue/index.js';
import type { Bindings } from './bindings/bindings.js';
import type { GroupAttempts } from './attempts/group-attempts.js';
import type { Pace } from './pace.js';
import type { Profiles } from './profiles.js';
import type { SingleAttempts } from './attempts/single-attempts.js';

/** What a loop works with. */
export interface LoopParts<W extends ApiObject, H extends ApiObject> {
  readonly cluster: Cluster<W, H>;
  readonly queue: SchedulingQueue<W, H>;
  readonly profiles: Profiles<W, H>;
  readonly bindings: Bindings<W, H>;
  readonly single: SingleAttempts<W, H>;
  /** Undefined where each workload stands for itself. */
  readonly groups: GroupAttempts<W, H> | undefined;
  readonly pace: Pace;
  /** There may be nothing to do at the moment. */
  readonly onQuiet: () => void;
}

/** No more workloads than so many are decided about ahead of the answers of the server. */
const MOST_SENT = 500;

/** No more often than so the preparing of a decision goes on, whatever changes meanwhile. */
const MOST_GOES = 100;

/**
 * Takes one workload after another from the queue, decides, and has it bound; in slices, so that other work of the process has its turn.
 *
 * A decision and all that it changes are one synchronous step; a group is one decision. What a decision needs to know of all hosts is found out
 * before it, in pieces where it is much. Bindings go on beside it: a workload that is being bound is taken to be on its host already.
 */
export class SchedulingLoop<W extends ApiObject, H extends ApiObject> {
  readonly #parts: LoopParts<W, H>;
  readonly #lane: Lane = { kind: 'worker', name: 'scheduler' };
  // writes for the loop; undefined while it does not run
  #client: Client | undefined;
  // whether a slice is going to run
  #isComing = false;
  // whether it has stopped as the server has too much to answer
  #isFull = false;
  // how often the next decision was prepared in part since the last attempt
  #goes = 0;

  constructor(parts: LoopParts<W, H>) {
    this.#parts = parts;
  }

  /** Whether there is nothing to decide at the moment: what waits for an event or its backoff does not count. */
  get isQuiet(): boolean {
    return (this.#client === undefined || this.#parts.queue.counts().active === 0) && !this.#isComing;
  }

  /** Works from now on, through a client. */
  start(client: Client): void {
    this.#client = client;
    this.wake();
  }

  /** Makes no more attempts. */
  stop(): void {
    this.#client = undefined;
  }

  /** There may be something in the queue. */
  wake(): void {
    if (this.#isComing || this.#client === undefined) return;
    this.#isComing = true;
    this.#client.executor.execute(this.#lane, () => this.#slice());
  }

  /** The server has answered. */
  goOn(): void {
    if (!this.#isFull) return;
    this.#isFull = false;
    this.wake();
  }

  #slice(): void {
    this.#isComing = false;
    const { queue, bindings, pace, onQuiet } = this.#parts;
    for (let client = this.#client; client !== undefined; client = this.#client) {
      this.#isFull = bindings.sent >= MOST_SENT;
      if (this.#isFull) break;
      const pause = this.#prepare() ?? pace.pause();
      if (pause !== undefined) {
        this.#isComing = true;
        const { executor } = client;
        void pause.then(() => executor.execute(this.#lane, () => this.#slice()));
        return;
      }
      const attempt = queue.pop();
      this.#goes = 0;
      if (attempt === undefined) break;
      this.#try(client, attempt);
    }
    onQuiet();
  }

  /** Prepares the next decision: what has to be waited for before that goes on; undefined where it can be made. */
  #prepare(): Promise<void> | undefined {
    const { cluster, profiles, queue, groups, pace } = this.#parts;
    const next = queue.peek();
    if (next === undefined || cluster.workload(next.key) !== undefined) return undefined;
    const workload = profiles.describe(next);
    const profile = profiles.of(workload.object);
    if (profile === undefined) return undefined;
    let pause: Promise<void> | undefined;
    // each piece of it is work that sets nothing going
    const isTime = (): boolean => (pause = pace.rest()) !== undefined;
    while (this.#goes < MOST_GOES && !profile.engine.prepare(workload, isTime)) {
      this.#goes += 1;
      pause ??= pace.early();
      if (pause !== undefined) return pause;
    }
    return groups?.prepare(workload, profile, isTime) === false ? pause : undefined;
  }

  #try(client: Client, attempt: Attempt<W>): void {
    const { cluster, profiles, queue, single, groups } = this.#parts;
    const workload = profiles.describe(attempt.workload);
    const profile = profiles.of(workload.object);
    if (profile === undefined || cluster.workload(workload.key) !== undefined) {
      queue.done(attempt);
      return;
    }
    const tried = { attempt, workload, profile, start: client.clock.monotonic() };
    if (groups?.make(client, tried) !== true) single.make(client, tried);
  }
}
