import { type Clock, type Random, validateName } from '../../core/index.js';

/** The most characters that a name may have. */
const NAME_LENGTH = 253;

/** How many nanoseconds a millisecond has. */
const NANOSECONDS = 1_000_000;

/**
 * Names for Events: `<name of the object>.<time in hexadecimal nanoseconds>`, no two the same.
 *
 * What a clock of milliseconds leaves open is random, so that two processes do not choose the same. A name that is too long is cut; an
 * object whose name is no DNS subdomain gives its Event a UUID.
 *
 * Source: `GenerateEventName` in client-go.
 */
export class EventNames {
  readonly #clock: Clock;
  readonly #random: Random;
  // where in its millisecond this process begins to count; drawn with the first name
  #offset: bigint | undefined;
  // the time in the last name: the next one has a later one, even where the clock stands still
  #last = 0n;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** A new name for an event about an object of that name. */
  next(objectName: string): string {
    this.#offset ??= BigInt(this.#random.integer(NANOSECONDS));
    const now = BigInt(Math.floor(this.#clock.now())) * BigInt(NANOSECONDS) + this.#offset;
    this.#last = now > this.#last ? now : this.#last + 1n;
    const time = this.#last.toString(16);
    const prefix = objectName.slice(0, NAME_LENGTH - 1 - time.length).replace(/[-.]+$/, '');
    const name = `${prefix}.${time}`;
    return validateName('dns1123subdomain', name).length === 0 ? name : this.#random.uuid();
  }
}
