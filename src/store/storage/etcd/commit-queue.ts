import { ApiError, type Clock } from '../../../core/index.js';
import type { StorageOutcome, StorageTransaction } from '../storage.js';
import { CommitGroup } from './commit-group.js';
import { EtcdError } from './etcd-error.js';
import type { Lineage } from './lineage.js';

/** How many groups are on their way at a time: while etcd writes one to its disk, it takes on the next. */
const AT_ONCE = 2;

/** What a {@link CommitQueue} is made from. */
export interface CommitQueueOptions {
  readonly clock: Clock;
  /** How long a transaction may wait to be sent, in milliseconds. */
  readonly timeout: number;
  readonly maxOperations: number;
  /** Lets etcd decide a group. @throws EtcdError, ApiError */
  readonly send: (group: CommitGroup, lineage: Lineage) => Promise<readonly StorageOutcome[]>;
}

/** A transaction that waits to be sent. */
interface Waiting {
  readonly lineage: Lineage;
  readonly transaction: StorageTransaction;
  /** Of the clock, in monotonic milliseconds. */
  readonly since: number;
  readonly resolve: (outcome: StorageOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Sends transactions to etcd in the order in which they come: one by itself at once, those that come meanwhile together after it.
 *
 * Nobody waits for others to come.
 */
export class CommitQueue {
  readonly #options: CommitQueueOptions;
  #waiting: Waiting[] = [];
  // groups that have no answer yet, at most AT_ONCE
  #sent = 0;
  // in a moment, what waits is sent
  #isSending = false;

  constructor(options: CommitQueueOptions) {
    this.#options = options;
  }

  commit(lineage: Lineage, transaction: StorageTransaction): Promise<StorageOutcome> {
    const since = this.#options.clock.monotonic();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ lineage, transaction, since, resolve, reject });
      this.#sendSoon();
    });
  }

  /** Those who come in the same turn go together. */
  #sendSoon(): void {
    if (this.#isSending || this.#sent === AT_ONCE) return;
    this.#isSending = true;
    void Promise.resolve().then(() => {
      this.#isSending = false;
      this.#dropLate();
      while (this.#waiting.length > 0 && this.#sent < AT_ONCE) this.#sendNext();
    });
  }

  /** Refuses those that have waited too long, which are the first. */
  #dropLate(): void {
    const { clock, timeout } = this.#options;
    const now = clock.monotonic();
    const firstInTime = this.#waiting.findIndex(({ since }) => now - since <= timeout);
    const count = firstInTime === -1 ? this.#waiting.length : firstInTime;
    for (const { since, reject } of this.#waiting.splice(0, count)) {
      const waited = Math.round(now - since);
      reject(
        new ApiError({
          reason: 'Timeout',
          message: `etcd did not answer those before it within ${timeout} ms: the write was not sent after ${waited} ms`,
        }),
      );
    }
  }

  #sendNext(): void {
    const lineage = (this.#waiting[0] as Waiting).lineage;
    const group = new CommitGroup(lineage, this.#options.maxOperations);
    const end = this.#waiting.findIndex((next) => next.lineage !== lineage || !group.take(next.transaction));
    const members = this.#waiting.splice(0, end === -1 ? this.#waiting.length : end);
    this.#sent += 1;
    void this.#send(group, members).finally(() => {
      this.#sent -= 1;
      if (this.#waiting.length > 0) this.#sendSoon();
    });
  }

  async #send(group: CommitGroup, members: readonly Waiting[]): Promise<void> {
    const { maxOperations, send } = this.#options;
    const { lineage } = members[0] as Waiting;
    try {
      const outcomes = await send(group, lineage);
      for (const [index, outcome] of outcomes.entries()) members[index]?.resolve(outcome);
    } catch (error) {
      if (members.length === 1 || !(error instanceof EtcdError && error.isTooLarge && error.isRefusal)) {
        for (const { reject } of members) reject(error);
        return;
      }
      // an etcd that takes less than is usual
      await Promise.all(
        members.map((member) => {
          const alone = new CommitGroup(lineage, maxOperations);
          alone.take(member.transaction);
          return this.#send(alone, [member]);
        }),
      );
    }
  }
}
