export type {
  ApplyOptions,
  Capabilities,
  Client,
  CreateOptions,
  DeleteOptions,
  DeleteResult,
  GetOptions,
  ListOptions,
  ObjectList,
  Patch,
  PatchOptions,
  PropagationPolicy,
  RequestOptions,
  SelectOptions,
  Subresource,
  UpdateOptions,
  WatchOptions,
  WriteOptions,
} from './client.js';
export type { ApplyConfiguration, ApplyMeta } from './apply-configuration.js';
export type { Guard } from './guard.js';
export type { BookmarkMeta, Watch, WatchEvent } from './watch.js';
export { dryRun } from './dry-run.js';
export { failedWatch } from './failed-watch.js';
export { type ClientHooks, intercept } from './intercept.js';
export { listAll } from './list-all.js';
export { namespaced } from './namespaced.js';
export { waitFor } from './wait-for.js';
export type { UserInfo } from './user-info.js';
export { withFieldManager } from './with-field-manager.js';
export { withGuards } from './with-guards.js';
export { withMetrics } from './with-metrics.js';
