import { deepFreeze } from '../core/index.js';
import type { MergeSchema } from '../patch/index.js';
import { checkNames, type KindNames } from './kind-names.js';
import type { NameRule, NewOf, Resource, ScalePaths } from './resource.js';
import { structuralSchema } from './structural-schema.js';
import type { TimeToLive } from './time-to-live.js';
import type { VersionedResource, Versions } from './versions.js';

/** What the generator knows of one of Kubernetes' own kinds. */
export interface BuiltinKind<O> extends KindNames {
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
  /** Declares the kind's versions, of which this one is not stored; called when they are first asked for. */
  readonly versions?: (resource: Resource<O, NewOf<O>>) => Versions;
}

/** The resource of one of Kubernetes' own kinds, judged by its generated schema. */
export function builtinKind<O>(kind: BuiltinKind<O>): Resource<O, NewOf<O>> {
  deepFreeze(kind.schema);
  const resource: Resource<O, NewOf<O>> = Object.freeze({
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
    ...(kind.versions && versionsOnce(kind.versions, () => resource)),
  });
  return resource;
}

function versionsOnce<R>(
  make: (resource: R) => Versions,
  resource: () => R,
): Pick<VersionedResource, 'versions'> {
  // undefined until somebody asks
  let made: Versions | undefined;
  return { versions: () => (made ??= make(resource())) };
}
