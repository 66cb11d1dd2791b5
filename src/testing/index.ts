export type { ConformanceCase } from './conformance/conformance-case.js';
export { storageConformance, type StorageConformanceOptions } from './conformance/storage-conformance.js';
export type { StorageUnderTest } from './conformance/storage-world.js';
export { storeConformance, type StoreConformanceOptions } from './conformance/store-conformance.js';
export type { StoreUnderTest } from './conformance/store-world.js';
export { linearizabilityViolations } from './history/linearizability.js';
export type { LoggedChange, LoggedObject } from './history/logged-change.js';
export type { Change, Effect, Operation } from './history/operation.js';
export {
  type WatchedEvent,
  type WatchHistory,
  type WatchRule,
  type WatchViolation,
  watchViolations,
} from './history/watch-rules.js';
export type { Latency } from './network.js';
export type {
  AnswerOrder,
  SimulatedFailure,
  SimulatedOperation,
  SimulatedSession,
} from './simulated-session.js';
export { SimulatedStorage, type SimulatedStorageOptions } from './simulated-storage.js';
