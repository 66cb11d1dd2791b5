export type { ManagedFieldsPolicy } from './field-tracking.js';
export type { Difference } from './history.js';
export { ObjectStore, type ObjectStoreOptions } from './object-store.js';
export type { Transaction } from './transaction.js';
