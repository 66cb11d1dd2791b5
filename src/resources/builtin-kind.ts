import { deepFreeze } from '../core/index.js';
import type { MergeSchema } from '../patch/index.js';
import { checkNames, type KindNames } from './kind-names.js';
import type { NameRule, NewOf, Resource, ScalePaths } from './resource.js';
import { structuralSchema } from './structural-schema.js';
import type { TimeToLive } from './time-to-live.js';

/** What the generator knows of one of Kubernetes' own kinds. */
export interface BuiltinKind extends KindNames {
  readonly plural: string;
  readonly schema: MergeSchema;
  readonly nameRule?: NameRule;
  /** Never stored: create-only, or the body of a subresource. `false` unless given. */
  readonly virtual?: boolean;
  readonly hasStatus?: boolean;
  readonly scale?: ScalePaths;
  readonly hasGeneration?: boolean;
  /** `true` unless given: most built-in kinds may be updated without a resourceVersion. */
  readonly unconditionalUpdate?: boolean;
  readonly ttl?: TimeToLive;
  readonly selectableFields?: readonly string[];
}

/** The resource of one of Kubernetes' own kinds, judged by its generated schema. */
export function builtinKind<O>(kind: BuiltinKind): Resource<O, NewOf<O>> {
  deepFreeze(kind.schema);
  return Object.freeze({
    ...checkNames(kind),
    nameRule: kind.nameRule ?? 'dns1123subdomain',
    virtual: kind.virtual ?? false,
    hasStatus: kind.hasStatus ?? false,
    scale: kind.scale,
    hasGeneration: kind.hasGeneration ?? false,
    unconditionalUpdate: kind.unconditionalUpdate ?? true,
    ttl: kind.ttl,
    selectableFields: Object.freeze([...(kind.selectableFields ?? [])]),
    schema: structuralSchema(kind.schema),
    mergeSchema: kind.schema,
  });
}
