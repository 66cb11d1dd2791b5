import { checkRevision, compareRevisions } from './revision.js';

interface Waiter {
  readonly revision: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The newest revision that something reflects, and those who wait for it to reach one. */
export class Watermark {
  // undefined until first advanced; never goes back
  #revision: string | undefined;
  // those who wait for a revision that was not reached yet
  #waiters: Waiter[] = [];
  #failure: { readonly error: unknown } | undefined;

  get revision(): string | undefined {
    return this.#revision;
  }

  /** Moves on to a revision; one that is not newer changes nothing. */
  advance(revision: string): void {
    if (this.#revision !== undefined && compareRevisions(revision, this.#revision) <= 0) return;
    this.#revision = revision;
    if (this.#waiters.length === 0) return;
    const waiters = this.#waiters;
    this.#waiters = waiters.filter((waiter) => compareRevisions(waiter.revision, revision) > 0);
    for (const waiter of waiters) {
      if (compareRevisions(waiter.revision, revision) <= 0) waiter.resolve();
    }
  }

  /**
   * Resolves once the watermark is at a revision or beyond; rejects where it never will be, because of {@link fail}, and with a TypeError
   * unless `revision` is a decimal number.
   */
  reached(revision: string): Promise<void> {
    return new Promise((resolve, reject) => {
      checkRevision(revision);
      if (this.#revision !== undefined && compareRevisions(revision, this.#revision) <= 0) resolve();
      else if (this.#failure !== undefined) reject(this.#failure.error);
      else this.#waiters.push({ revision, resolve, reject });
    });
  }

  /** Nothing will advance it any more. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }
}
