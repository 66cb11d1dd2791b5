export { controller, type ControllerBuilder, type NamedController } from './builder.js';
export type {
  Controller,
  ControllerOptions,
  EventOrigin,
  StoreChoice,
  WatchedKind,
  WatchedSource,
} from './controller.js';
export { ControllerCache, type Listers } from './controller-cache.js';
export type { EventDetails, EventSubject } from './events/event-details.js';
export { EventRecorder } from './events/event-recorder.js';
export { EventSink, type EventSinkOptions } from './events/event-sink.js';
export {
  applyOwned,
  type ApplyOwnedResult,
  type Conditioned,
  type Conditions,
  createOrPatch,
  createOrUpdate,
  defineConditions,
  finalize,
  type FinalizeContext,
  type Finalizer,
  type Mutation,
  type MutationDraft,
  type MutationResult,
  type Observation,
  type Observations,
  type OwnerScope,
  retryOnConflict,
  type WantedObjects,
} from './helpers/index.js';
export {
  type HealthCheck,
  HealthChecks,
  healthHandler,
  type HealthHandlerOptions,
  type HealthPage,
  type HealthReport,
  type HealthResult,
  type HttpListener,
  type HttpRequest,
  type HttpResponse,
  type RunHealthOptions,
} from './health/index.js';
export type { LeaderElectionOptions } from './manager/leader-election-options.js';
export { Manager } from './manager/manager.js';
export type { ManagerOptions } from './manager/manager-options.js';
export type { SettledOptions } from './manager/convergence.js';
export type { Runnable, RunnableContext } from './manager/runnable.js';
export {
  and,
  annotationsChanged,
  generationChanged,
  labelsChanged,
  matchesLabels,
  not,
  type ObjectChange,
  or,
  type Predicate,
  resourceVersionChanged,
} from './predicates/index.js';
export type { Reason as ReconcileReason, ReasonType } from './reason.js';
export {
  type ReconcileContext,
  type Reconciler,
  type ReconcileResult,
  type ReconcilerObject,
  ReconcileTimeoutError,
  type StoreAccess,
  TerminalError,
} from './reconcile.js';
export type { ReconcileOutcome } from './reconcile-outcome.js';
export type { ReconcileRequest, RequestTarget } from './request.js';
export type { ReconcileSpan, ReconcileTracer, TracedRun, TracedWrite } from './tracing.js';
export { processSignals, type ProcessSignalsOptions, type SignalledProcess } from './process-signals.js';
export type { EmitterLike, EmitterSource, Source, SourceContext } from './sources/index.js';
export type {
  Cause,
  ExplainedRun,
  Explanation as ReconcileExplanation,
  RunRecord,
  RunStart,
  WriteRecord,
} from './trace/index.js';
export type { CachedKindOptions, WatchedKindOptions, WatchTargets } from './watch-options.js';
export type { ReadYourWrites } from './own-writes/index.js';
