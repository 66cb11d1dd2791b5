import type { Attempt } from './attempt.js';
import type { Kind } from './kind.js';
import type { Steps } from './steps.js';

/** Makes what attempts wrote happen: in memory, or in a storage. */
export interface Committer {
  /** Resolves when it can be written to; undefined where it can be by now. @throws ApiError where it cannot be. */
  opened(): Promise<void> | undefined;
  /**
   * Makes all that was written happen at once, at one revision; what became of each object is the `result` of what was touched.
   *
   * @throws Stale where something that the attempt read has changed; ApiError Conflict where a guard does not hold.
   */
  commit(attempt: Attempt): Promise<void> | undefined;
  /** Waits until the state has everything that has happened to a kind (to all where it is undefined) by now. */
  refresh(kind: Kind | undefined): Steps<void>;
}

/** An attempt came to nothing since what it read has changed: it is made anew. */
export class Stale extends Error {
  override readonly name = 'Stale';
  /** True where the attempt was not made, but waited for another write of this store to what it rests on. */
  readonly hasWaited: boolean;

  constructor({ hasWaited = false }: { readonly hasWaited?: boolean } = {}) {
    super();
    this.hasWaited = hasWaited;
  }
}
