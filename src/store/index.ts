export type {
  AdmissionPlugin,
  AdmissionReader,
  AdmissionRequest,
  AdmissionWriter,
} from './admission/admission-plugin.js';
export { builtinDefaults } from './admission/builtin-defaults.js';
export { limitRanges } from './admission/limit-ranges.js';
export { resourceQuota } from './admission/resource-quota.js';
export type {
  AdmissionReview,
  GroupVersionKind,
  GroupVersionResource,
} from './admission/webhook/admission-review.js';
export type { CallWebhook } from './admission/webhook/ask-webhook.js';
export { fetchWebhook } from './admission/webhook/fetch-webhook.js';
export { admissionWebhooks, type AdmissionWebhooksOptions } from './admission/webhooks.js';
export type { Explanation, Reason } from './explain.js';
export type { ManagedFieldsPolicy } from './field-tracking.js';
export type { Difference } from './history.js';
export type { Limits } from './limits.js';
export { ObjectStore, type ObjectStoreOptions } from './object-store.js';
export { memoryStorage } from './storage/memory-storage.js';
export type {
  Storage,
  StorageChange,
  StorageCompare,
  StorageContext,
  StorageEntry,
  StorageKey,
  StorageListener,
  StorageOutcome,
  StorageSession,
  StorageTransaction,
  StorageWrite,
} from './storage/storage.js';
export type { StoredObject } from './stored-object.js';
export type { Transaction } from './transaction.js';
