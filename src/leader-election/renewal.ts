import { type Logger, sleep } from '../core/index.js';
import type { ElectionMetrics } from './election-metrics.js';
import type { Lock, LockEntry } from './lock.js';
import type { LockRequests } from './lock-requests.js';
import type { RunningTerm } from './running-term.js';
import type { Timing } from './timing.js';
import { requestWithin } from './request-within.js';

/** What a {@link Renewal} works with. */
export interface RenewalOptions {
  readonly lock: Lock;
  readonly timing: Timing;
  readonly requests: LockRequests;
  readonly logger: Logger;
  readonly metrics: ElectionMetrics;
  /** Takes note of the record. */
  readonly see: (entry: LockEntry | undefined) => void;
}

/** How often a lease is tried to be given up where others change it at the same time. */
const RELEASE_TRIES = 5;

/** The care for the lease of a term: renews it while the term lasts, and gives it up at the end. */
export class Renewal {
  readonly #options: RenewalOptions;

  constructor(options: RenewalOptions) {
    this.#options = options;
  }

  /**
   * Renews the lease every `retryPeriod` until the term is over; never rejects.
   *
   * The record is written as this process knows it. Only where that fails it is read before, and compared.
   */
  async run(term: RunningTerm): Promise<void> {
    const { lock, timing, logger } = this.#options;
    const { over } = term;
    // the record as it was last written; undefined where that is not certain
    let known: LockEntry | undefined = term.entry;
    while (!over.aborted) {
      try {
        await sleep(lock.client.clock, timing.retryPeriod, over);
        const base: LockEntry | undefined = known;
        known = undefined;
        known = await this.#renew(term, base);
      } catch (error) {
        if (!over.aborted) logger.warn({ error }, 'the lease could not be renewed: trying again');
      }
    }
  }

  /**
   * Gives the lease of a term up.
   *
   * Where that fails it ends by itself, which takes the others longer: it is logged, and nothing else.
   */
  async release(term: RunningTerm): Promise<void> {
    const { lock, timing, requests, logger, see } = this.#options;
    let known: LockEntry | undefined = term.entry;
    const attempt = async (signal: AbortSignal): Promise<void> => {
      known ??= await requests.get(signal);
      // it may be that an earlier try arrived
      if (known === undefined || term.compare(known)) return;
      const { entry } = await requests.release(known, signal);
      see(entry);
    };
    const attempts = async (signal: AbortSignal): Promise<void> => {
      for (let tries = 1; ; tries += 1) {
        try {
          await attempt(signal);
          return;
        } catch (error) {
          if (signal.aborted || tries === RELEASE_TRIES) throw error;
          logger.debug({ error }, 'the lease could not be given up as it was known: reading it');
          known = undefined;
        }
      }
    };
    try {
      await requestWithin(lock.client.clock, timing.requestTimeout, undefined, attempts);
    } catch (error) {
      logger.warn({ error }, 'the lease could not be given up: it ends by itself');
    }
  }

  /** Renews once; undefined where the term is not this process's any more. */
  async #renew(term: RunningTerm, known: LockEntry | undefined): Promise<LockEntry | undefined> {
    const { requests, logger, metrics, see } = this.#options;
    const write = async (previous: LockEntry): Promise<LockEntry> => {
      const held = await requests.renew(previous, term.over);
      see(held.entry);
      term.renewed(held);
      return held.entry;
    };
    if (known !== undefined) {
      try {
        return await write(known);
      } catch (error) {
        if (term.over.aborted) throw error;
        logger.debug({ error }, 'the lease could not be renewed as it was known: reading it');
      }
    }
    metrics.slowPath();
    const entry = await requests.get(term.over);
    see(entry);
    if (term.compare(entry) || entry === undefined) return undefined;
    return write(entry);
  }
}
