import { compareRevisions } from '../../informer/index.js';
import type { OwnWrite } from './own-write.js';

/** Writes that the cache of an informer shows, until its handlers were told of them: all that there are at a time wait together. */
export class Telling {
  readonly #caughtUpTo: (revision: string) => Promise<void>;
  readonly #done: (write: OwnWrite) => void;
  // those that the handlers may not have been told of
  readonly #pending = new Set<OwnWrite>();
  // whether the informer is asked; it is while anything is pending
  #isAsking = false;

  /**
   * @param caughtUpTo - Rejects where the informer has stopped.
   * @param done - Called for each write when it is told.
   */
  constructor(caughtUpTo: (revision: string) => Promise<void>, done: (write: OwnWrite) => void) {
    this.#caughtUpTo = caughtUpTo;
    this.#done = done;
  }

  follow(write: OwnWrite): void {
    this.#pending.add(write);
    if (!this.#isAsking) this.#ask();
  }

  /** Does not follow a write any more, nor say that it is done. */
  forget(write: OwnWrite): void {
    this.#pending.delete(write);
  }

  clear(): void {
    this.#pending.clear();
  }

  #ask(): void {
    this.#isAsking = this.#pending.size > 0;
    if (!this.#isAsking) return;
    let newest = '';
    for (const { revision } of this.#pending) if (compareRevisions(revision, newest) > 0) newest = revision;
    const goOn = (): void => this.#caughtUp(newest);
    // an informer that has stopped tells nothing any more
    this.#caughtUpTo(newest).then(goOn, goOn);
  }

  #caughtUp(revision: string): void {
    for (const write of this.#pending) {
      if (compareRevisions(write.revision, revision) > 0) continue;
      this.#pending.delete(write);
      this.#done(write);
    }
    this.#ask();
  }
}
