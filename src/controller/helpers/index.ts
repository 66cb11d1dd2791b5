export { applyOwned, type ApplyOwnedResult, type OwnerScope, type WantedObjects } from './apply-owned.js';
export { createOrPatch } from './create-or-patch.js';
export { createOrUpdate } from './create-or-update.js';
export {
  type Conditioned,
  type Conditions,
  defineConditions,
  type Observations,
} from './define-conditions.js';
export { finalize, type FinalizeContext, type Finalizer } from './finalize.js';
export type { Mutation, MutationDraft, MutationResult } from './mutation.js';
export type { Observation } from './observation.js';
export { retryOnConflict } from './retry-on-conflict.js';
