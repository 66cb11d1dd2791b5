export {
  type Delta,
  DeltaFifo,
  type DeltaFifoOptions,
  type KnownObjects,
  type ProcessDeltas,
} from './delta-fifo.js';
export type { DeleteEvent, EventHandler, HandlerRegistration } from './event-handler.js';
export { type Indexable, Indexer, type Indexers } from './indexer.js';
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
export {
  type ObjectEvent,
  Reflector,
  type ReflectorOptions,
  type ReflectorState,
  type ReflectorTarget,
} from './reflector.js';
export { compareRevisions } from './revision.js';
export { SharedInformer, type SharedInformerOptions } from './shared-informer.js';
