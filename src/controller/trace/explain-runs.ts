import { type ObjectKey, preview } from '../../core/index.js';
import type { Reason } from '../reason.js';
import { type Cause, type ExplainedRun, Explanation } from './explanation.js';
import type { RunRecord } from './run-record.js';
import { isSameKey, type Written } from './written.js';

/** What is remembered of runs. */
interface History {
  /** Newest first. */
  runs(): Iterable<RunRecord>;
  writerOf(reason: Reason): Written | undefined;
}

/** How many runs of the key are explained: the newest. */
const MOST_RUNS = 10;

/** How many runs a chain of causes has at most unless told otherwise. */
const DEPTH = 10;

/**
 * Explains the latest runs of a key from what is remembered: at most 10.
 *
 * The causes of each run are told once, so a run that led to several others, or to itself, does not make the explanation grow.
 */
export function explainRuns(
  history: History,
  key: ObjectKey,
  options: {
    readonly controller?: string | undefined;
    readonly store?: string | undefined;
    readonly depth?: number | undefined;
  },
): Explanation {
  const { controller, store, depth = DEPTH } = options;
  if (!Number.isSafeInteger(depth) || depth < 1)
    throw new RangeError(`explain: depth: expected a whole number above 0, got ${preview(depth)}`);
  const all = [...history.runs()];
  const runs = all.filter(
    (run) =>
      isSameKey(run.key, key) &&
      (controller === undefined || run.controller === controller) &&
      (store === undefined || run.store === store),
  );
  const byId = new Map(all.map((run) => [run.id, run]));
  const told = new Set<RunRecord>();

  const explain = (run: RunRecord, left: number): ExplainedRun => {
    if (told.has(run)) return { run, causes: [], cut: 'told above' };
    if (left === 0) return { run, causes: [], cut: 'too far back' };
    told.add(run);
    return { run, causes: run.reasons.map((reason) => causeOf(run, reason, left - 1)) };
  };
  const causeOf = (run: RunRecord, reason: Reason, left: number): Cause => {
    const written = history.writerOf(reason);
    if (written !== undefined) return { reason, write: written.write, by: explain(written.run, left) };
    const asker = reason.run === undefined ? earlierRun(all, run, reason) : byId.get(reason.run);
    return asker === undefined ? { reason } : { reason, by: explain(asker, left) };
  };
  const explained = runs.slice(0, MOST_RUNS).map((run) => explain(run, depth));
  return new Explanation(key, explained, runs.length - explained.length);
}

/** The run before of the same controller and key, where the reason is that there was one. */
function earlierRun(all: readonly RunRecord[], run: RunRecord, { type }: Reason): RunRecord | undefined {
  if (type !== 'retry' && type !== 'requeueAfter' && type !== 'interrupted') return undefined;
  return all.find(
    (other) =>
      other.sequence < run.sequence &&
      other.controller === run.controller &&
      other.store === run.store &&
      isSameKey(other.key, run.key),
  );
}
