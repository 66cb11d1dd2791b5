import { type ObjectKey, preview } from '../../core/index.js';
import type { Reason } from '../reason.js';
import type { ReconcileOutcome } from '../reconcile-outcome.js';
import { explainRuns } from './explain-runs.js';
import type { Explanation } from './explanation.js';
import type { RunRecord, RunStart } from './run-record.js';
import type { WriteRecord } from './write-record.js';
import { isWriteOf, type Written } from './written.js';

/** How much a {@link Trace} remembers. */
interface TraceOptions {
  /** How many runs; 1,000 unless given. */
  readonly runs?: number | undefined;
}

/** Which runs are explained, and how far back. */
interface ExplainOptions {
  /** Of this controller alone; of all unless given. */
  readonly controller?: string | undefined;
  /** Of this store alone; of all unless given. */
  readonly store?: string | undefined;
  /** How many runs a chain of causes has at most; 10 unless given. */
  readonly depth?: number | undefined;
}

/** How many runs are remembered unless told otherwise. */
const RUNS = 1_000;

/** How many writes are remembered, of all runs together: before there are more, the oldest runs go. */
const MOST_WRITES = 10_000;

/** Of a run that has not written, as most have not. */
const NONE: never[] = /* @__PURE__ */ Object.freeze<never[]>([]) as never[];

/** What a {@link Trace} may change of a record. */
type OwnRecord = { -readonly [K in keyof RunRecord]: RunRecord[K] } & { writes: WriteRecord[] };

/**
 * Remembers the latest reconciles, why they ran, and what they wrote: so that it can be said which reconcile caused which.
 *
 * The newest 1,000 runs are kept, with at most 10,000 writes. To remember costs little: no text is made before somebody asks.
 */
export class Trace {
  readonly #limit: number;
  // a ring: the run with sequence n is at n modulo #limit, for those from #dropped to #begun; undefined elsewhere
  readonly #runs: (OwnRecord | undefined)[] = [];
  #begun = 0;
  #dropped = 0;
  // how many writes the runs of the ring have together; at most MOST_WRITES
  #writes = 0;
  // by store and revision, which run of the ring wrote what; no store is empty
  readonly #written = new Map<string | undefined, Map<string, Written>>();

  /** @throws RangeError unless the number of runs is a whole number above 0. */
  constructor(options: TraceOptions = {}) {
    const { runs = RUNS } = options;
    if (!Number.isSafeInteger(runs) || runs < 1)
      throw new RangeError(`Trace: runs: expected a whole number above 0, got ${preview(runs)}`);
    this.#limit = runs;
  }

  /** How many runs are remembered. */
  get size(): number {
    return this.#begun - this.#dropped;
  }

  /** A run begins; the oldest makes room where there is none. */
  began(start: RunStart): RunRecord {
    if (this.size === this.#limit) this.#dropOldest();
    const sequence = this.#begun;
    const { id, controller, store, key, attempt, reasons, startedAt } = start;
    // written out, so that all records have one shape
    const run: OwnRecord = {
      id,
      controller,
      store,
      key,
      attempt,
      reasons,
      startedAt,
      sequence,
      writes: NONE,
      endedAt: undefined,
      outcome: undefined,
      error: undefined,
    };
    this.#runs[sequence % this.#limit] = run;
    this.#begun += 1;
    return run;
  }

  /** A write of a run was answered. One that is not remembered any more records nothing. */
  wrote(run: RunRecord, write: WriteRecord): void {
    while (this.#writes === MOST_WRITES && this.#has(run)) this.#dropOldest();
    if (!this.#has(run)) return;
    const own = run as OwnRecord;
    if (own.writes.length === 0) own.writes = [write];
    else own.writes.push(write);
    this.#writes += 1;
    if (write.outcome !== 'written' || write.revision === undefined) return;
    let revisions = this.#written.get(write.store);
    if (revisions === undefined) {
      revisions = new Map();
      this.#written.set(write.store, revisions);
    }
    revisions.set(write.revision, { run, write });
  }

  /** A run ended, at a moment in milliseconds since 1970. */
  ended(run: RunRecord, outcome: ReconcileOutcome, at: number, error?: unknown): void {
    const own = run as OwnRecord;
    own.outcome = outcome;
    own.endedAt = at;
    own.error = error;
  }

  /** The ids of the runs whose writes are such reasons, each once, as far as they are remembered. */
  causesOf(reasons: readonly Reason[]): readonly string[] {
    const ids: string[] = [];
    for (const reason of reasons) {
      const id = this.writerOf(reason)?.run.id;
      if (id !== undefined && !ids.includes(id)) ids.push(id);
    }
    return ids;
  }

  /** The write that is a reason, and the run that it is of; undefined where somebody else wrote, or it is not remembered. */
  writerOf(reason: Reason): Written | undefined {
    if (reason.revision === undefined) return undefined;
    const written = this.#written.get(reason.store)?.get(reason.revision);
    return written !== undefined && isWriteOf(written.write, reason) ? written : undefined;
  }

  /** The runs that are remembered, newest first. */
  *runs(): Generator<RunRecord, undefined> {
    for (let sequence = this.#begun - 1; sequence >= this.#dropped; sequence -= 1) {
      const run = this.#runs[sequence % this.#limit];
      if (run !== undefined) yield run;
    }
  }

  /**
   * Why a key was reconciled: its latest runs, what asked for them, which runs wrote that, what asked for those, and so on.
   *
   * @throws RangeError for a depth that is no whole number above 0.
   */
  explain(key: ObjectKey, options: ExplainOptions = {}): Explanation {
    return explainRuns(this, key, options);
  }

  #has(run: RunRecord): boolean {
    return run.sequence >= this.#dropped;
  }

  #dropOldest(): void {
    const place = this.#dropped % this.#limit;
    const { writes = [] } = this.#runs[place] ?? {};
    this.#runs[place] = undefined;
    this.#dropped += 1;
    this.#writes -= writes.length;
    for (const write of writes) this.#forget(write);
  }

  #forget(write: WriteRecord): void {
    const { store, revision } = write;
    const revisions = revision === undefined ? undefined : this.#written.get(store);
    if (revision === undefined || revisions?.get(revision)?.write !== write) return;
    revisions.delete(revision);
    if (revisions.size === 0) this.#written.delete(store);
  }
}
