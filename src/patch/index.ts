export type { JsonObject } from '../core/index.js';
export { createJsonPatch } from './json-patch/create-json-patch.js';
export { jsonPatch } from './json-patch/json-patch.js';
export type { JsonPatchOperation } from './json-patch/json-patch-operation.js';
export { createJsonMergePatch } from './merge-patch/create-json-merge-patch.js';
export {
  createThreeWayJsonMergePatch,
  type ThreeWayJsonMerge,
} from './merge-patch/create-three-way-json-merge-patch.js';
export { jsonMergePatch } from './merge-patch/json-merge-patch.js';
export type { FieldSchema, ListType, MergeSchema, PatchStrategy, ScalarType } from './merge-schema.js';
