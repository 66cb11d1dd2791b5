import { type Clock, type Executor, type Lane, preview, type Random } from '../core/index.js';

/** How many hand-overs a message may take where it takes no time. */
const MOST_HOPS = 3;
/** How many hand-overs are enough for the continuation of a promise, and of those that follow it. */
const MANY_HOPS = 10;

/** How long something takes, in milliseconds: any time from `least` to `most`. */
export interface Latency {
  readonly least: number;
  readonly most: number;
}

/**
 * The way between the stores and a storage that is simulated: what is sent arrives later, or when the network is no longer paused.
 *
 * Times are drawn from the randomness and told by the clock; what takes no time takes a few hand-overs. Messages overtake each
 * other: what needs an order brings it along.
 */
export class Network {
  readonly random: Random;
  readonly clock: Clock;
  readonly #executor: Executor;
  readonly #latencies = new Map<string, Latency>();
  // what arrived during a pause, in order; empty while there is none
  #held: { readonly lane: Lane; readonly task: () => void }[] = [];
  #isPaused = false;

  constructor(clock: Clock, random: Random, executor: Executor) {
    this.clock = clock;
    this.random = random;
    this.#executor = executor;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    const held = this.#held;
    this.#held = [];
    for (const { lane, task } of held) this.#executor.execute(lane, () => this.whenRunning(lane, task));
  }

  /** @throws RangeError unless `0 <= least <= most`. */
  setLatency(operation: string, latency: Latency): void {
    const { least, most } = latency;
    if (!(least >= 0 && least <= most && most < Number.POSITIVE_INFINITY)) {
      throw new RangeError(
        `latency of ${preview(operation)}: expected 0 <= least <= most, got ${preview(least)} and ${preview(most)}`,
      );
    }
    this.#latencies.set(operation, latency);
  }

  /** Runs `task` after the time that a message of this operation takes one way. */
  send(lane: Lane, operation: string, task: () => void): void {
    const { least, most } = this.#latencies.get(operation) ?? { least: 0, most: 0 };
    const time = least + this.random.next() * (most - least);
    if (time > 0) this.clock.setTimer(time, () => this.#hop(lane, 0, task));
    else this.#hop(lane, this.random.integer(MOST_HOPS + 1), task);
  }

  /** Runs `task` when the promises that are settled now have been seen. */
  later(lane: Lane, task: () => void): void {
    this.#hop(lane, MANY_HOPS, task);
  }

  /** Runs `task` after one hand-over, paused or not: it does not come over the network. */
  here(lane: Lane, task: () => void): void {
    this.#executor.execute(lane, task);
  }

  /** Runs `task` at once, or when the pause ends. */
  whenRunning(lane: Lane, task: () => void): void {
    if (this.#isPaused) this.#held.push({ lane, task });
    else task();
  }

  #hop(lane: Lane, more: number, task: () => void): void {
    this.#executor.execute(lane, () => {
      if (more > 0) this.#hop(lane, more - 1, task);
      else this.whenRunning(lane, task);
    });
  }
}
