import type { Clock } from '../core/index.js';
import type { Lease } from '../resources/kinds/index.js';
import type { Observation } from './observation.js';

/** Who takes part in a sharded election, told by the leases that members hold. */
export class Members {
  readonly #leases: ReadonlyMap<string, Observation>;
  readonly #prefix: string;
  readonly #clock: Clock;

  /** @param prefix - What the names of the members' leases begin with. */
  constructor(leases: ReadonlyMap<string, Observation>, prefix: string, clock: Clock) {
    this.#leases = leases;
    this.#prefix = prefix;
    this.#clock = clock;
  }

  /** Those whose leases last. */
  live(): readonly string[] {
    return this.#all().flatMap(({ holder, remaining }) =>
      holder === undefined || remaining === 0 ? [] : [holder],
    );
  }

  /** The leases that nobody has changed for `age` milliseconds, and that have been over for long by then. */
  abandoned(age: number): readonly Lease[] {
    const before = this.#clock.monotonic() - age;
    return this.#all()
      .filter(({ seenAt, remaining }) => remaining === 0 && seenAt <= before)
      .map(({ entry }) => entry?.source as Lease);
  }

  /** How many milliseconds until one of them is gone unless it renews; undefined where there is none. */
  get untilNext(): number | undefined {
    const left = this.#all().flatMap(({ remaining }) => (remaining === 0 ? [] : [remaining]));
    return left.length === 0 ? undefined : Math.min(...left);
  }

  #all(): readonly Observation[] {
    const found: Observation[] = [];
    for (const [name, lease] of this.#leases) if (name.startsWith(this.#prefix)) found.push(lease);
    return found;
  }
}
