import type { Guard } from '../client/index.js';
import type { Attempt } from './attempt.js';
import type { Committer } from './committer.js';
import type { EventLog } from './event-log.js';
import type { Kind } from './kind.js';
import type { Slot } from './object-table.js';
import type { Write } from './state.js';
import type { StoredObject } from './stored-object.js';
import type { WriteTarget } from './write-target.js';

/** An attempt of one commit: its first write commits it, with all that was written aside. */
export class CommittingTarget implements WriteTarget {
  readonly aside: Attempt;
  readonly #committer: Committer;
  #hasCommitted = false;

  constructor(attempt: Attempt, committer: Committer) {
    this.aside = attempt;
    this.#committer = committer;
  }

  /** Whether it came to a commit, whatever became of that. */
  get hasCommitted(): boolean {
    return this.#hasCommitted;
  }

  get revision(): number {
    return this.aside.revision;
  }

  get log(): EventLog {
    return this.aside.log;
  }

  find(kind: Kind, namespace: string, name: string): Slot | undefined {
    return this.aside.find(kind, namespace, name);
  }

  ordered(kind: Kind, namespace: string | undefined): readonly Slot[] {
    return this.aside.ordered(kind, namespace);
  }

  isEmpty(kind: Kind, namespace: string): boolean {
    return this.aside.isEmpty(kind, namespace);
  }

  holds(guards: readonly Guard[]): void {
    this.aside.holds(guards);
  }

  commit(write: Write): StoredObject | Promise<StoredObject> {
    if (this.#hasCommitted) throw new TypeError('Expected one commit of an attempt, got another');
    const written = this.aside.end(write);
    this.#hasCommitted = true;
    const committing = this.#committer.commit(this.aside);
    return committing === undefined
      ? (written.result as StoredObject)
      : committing.then(() => written.result as StoredObject);
  }
}
