import type { ApiObject, Clock, Timer } from '../../../core/index.js';
import { type Rejection, unschedulable, type Verdict, type WorkloadInfo } from '../../framework/index.js';

/** The longest that a plugin may hold a workload back, in milliseconds. */
const LONGEST = 15 * 60_000;

/** A workload that plugins hold back before it is bound. */
export interface WaitingWorkload<W extends ApiObject> {
  readonly workload: WorkloadInfo<W>;
  readonly host: string;
  /** The plugins that have not allowed it yet. */
  readonly pendingPlugins: readonly string[];
  /** A plugin that holds it back allows it: it is bound once all have. */
  allow(plugin: string): void;
  /** It is not bound, and goes back to the queue. */
  reject(plugin: string, reason: string): void;
}

/** The workloads that plugins hold back, by key. */
export class WaitingRoom<W extends ApiObject> {
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Wait<W>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#waiting.size;
  }

  get(key: string): WaitingWorkload<W> | undefined {
    return this.#waiting.get(key);
  }

  all(): readonly WaitingWorkload<W>[] {
    return [...this.#waiting.values()];
  }

  /** Resolves with undefined once every plugin has allowed a workload, with the rejection where one has not; rejects as `signal` aborts. */
  wait(
    workload: WorkloadInfo<W>,
    host: string,
    plugins: ReadonlyMap<string, number>,
    signal: AbortSignal,
  ): Promise<Verdict | undefined> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const abort = (): void => finish(() => reject(signal.reason));
      const finish = (settle: () => void): void => {
        signal.removeEventListener('abort', abort);
        wait.close();
        if (this.#waiting.get(workload.key) === wait) this.#waiting.delete(workload.key);
        settle();
      };
      const wait = new Wait(workload, host, plugins, this.#clock, (verdict) =>
        finish(() => resolve(verdict)),
      );
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting.set(workload.key, wait);
    });
  }
}

class Wait<W extends ApiObject> implements WaitingWorkload<W> {
  readonly workload: WorkloadInfo<W>;
  readonly host: string;
  // the plugins that have not allowed it, with the timers that reject it; empty once it is settled
  readonly #pending = new Map<string, Timer>();
  readonly #settle: (verdict: Verdict | undefined) => void;

  constructor(
    workload: WorkloadInfo<W>,
    host: string,
    plugins: ReadonlyMap<string, number>,
    clock: Clock,
    settle: (verdict: Verdict | undefined) => void,
  ) {
    this.workload = workload;
    this.host = host;
    this.#settle = settle;
    for (const [plugin, time] of plugins) {
      const limit = Math.min(time, LONGEST);
      const late = (): void =>
        this.reject(plugin, `rejected due to timeout after waiting ${limit}ms at plugin ${plugin}`);
      this.#pending.set(plugin, clock.setTimer(limit, late));
    }
  }

  get pendingPlugins(): readonly string[] {
    return [...this.#pending.keys()];
  }

  allow(plugin: string): void {
    const timer = this.#pending.get(plugin);
    if (timer === undefined) return;
    timer.cancel();
    this.#pending.delete(plugin);
    if (this.#pending.size === 0) this.#settle(undefined);
  }

  reject(plugin: string, reason: string): void {
    if (this.#pending.size === 0) return;
    const rejection: Rejection = unschedulable(reason);
    this.close();
    this.#settle({ ...rejection, plugin });
  }

  close(): void {
    for (const timer of this.#pending.values()) timer.cancel();
    this.#pending.clear();
  }
}
