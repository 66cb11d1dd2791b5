import type { Duty } from '../runner/duty.js';
import type { DutyHolder } from './duty-holder.js';

/** Which duties this process has, and who is to know: the holders always have all of them. */
export class Rights {
  readonly #patience: () => number;
  readonly #duties = new Set<Duty>();
  readonly #holders = new Set<DutyHolder>();

  /** @param patience - How many milliseconds the holders may take to end a duty that ends now. */
  constructor(patience: () => number) {
    this.#patience = patience;
  }

  get duties(): ReadonlySet<Duty> {
    return this.#duties;
  }

  add(holder: DutyHolder): void {
    this.#holders.add(holder);
    for (const duty of this.#duties) holder.begin(duty);
  }

  /** Takes a holder out that begins nothing any more, and resolves when it has ended all its work. */
  async remove(holder: DutyHolder): Promise<void> {
    if (!this.#holders.has(holder)) return;
    // it stays until then: a duty that ends meanwhile waits for it too
    await Promise.all([...this.#duties].map((duty) => holder.end(duty, this.#patience())));
    this.#holders.delete(holder);
  }

  begin(duty: Duty): void {
    this.#duties.add(duty);
    for (const holder of this.#holders) holder.begin(duty);
  }

  /** Resolves when all holders have ended what they did. */
  async end(duty: Duty): Promise<void> {
    this.#duties.delete(duty);
    await Promise.all([...this.#holders].map((holder) => holder.end(duty, this.#patience())));
  }
}
