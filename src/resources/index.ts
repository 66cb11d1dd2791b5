export type { ApplyOf } from './apply-of.js';
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
export { type KindReference, type PluralReference, Scheme } from './scheme.js';
export type { TimeToLive } from './time-to-live.js';
