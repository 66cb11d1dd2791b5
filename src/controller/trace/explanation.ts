import { formatKey, type ObjectKey } from '../../core/index.js';
import type { Reason } from '../reason.js';
import { reasonText, runTitle, runTitleWithOutcome, writeText, writeVerb } from './texts.js';
import type { RunRecord } from './run-record.js';
import type { WriteRecord } from './write-record.js';

/** A run, and why it ran. */
export interface ExplainedRun {
  readonly run: RunRecord;
  /** One for each of its reasons; none where it is cut. */
  readonly causes: readonly Cause[];
  /** Why the causes are left out: they are told above in the explanation, or would lead too far back. */
  readonly cut?: 'told above' | 'too far back' | undefined;
}

/** A reason, and the run that is behind it, if one is known. */
export interface Cause {
  readonly reason: Reason;
  /** The run that wrote what happened, or that asked for this one. */
  readonly by?: ExplainedRun | undefined;
  /** What it wrote, where the reason is something that happened to an object. */
  readonly write?: WriteRecord | undefined;
}

/** How many writes of a run are printed. */
const MOST_WRITES = 10;

/** Why a key was reconciled, as data and as text for people. */
export class Explanation {
  readonly key: ObjectKey;
  /** Its latest runs, newest first. */
  readonly runs: readonly ExplainedRun[];
  /** How many older runs of it are remembered, and not explained here. */
  readonly earlier: number;

  constructor(key: ObjectKey, runs: readonly ExplainedRun[], earlier: number) {
    this.key = key;
    this.runs = runs;
    this.earlier = earlier;
  }

  /**
   * Some lines:
   *
   * ```text
   * website default/a #17 (success in 3 ms)
   *   because Deployment default/a was updated (revision 210)
   *     written by deployment default/a #9: patch status
   *       because Pod default/a-1 was updated (revision 209)
   *   it wrote Website default/a: patch status (revision 211)
   * ```
   */
  toString(): string {
    if (this.runs.length === 0) return `no reconcile of ${formatKey(this.key)} is remembered`;
    const lines = this.runs.flatMap(({ run, causes, cut }) => [
      runTitleWithOutcome(run) + cutText(cut),
      ...causeLines(causes, '  '),
      ...writeLines(run.writes),
    ]);
    if (this.earlier > 0) lines.push(`and ${this.earlier} earlier`);
    return lines.join('\n');
  }
}

function causeLines(causes: readonly Cause[], indent: string): readonly string[] {
  return causes.flatMap(({ reason, write, by }) => {
    const because = `${indent}because ${reasonText(reason)}`;
    if (by === undefined) return [because];
    const who =
      write === undefined
        ? runTitleWithOutcome(by.run)
        : `written by ${runTitle(by.run)}: ${writeVerb(write)}`;
    return [because, `${indent}  ${who}${cutText(by.cut)}`, ...causeLines(by.causes, `${indent}    `)];
  });
}

function cutText(cut: ExplainedRun['cut']): string {
  return cut === undefined ? '' : ` (${cut})`;
}

function writeLines(writes: readonly WriteRecord[]): readonly string[] {
  const lines = writes.slice(0, MOST_WRITES).map((write) => `  ${writeText(write)}`);
  const more = writes.length - lines.length;
  return more > 0 ? [...lines, `  and ${more} more writes`] : lines;
}
