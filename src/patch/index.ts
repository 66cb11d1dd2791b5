export type { JsonObject } from '../core/index.js';
export { createJsonMergePatch } from './create-json-merge-patch.js';
export { createJsonPatch } from './create-json-patch.js';
export { createThreeWayJsonMergePatch, type ThreeWayJsonMerge } from './create-three-way-json-merge-patch.js';
export { jsonMergePatch } from './json-merge-patch.js';
export { jsonPatch } from './json-patch.js';
export type { JsonPatchOperation } from './json-patch-operation.js';
export type { FieldSchema, ListType, MergeSchema, PatchStrategy, ScalarType } from './merge-schema.js';
