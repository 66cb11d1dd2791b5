import { formatKey, type Logger, type ObjectKey, withFields } from '../../core/index.js';
import type { AnyResource } from '../../resources/index.js';
import { ControllerMetrics } from '../metrics/controller-metrics.js';
import type { Reason } from '../reason.js';
import type { QueuedRequest } from '../request.js';
import type { RunRecord, WriteRecord } from '../trace/index.js';
import type { ReconcileSpan } from '../tracing.js';
import type { Fate } from './fate.js';
import type { ReconcileRun } from './reconcile-run.js';
import type { WriteIntent } from './run-client.js';
import type { RunnerParts } from './runner-parts.js';
import type { Written } from './written.js';

/** Sees what the reconciles of a controller do: counts it, traces it, and warns of what is wrong. It changes nothing. */
export class RunObserver {
  readonly #parts: RunnerParts;
  readonly #metrics: ControllerMetrics;
  readonly #log: Logger;
  readonly #name: string;
  // counts the reconciles, to name them
  #count = 0;

  constructor(parts: RunnerParts) {
    const { name, options } = parts.controller;
    this.#parts = parts;
    this.#name = name;
    this.#metrics = new ControllerMetrics(parts.metrics, name, options.concurrency ?? 1);
    this.#log = withFields(parts.logger, { controller: name });
  }

  /** A reconcile is about to begin. */
  began({ key, store }: QueuedRequest, attempt: number, reasons: readonly Reason[]): RunRecord {
    const { trace, client } = this.#parts;
    this.#count += 1;
    this.#metrics.began();
    return trace.began({
      id: `${this.#name}#${this.#count}`,
      controller: this.#name,
      store,
      key,
      attempt,
      reasons,
      startedAt: client.clock.now(),
    });
  }

  /** The span of a reconcile that has begun; undefined where nobody wants to see it. */
  span({ id, controller, key, store, attempt, reasons }: RunRecord): ReconcileSpan | undefined {
    const { trace, tracer } = this.#parts;
    return tracer?.began({
      id,
      controller,
      key: formatKey(key),
      store,
      attempt,
      reasons: reasons.map(formatReason),
      causes: trace.causesOf(reasons),
    });
  }

  /** @param seconds - How long it took. */
  ended(run: ReconcileRun, fate: Fate, seconds: number): void {
    const { record, span } = run.subject;
    const error = 'error' in fate ? fate.error : undefined;
    this.#metrics.ended(fate.outcome, seconds);
    this.#parts.trace.ended(record, fate.outcome, this.#parts.client.clock.now(), error);
    span?.ended(fate.outcome, error);
    if (run.writing > 0) this.#warnOfStray(run, `${run.writing} of its writes`);
  }

  /** What was thrown is no Error. */
  panicked(): void {
    this.#metrics.panicked();
  }

  wrote(run: ReconcileRun, written: Written): void {
    const { record, span } = run.subject;
    const { write } = written;
    this.#parts.trace.wrote(record, write);
    span?.wrote({
      verb: write.verb,
      kind: write.kind,
      key: write.key === undefined ? '' : formatKey(write.key),
      revision: write.revision,
      failed: write.error,
    });
    // to apply again what is there already is what apply is for
    if (write.outcome === 'unchanged' && write.verb !== 'apply') this.#warnOfNothing(run, write);
    else if (write.outcome === 'written') this.#lookForLoop(run, written);
  }

  /** A write began after its reconcile had ended. */
  strayed(run: ReconcileRun, { verb, resource }: WriteIntent): void {
    this.#warnOfStray(run, `a ${verb} of a ${resource.kind}`);
  }

  /** The cache does not show a write, and is not waited for any longer. */
  stale({ kind }: AnyResource, key: ObjectKey | undefined): void {
    this.#metrics.staleRead(kind);
    const what = key === undefined ? kind : `${kind} ${formatKey(key)}`;
    this.#warn(this.#log, 'stale read', kind, `the cache does not show in time what was written to ${what}`);
  }

  /** The cache was read for a kind that the controller does not cache, which fails, whether somebody sees it or not. */
  uncached({ kind }: AnyResource): void {
    this.#metrics.uncachedRead(kind);
  }

  close(): void {
    this.#metrics.close();
  }

  #warnOfNothing(run: ReconcileRun, { verb, kind, key }: WriteRecord): void {
    this.#metrics.noopWrite(kind);
    const what = key === undefined ? kind : `${kind} ${formatKey(key)}`;
    this.#warn(run.log, 'write without change', kind, `${verb} of ${what} changed nothing`);
  }

  #lookForLoop(run: ReconcileRun, { write, resource, before, after }: Written): void {
    const { key, store } = write;
    if (key === undefined || after === undefined) return;
    const loop = this.#parts.hotLoops.observe({
      controller: this.#name,
      resource,
      key,
      store,
      before,
      after,
    });
    if (loop === undefined) return;
    this.#metrics.hotLoop();
    run.log.warn({ fields: loop.fields }, loop.toString());
  }

  #warnOfStray(run: ReconcileRun, what: string): void {
    this.#metrics.strayWrite();
    const message = `${what} went on after the reconcile had ended: expected every write to be awaited`;
    this.#warn(run.log, 'stray write', this.#name, message);
  }

  #warn(log: Logger, rail: string, subject: string, message: string): void {
    const more = this.#parts.warnings.pass(rail, this.#name, subject);
    if (more !== undefined) log.warn({ rail }, message + more);
  }
}

function formatReason({ type, kind, key, source }: Reason): string {
  const what = kind === undefined || key === undefined ? source : `${kind} ${formatKey(key)}`;
  return what === undefined ? type : `${type} ${what}`;
}
