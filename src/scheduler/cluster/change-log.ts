/** What has happened at a host: its object has changed, or what is placed there has. */
export const HOST_CHANGED = 1;

/** How many changes are remembered; who is further behind starts over. */
const KEPT = 1 << 16;

/**
 * The hosts that changed, one after another, for those who remember what they found out about each host.
 *
 * A reader keeps the position up to which it has read.
 */
export class ChangeLog {
  // the last KEPT entries, each at its position modulo KEPT: twice the index, and 1 more where the host itself has changed
  readonly #entries = new Int32Array(KEPT);
  #position = 0;

  /** The position behind the last entry. */
  get position(): number {
    return this.#position;
  }

  /** Whether a reader at a position can read on from there. */
  has(position: number): boolean {
    return this.#position - position <= KEPT;
  }

  /** The entry at a position: twice the index of a host, and {@link HOST_CHANGED} more where the host itself has changed. */
  at(position: number): number {
    return this.#entries[position % KEPT] as number;
  }

  append(index: number, hostChanged: boolean): void {
    this.#entries[this.#position % KEPT] = index * 2 + (hostChanged ? HOST_CHANGED : 0);
    this.#position += 1;
  }

  /** Forgets what came after a position, which nobody has read: all of it was taken back. */
  takeBackTo(position: number): void {
    this.#position = position;
  }
}
