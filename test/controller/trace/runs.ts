import type { Reason } from '../../../src/controller/reason.js';
import {
  type RunRecord,
  type RunStart,
  Trace,
  type WriteRecord,
} from '../../../src/controller/trace/index.js';

/** A trace, and short ways to fill it. */
export class Diary {
  readonly trace: Trace;
  #count = 0;

  constructor(runs?: number) {
    this.trace = new Trace({ runs });
  }

  /** A run of a controller about default/a begins. */
  began(controller: string, reasons: readonly Reason[] = [], other: Partial<RunStart> = {}): RunRecord {
    this.#count += 1;
    const key = { namespace: 'default', name: 'a' };
    const id = `${controller}#${this.#count}`;
    return this.trace.began({
      id,
      controller,
      store: undefined,
      key,
      attempt: 1,
      reasons,
      startedAt: 1_000,
      ...other,
    });
  }

  /** A run writes something at a revision. */
  wrote(run: RunRecord, revision: string | undefined, other: Partial<WriteRecord> = {}): void {
    const key = { namespace: 'default', name: 'a' };
    const write = { verb: 'patch', apiVersion: 'apps/v1', kind: 'Deployment', key, revision } as const;
    this.trace.wrote(run, { ...write, outcome: 'written', ...other });
  }
}

/** Deployment default/a was updated. */
export function updated(revision: string, other: Partial<Reason> = {}): Reason {
  return { type: 'update', kind: 'Deployment', key: { namespace: 'default', name: 'a' }, revision, ...other };
}
