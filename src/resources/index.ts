export type { ApplyOf } from './apply-of.js';
export { checkRoundTrip } from './check-round-trip.js';
export { conditionSchema } from './condition-schema.js';
export type { Conversion } from './conversion.js';
export type { VersionedObject } from './convert-object.js';
export {
  defineResource,
  type PlainOptions,
  type ResourceOptions,
  type SchemaOptions,
} from './define-resource.js';
export type { KindNames } from './kind-names.js';
export type { MergeRule, MergeRules } from './merge-rule.js';
export {
  type AnyResource,
  type Judgement,
  type MetadataOf,
  metadataOnly,
  type NameRule,
  type New,
  type NewOf,
  type ObjectOf,
  type ObjectSchema,
  type Resource,
  type ScalePaths,
} from './resource.js';
export type { ResourceEntry } from './resource-entry.js';
export { type KindReference, type PluralReference, Scheme } from './scheme.js';
export type { TimeToLive } from './time-to-live.js';
export {
  type ConvertedFields,
  defineVersions,
  type ServedVersion,
  type Versions,
  type VersionsOptions,
} from './versions.js';
