import { type Clock, LruMap } from '../../core/index.js';

/** How many milliseconds lie between two equal warnings at least. */
const INTERVAL = 60_000;

/** How many warnings are remembered. */
const REMEMBERED = 1_000;

interface Told {
  readonly at: number;
  // those that were swallowed since, all of them within INTERVAL
  swallowed: number;
}

/**
 * Lets a warning through once a minute: what goes wrong in every reconcile would fill the log.
 *
 * Those in between are counted, and the next one that comes through says how many there were. What was not warned of for longest is
 * forgotten, with its count; there is no timer.
 */
export class WarnOnce {
  readonly #clock: Clock;
  // the last of each kind that came through
  readonly #told = new LruMap<Told>(REMEMBERED);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Whether a warning comes through: what to put behind its message, or undefined where it is to be swallowed.
   *
   * @param rail - Which rail was touched, such as `hot loop`.
   * @param subject - What it is about: a kind, or a kind and a key.
   */
  pass(rail: string, controller: string, subject: string): string | undefined {
    const name = JSON.stringify([rail, controller, subject]);
    const at = this.#clock.monotonic();
    const last = this.#told.get(name);
    if (last !== undefined && at - last.at < INTERVAL) {
      last.swallowed += 1;
      return undefined;
    }
    this.#told.set(name, { at, swallowed: 0 });
    if (last === undefined || last.swallowed === 0) return '';
    return `, ${last.swallowed} more of this in the minute after the last warning`;
  }
}
