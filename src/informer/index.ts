export {
  type Delta,
  DeltaFifo,
  type DeltaFifoOptions,
  type KeyDeltas,
  type KnownObjects,
  type ProcessAll,
  type ProcessDeltas,
} from './delta-fifo.js';
export type { DeleteEvent, EventHandler, HandlerOptions, HandlerRegistration } from './event-handler.js';
export type { Indexable } from './indexable.js';
export { Indexer, type IndexerChange, type Indexers } from './indexer.js';
export type {
  Informer,
  InformerEmitter,
  InformerEvents,
  InformerFault,
  InformerOptions,
} from './informer.js';
export { InformerFactory, type InformerFactoryOptions } from './informer-factory.js';
export type { Lister, ListerOptions } from './lister.js';
export { type IndexFunction, IndexFunctionError } from './object-index.js';
export type { PageOptions } from './page-of.js';
export { PatchedLister } from './patched-lister.js';
export { Reflector } from './reflector.js';
export type {
  ObjectEvent,
  Reconnection,
  ReflectorOptions,
  ReflectorState,
  ReflectorTarget,
} from './reflector-options.js';
export { compareRevisions } from './revision.js';
export { SharedInformer, type SharedInformerOptions } from './shared-informer.js';
export type { ListerSnapshot } from './snapshots.js';
