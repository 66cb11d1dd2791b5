export { controller, type ControllerBuilder, type NamedController } from './builder.js';
export type { Controller, ControllerOptions, MappedKind, OwnedKind } from './controller.js';
export { ControllerCache } from './controller-cache.js';
export { Manager, type ManagerOptions } from './manager.js';
export {
  type ReconcileContext,
  type Reconciler,
  type ReconcileRequest,
  type ReconcileResult,
  TerminalError,
} from './reconcile.js';
