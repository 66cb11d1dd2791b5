import type PQueue from 'p-queue';
import type { Logger, MetricsProvider } from '../../core/index.js';
import type { Client } from '../../client/index.js';
import type { Controller } from '../controller.js';
import type { EventSink } from '../events/event-sink.js';
import type { HotLoops } from '../guard-rails/hot-loops.js';
import type { WarnOnce } from '../guard-rails/warn-once.js';
import type { Trace } from '../trace/index.js';
import type { ReconcileTracer } from '../tracing.js';
import type { Division } from './duty.js';

/** What the runners of a manager share. */
export interface SharedParts {
  /** That of the manager: its clock, randomness and executor are those of all runners. */
  readonly client: Client;
  readonly events: EventSink;
  /** Every reconcile takes one of its places; undefined where they are not limited. */
  readonly pool: PQueue | undefined;
  readonly logger: Logger;
  readonly metrics: MetricsProvider;
  readonly trace: Trace;
  readonly hotLoops: HotLoops;
  readonly warnings: WarnOnce;
  readonly tracer: ReconcileTracer | undefined;
  /** Told of what should not happen. */
  readonly onError: (error: unknown) => void;
}

/** What a controller runs on. */
export interface RunnerParts extends SharedParts {
  readonly controller: Controller;
  readonly division: Division;
}
