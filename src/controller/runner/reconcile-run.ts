import type { Client } from '../../client/index.js';
import {
  type Clock,
  type Logger,
  type ObjectKey,
  type ObjectMeta,
  preview,
  type Random,
  type Timer,
  withFields,
} from '../../core/index.js';
import type { ControllerCache } from '../controller-cache.js';
import type { EventRecorder } from '../events/event-recorder.js';
import type { Reason } from '../reason.js';
import { type ReconcileContext, ReconcileTimeoutError, type StoreAccess } from '../reconcile.js';
import type { QueuedRequest } from '../request.js';
import type { RunRecord } from '../trace/index.js';
import type { ReconcileSpan } from '../tracing.js';
import { type Answer, keyOfMeta, revisionLeftBy } from './answer.js';
import { type Fate, fateOfResult, fateOfThrown } from './fate.js';
import type { OwnDuty } from './own-duty.js';
import { RunClient, type RunWrites, type WriteIntent } from './run-client.js';
import type { StoreScope } from './store-scope.js';
import type { Written } from './written.js';

/** What a {@link ReconcileRun} asks of the runner that it belongs to. */
export interface RunHost {
  readonly controller: string;
  /** What it answers with, and whether that is a promise, is checked. */
  readonly reconcile: (context: ReconcileContext<unknown>) => unknown;
  /** In milliseconds. */
  readonly timeout: number | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly recorder: EventRecorder;
  readonly log: Logger;
  /** @throws TypeError where there is no such store. */
  readonly scope: (store: string | undefined) => StoreScope;
  /** Frozen. */
  readonly stores: () => readonly string[];
  /** Told what came of it, once; must not throw. */
  readonly ended: (run: ReconcileRun, fate: Fate) => void;
  /** Told of every write that was answered. */
  readonly wrote: (run: ReconcileRun, written: Written) => void;
  /** Told where what was thrown is no Error. */
  readonly panicked: () => void;
  /** Told of a write that began after its reconcile had ended. */
  readonly strayed: (run: ReconcileRun, intent: WriteIntent) => void;
  /** Told when a write is over, whatever came of it. */
  readonly settled: () => void;
}

/** What a {@link ReconcileRun} is about. */
export interface RunSubject {
  readonly request: QueuedRequest;
  readonly duty: OwnDuty;
  readonly scope: StoreScope;
  readonly record: RunRecord;
  readonly span: ReconcileSpan | undefined;
}

/**
 * One reconcile, from its beginning to its end: the context that its reconciler sees, and the writes that go through it.
 *
 * It ends when the reconciler has settled, or when it is cut short; then nothing that it still writes gets through.
 */
export class ReconcileRun implements ReconcileContext<unknown>, RunWrites {
  // what a reconciler has is the object's own, so that it can be spread
  readonly key: ObjectKey;
  readonly store: string | undefined;
  readonly object: unknown;
  readonly client: Client;
  readonly cache: ControllerCache;
  readonly snapshot: () => ControllerCache;
  readonly at: (store?: string) => StoreAccess;
  readonly stores: readonly string[];
  readonly log: Logger;
  readonly recorder: EventRecorder;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly random: Random;
  readonly reasons: readonly Reason[];
  readonly reconcileId: string;
  readonly attempt: number;
  readonly #subject: RunSubject;
  readonly #host: RunHost;
  // aborted for this reconcile alone; undefined where it cannot be, and the signal is that of the duty
  readonly #own: AbortController | undefined;
  // called when all is done that follows from its end; undefined before it was called, and once it has ended
  #onEnd: (() => void) | undefined;
  #startedAt = 0;
  // cuts it short; undefined where nothing does
  #timer: Timer | undefined;
  // what further writes are refused with; undefined unless it was cut short
  #refusal: Error | undefined;
  #hasEnded = false;
  // what gives back the snapshots that were taken; called when it ends. Undefined while there are none, as in most reconciles
  #snapshots: (() => void)[] | undefined;
  #writing = 0;

