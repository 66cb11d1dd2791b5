import type { ApiObject } from '../../core/index.js';
import type { ClusterEvent } from '../framework/index.js';

/** Passes on what happens in the cluster; what may be taken back at once is held until that is known. */
export class News<W extends ApiObject, H extends ApiObject> {
  readonly #tell: (event: ClusterEvent<W, H>) => void;
  // what has happened since it is held; undefined while it is not
  #held: ClusterEvent<W, H>[] | undefined;

  constructor(tell: (event: ClusterEvent<W, H>) => void) {
    this.#tell = tell;
  }

  event(event: ClusterEvent<W, H>): void {
    if (this.#held === undefined) this.#tell(event);
    else this.#held.push(event);
  }

  /** Holds everything until {@link release}. */
  hold(): void {
    this.#held = [];
  }

  /** Passes on what was held; or forgets it, where everything was taken back, so that nobody is woken by what has come to nothing. */
  release(isTakenBack = false): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    if (!isTakenBack) for (const event of held) this.#tell(event);
  }
}
