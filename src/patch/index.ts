export type { JsonObject } from '../core/index.js';
export { createJsonPatch } from './json-patch/create-json-patch.js';
export { jsonPatch } from './json-patch/json-patch.js';
export type { JsonPatchOperation } from './json-patch/json-patch-operation.js';
export { applyServerSide, type ServerSideApply } from './apply/apply-server-side.js';
export { type ManagedUpdate, updateManagedFields } from './apply/update-managed-fields.js';
export type { WriterRequest } from './apply/tracked-object.js';
export { explainDiff } from './explain/explain-diff.js';
export { createJsonMergePatch } from './merge-patch/create-json-merge-patch.js';
export {
  createThreeWayJsonMergePatch,
  type ThreeWayJsonMerge,
} from './merge-patch/create-three-way-json-merge-patch.js';
export { jsonMergePatch } from './merge-patch/json-merge-patch.js';
export type {
  FieldSchema,
  KindWithSchema,
  ListType,
  MergeSchema,
  PatchStrategy,
  ScalarType,
  SchemaSource,
} from './merge-schema.js';
export { createThreeWayMergePatch, type ThreeWayMerge } from './strategic/create-three-way-merge-patch.js';
export {
  createTwoWayMergePatch,
  type TwoWayMergeOptions,
} from './strategic/create-two-way-merge-patch.js';
export type { PatchPrecondition } from './strategic/preconditions.js';
export { strategicMergePatch } from './strategic/strategic-merge-patch.js';