  constructor(host: RunHost, subject: RunSubject) {
    const { request, duty, scope, record } = subject;
    this.#host = host;
    this.#subject = subject;
    this.#own = host.timeout === undefined ? undefined : new AbortController();
    this.key = request.key;
    this.store = request.store;
    this.object = scope.object(request);
    this.client = this.#access(scope);
    this.cache = scope.cache;
    this.snapshot = () => this.#takeSnapshot();
    this.at = (store) => {
      const other = host.scope(store);
      return { client: this.#access(other), cache: other.cache };
    };
    this.stores = host.stores();
    this.log = withFields(host.log, { key: request.text, reconcileId: record.id });
    this.recorder = host.recorder;
    this.signal = this.#own?.signal ?? duty.signal;
    this.clock = host.clock;
    this.random = host.random;
    this.reasons = record.reasons;
    this.reconcileId = record.id;
    this.attempt = record.attempt;
  }

  /** What it is about. */
  get subject(): RunSubject {
    return this.#subject;
  }

  /** How many of its writes are not answered. */
  get writing(): number {
    return this.#writing;
  }

  /** When it was called, in milliseconds of the monotonic clock. */
  get startedAt(): number {
    return this.#startedAt;
  }

  /** Calls the reconciler, once; never throws. @param onEnd - Called once, when all is done that follows from its end; must not throw. */
  execute(onEnd: () => void): void {
    const { timeout, clock } = this.#host;
    this.#onEnd = onEnd;
    this.#startedAt = clock.monotonic();
    if (timeout !== undefined) this.#limit(timeout);
    try {
      // a reconciler in plain JavaScript may answer with anything
      const result = this.#call();
      if (!isThenable(result)) this.#returned(result);
      else
        result.then(
          (value) => this.#returned(value),
          (thrown: unknown) => this.#threw(thrown),
        );
    } catch (error) {
      this.#threw(error);
    }
  }

  /** Tells the reconciler to stop, and waits for it. */
  interrupt(reason: unknown): void {
    this.#own?.abort(reason);
  }

  /** Ends it now, whatever its reconciler does: that cannot write any more. */
  cut(reason: unknown): void {
    this.interrupt(reason);
    this.#cut({ outcome: 'interrupted', error: reason });
  }

  async write<T>(intent: WriteIntent, send: () => Promise<T>): Promise<T> {
    return this.#writeTo(this.#subject.scope, intent, send);
  }

  #takeSnapshot(): ControllerCache {
    if (this.#hasEnded) {
      const { controller } = this.#host;
      throw new TypeError(`controller ${controller}: snapshot: expected a reconcile that has not ended`);
    }
    const { cache, release } = this.#subject.scope.snapshot();
    (this.#snapshots ??= []).push(release);
    return cache;
  }

  /** The client of this reconcile for a store. */
  #access(scope: StoreScope): Client {
    const base = scope.client(this.#subject.duty);
    if (scope === this.#subject.scope) return new RunClient(base, this);
    return new RunClient(base, { write: (intent, send) => this.#writeTo(scope, intent, send) });
  }

  async #writeTo<T>(scope: StoreScope, intent: WriteIntent, send: () => Promise<T>): Promise<T> {
    if (this.#refusal !== undefined) throw this.#refusal;
    if (this.#hasEnded) this.#host.strayed(this, intent);
    const { resource, key, dryRun } = intent;
    const before = key === undefined || dryRun ? undefined : scope.cached(resource, key);
    this.#writing += 1;
    try {
      const answer = await scope.ownWrites.write({ ...intent, request: this.#subject.request.text }, send);
      if (!dryRun) this.#wrote(scope, intent, before, answer as Answer | undefined);
      return answer;
    } catch (error) {
      if (!dryRun) this.#failed(scope, intent, error);
      throw error;
    } finally {
      this.#writing -= 1;
      this.#host.settled();
    }
  }

  #wrote(
    scope: StoreScope,
    intent: WriteIntent,
    before: object | undefined,
    answer: Answer | undefined,
  ): void {
    const isDelete = intent.verb === 'delete';
    const after = isDelete ? answer?.object : answer;
    const revision = isDelete ? answer?.resourceVersion : revisionLeftBy(after?.metadata);
    const key = intent.key ?? keyOfMeta(after?.metadata);
    const known = (before as { readonly metadata: ObjectMeta } | undefined)?.metadata.resourceVersion;
    const outcome = !isDelete && revision !== undefined && revision === known ? 'unchanged' : 'written';
    const { verb, resource, subresource } = intent;
    const { apiVersion, kind } = resource;
    const write = { verb, apiVersion, kind, key, subresource, revision, store: scope.name, outcome } as const;
    this.#host.wrote(this, { write, resource, before, after });
  }

  #failed(scope: StoreScope, { verb, resource, key, subresource }: WriteIntent, error: unknown): void {
    const { apiVersion, kind } = resource;
    const write = {
      verb,
      apiVersion,
      kind,
      key,
      subresource,
      store: scope.name,
      outcome: 'failed',
      error,
    } as const;
    this.#host.wrote(this, { write, resource, before: undefined, after: undefined });
  }

  #call(): unknown {
    const { span } = this.#subject;
    if (span?.run === undefined) return this.#host.reconcile(this);
    return span.run(() => this.#host.reconcile(this));
  }

  #limit(timeout: number): void {
    this.#timer = this.#host.clock.setTimer(timeout, () => this.#timeOut(timeout));
  }

  #timeOut(timeout: number): void {
    const { controller } = this.#host;
    const error = new ReconcileTimeoutError(
      `controller ${controller}: ${preview(this.#subject.request.text)}`,
      timeout,
    );
    this.#own?.abort(error);
    this.#cut({ outcome: 'timeout', error });
  }

  #cut(fate: Fate & { readonly error: unknown }): void {
    if (this.#onEnd === undefined) return;
    const { controller } = this.#host;
    this.#refusal = new Error(
      `controller ${controller}: the reconcile of ${preview(this.#subject.request.text)} was cut short, and writes no more`,
      { cause: fate.error },
    );
    this.#end(fate);
  }

  #returned(result: unknown): void {
    this.#finish(fateOfResult(this.#host.controller, result));
  }

  #threw(thrown: unknown): void {
    if (!(thrown instanceof Error)) this.#host.panicked();
    this.#finish(fateOfThrown(this.#host.controller, thrown));
  }

  /** The reconciler has settled. */
  #finish(fate: Fate): void {
    const { duty } = this.#subject;
    const failed = fate.outcome === 'error' || fate.outcome === 'terminal';
    // one that is cut short by the end of its duty has not failed
    this.#end(failed && duty.isOver ? { outcome: 'interrupted', error: fate.error } : fate);
  }

  /** It has ended, unless it had before. */
  #end(fate: Fate): void {
    const onEnd = this.#onEnd;
    if (onEnd === undefined) return;
    this.#onEnd = undefined;
    this.#timer?.cancel();
    this.#hasEnded = true;
    if (this.#snapshots !== undefined) for (const release of this.#snapshots) release();
    this.#host.ended(this, fate);
    onEnd();
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}
