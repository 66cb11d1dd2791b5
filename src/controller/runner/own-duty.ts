import { setMaxListeners } from 'node:events';
import type { Duty } from './duty.js';

/** A duty as one part of a manager has it: over with the duty that it comes from, or earlier with that part. */
export class OwnDuty implements Duty {
  /** The duty that it comes from in the end. */
  readonly root: Duty;
  readonly #origin: Duty;
  readonly #over = new AbortController();

  constructor(origin: Duty) {
    this.#origin = origin;
    this.root = origin instanceof OwnDuty ? origin.root : origin;
    // every reconcile may listen to it at the same time, which is no leak
    setMaxListeners(0, this.signal);
    const { signal } = origin;
    const end = (): void => this.end(signal.reason);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true, signal: this.signal });
  }

  get shard(): number {
    return this.#origin.shard;
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** Whether it is over, also where the signal that says so has listeners which are told before this. */
  get isOver(): boolean {
    if (this.signal.aborted || this.#origin.signal.aborted) return true;
    return this.#origin instanceof OwnDuty && this.#origin.isOver;
  }

  get fence(): Duty['fence'] {
    return this.#origin.fence;
  }

  /** It is over for this part. */
  end(reason: unknown): void {
    this.#over.abort(reason);
  }
}
