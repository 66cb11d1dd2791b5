export {
  controller,
  type ControllerBuilder,
  type NamedController,
  type WatchedKindOptions,
} from './builder.js';
export type { Controller, ControllerOptions, MappedKind, OwnedKind } from './controller.js';
export { ControllerCache } from './controller-cache.js';
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
  type OwnerScope,
  retryOnConflict,
  type WantedObjects,
} from './helpers/index.js';
export { Manager, type ManagerOptions } from './manager.js';
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
export {
  type ReconcileContext,
  type Reconciler,
  type ReconcileRequest,
  type ReconcileResult,
  TerminalError,
} from './reconcile.js';
