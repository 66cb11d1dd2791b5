import { type Clock, preview, withinTime } from '../../core/index.js';
import type { HealthCheck } from './health-check.js';
import type { HealthReport, HealthResult } from './health-report.js';

/** How checks are run. */
export interface RunHealthOptions {
  /** Checks that are not run, by name. */
  readonly exclude?: Iterable<string> | undefined;
  /** Milliseconds that each check may take, 5,000 unless given; after that it has failed. */
  readonly timeout?: number | undefined;
}

interface Entry {
  readonly check: HealthCheck;
  // what came of the check that is under way, settled once its time is up; undefined while none is
  running: Promise<void> | undefined;
}

const NAME = /^[a-zA-Z0-9]([a-zA-Z0-9._/-]*[a-zA-Z0-9])?$/;
const TIMEOUT = 5_000;

/** What is run where nothing was added: that an answer comes at all says something. */
const PING: HealthCheck = { name: 'ping', check: () => undefined };

/**
 * A list of checks that say together whether something is well.
 *
 * All are run at the same time. A check never runs twice at once: whoever asks while it is under way gets what comes of that run, so one
 * that hangs costs what one run costs, and has failed until it ends. An empty list has the check `ping`, which is always well.
 */
export class HealthChecks {
  readonly #clock: Clock;
  // by name, in the order in which they were added
  readonly #entries = new Map<string, Entry>();
  readonly #ping: Entry = { check: PING, running: undefined };

  constructor(options: { readonly clock: Clock }) {
    this.#clock = options.clock;
  }

  /**
   * Adds a check, until what is answered is disposed of.
   *
   * @throws TypeError for a name that is none, or that is taken, and for what is no check.
   */
  add(check: HealthCheck): Disposable {
    const given: { readonly name: unknown; readonly check: unknown } = check;
    const { name } = given;
    if (typeof name !== 'string' || !NAME.test(name)) {
      throw new TypeError(`health check: name: expected a name such as 'database', got ${preview(name)}`);
    }
    if (typeof given.check !== 'function') {
      throw new TypeError(`health check ${name}: check: expected a function, got ${preview(given.check)}`);
    }
    if (this.#entries.has(name)) {
      throw new TypeError(`health check: name: expected one that is not taken, got ${preview(name)}`);
    }
    const entry: Entry = { check, running: undefined };
    this.#entries.set(name, entry);
    return {
      [Symbol.dispose]: () => {
        if (this.#entries.get(name) === entry) this.#entries.delete(name);
      },
    };
  }

  /** Runs all checks. @throws RangeError for a time-out that is no number of milliseconds above 0. */
  async run(options: RunHealthOptions = {}): Promise<HealthReport> {
    const timeout = checkTimeout(options.timeout);
    const exclude = new Set(options.exclude);
    const entries = this.#entries.size === 0 ? [this.#ping] : [...this.#entries.values()];
    const results = await Promise.all(
      entries.map(async (entry): Promise<HealthResult> => {
        const { name } = entry.check;
        return exclude.delete(name) ? { name, state: 'excluded' } : this.#run(entry, timeout);
      }),
    );
    return {
      healthy: results.every(({ state }) => state !== 'failed'),
      results,
      unknown: [...exclude],
    };
  }

  /**
   * Runs one check; undefined where there is none of that name.
   *
   * @throws RangeError for a time-out that is no number of milliseconds above 0.
   */
  async runOne(
    name: string,
    options: Pick<RunHealthOptions, 'timeout'> = {},
  ): Promise<HealthResult | undefined> {
    const timeout = checkTimeout(options.timeout);
    const entry = this.#entries.get(name) ?? (name === PING.name ? this.#ping : undefined);
    return entry === undefined ? undefined : this.#run(entry, timeout);
  }

  async #run(entry: Entry, limit: number): Promise<HealthResult> {
    const { name } = entry.check;
    entry.running ??= withinTime(
      {
        clock: this.#clock,
        limit,
        expired: () => new Error(`health check ${name}: expected it done within ${limit} ms`),
      },
      // the check begins in a later microtask, so that it cannot end before `running` is set
      (signal) =>
        Promise.resolve()
          .then(() => entry.check.check(signal))
          .finally(() => (entry.running = undefined)),
    );
    try {
      await entry.running;
      return { name, state: 'ok' };
    } catch (error) {
      return { name, state: 'failed', error };
    }
  }
}

function checkTimeout(timeout: number = TIMEOUT): number {
  if (typeof timeout === 'number' && timeout > 0) return timeout;
  throw new RangeError(`timeout: expected milliseconds above 0, got ${preview(timeout)}`);
}
