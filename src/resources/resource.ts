import type { ApiObject, FieldError, NewMeta, ResourceName, Scope } from '../core/index.js';
import type { MergeSchema } from '../patch/index.js';
import type { TimeToLive } from './time-to-live.js';

/** What the judgement of an object's own fields found. */
export interface Judgement {
  /** The object with defaults filled in and unknown fields pruned; shares what it did not change with its input. */
  readonly object: Readonly<Record<string, unknown>>;
  /** Empty where the object is valid. */
  readonly errors: readonly FieldError[];
}

/**
 * Judges the fields of an object beside `apiVersion`, `kind` and `metadata`.
 *
 * Pure and synchronous: it neither changes nor keeps what it is given, and accepts its own output unchanged.
 */
export interface ObjectSchema {
  /** Whether it fills in defaults, and prunes: then what was stored under an older schema has to be judged when it is read. */
  readonly changes: boolean;
  /** @param field - Judges this top-level field alone, and leaves the others as they are. */
  judge(object: Readonly<Record<string, unknown>>, field?: string): Judgement;
}

/** Which rule the names of a kind follow. */
export type NameRule = 'dns1123subdomain' | 'dns1123label' | 'dns1035label' | 'path-segment';

/** Where a kind keeps what its `scale` subresource shows. */
export interface ScalePaths {
  readonly specReplicas: string;
  readonly statusReplicas: string;
  readonly labelSelector?: string;
}

/**
 * A kind of object: its names, its scope and its rules.
 *
 * A resource is a frozen value and the key to everything typed: clients, informers and controllers infer their objects from it.
 * Make one with {@link defineResource}, or import Kubernetes' own from `keelson/kinds`.
 *
 * `O` is the stored object ({@link ObjectOf}), `N` what create takes ({@link New}).
 */
export interface Resource<O = unknown, N = unknown> extends ResourceName {
  /** `''` is the core group. */
  readonly group: string;
  readonly version: string;
  /** `version` in the core group, else `group/version`. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly scope: Scope;
  /** How the kind's objects are named. */
  readonly nameRule: NameRule;
  /** `status` is written through the status subresource alone, and `spec` through the object alone. */
  readonly hasStatus: boolean;
  readonly scale?: ScalePaths | undefined;
  /** Whether the store counts changes of the desired state in `metadata.generation`. */
  readonly hasGeneration: boolean;
  /** Whether an update may come without a resourceVersion, and then wins over whatever is there. */
  readonly unconditionalUpdate: boolean;
  /** How long an object lives after its last change; for ever where absent. */
  readonly ttl?: TimeToLive | undefined;
  /** Field paths that field selectors may name, beside `metadata.name` and `metadata.namespace`. */
  readonly selectableFields: readonly string[];
  /** Never stored: create-only, or the body of a subresource. */
  readonly virtual?: boolean | undefined;
  /** Absent where the kind takes any JSON. */
  readonly schema?: ObjectSchema | undefined;
  /** How the kind's fields merge; {@link defineResource} always makes one. */
  readonly mergeSchema?: MergeSchema | undefined;
  /** The kind whose metadata alone this one shows; see {@link metadataOnly}. */
  readonly metadataOf?: AnyResource | undefined;
  /** Never there at run time: carries the types. */
  readonly '~types'?: { readonly object: O; readonly input: N };
}

/** Any resource, whatever its types. */
// oxlint-disable-next-line typescript/no-explicit-any -- `unknown` would reject every resource with a narrower input
export type AnyResource = Resource<any, any>;

/** The stored object of a resource, deeply read-only. */
export type ObjectOf<R> = R extends Resource<infer O, infer _> ? O : never;

/** What create takes for a resource: no system metadata, and fields with a default are optional. */
export type New<R> = R extends Resource<infer _, infer N> ? N : never;

/** What create takes for an object type without a schema. */
export type NewOf<O> = {
  readonly [K in keyof O as K extends 'apiVersion' | 'kind' | 'metadata' | 'status' ? never : K]: O[K];
} & {
  readonly apiVersion?: O extends { readonly apiVersion: infer A } ? A : never;
  readonly kind?: O extends { readonly kind: infer K } ? K : never;
  readonly metadata: NewMeta;
};

/** An object of which only the metadata is known. */
export type MetadataOf<R> =
  ObjectOf<R> extends { readonly metadata: infer M }
    ? Omit<ApiObject, 'metadata'> & { readonly metadata: M }
    : ApiObject;

/**
 * The same kind, of which lists and watches carry `apiVersion`, `kind` and `metadata` alone.
 *
 * For reads only. Saves the memory of a cache that needs no more than labels and owners.
 */
export function metadataOnly<R extends AnyResource>(resource: R): Resource<MetadataOf<R>, never> {
  const known = projections.get(resource);
  if (known !== undefined) return known as Resource<MetadataOf<R>, never>;
  const projection: AnyResource = Object.freeze({ ...(resource as AnyResource), metadataOf: resource });
  projections.set(resource, projection);
  return projection as Resource<MetadataOf<R>, never>;
}

/** One projection a resource, so that two informers of the same projection share their cache. */
const projections = /* @__PURE__ */ new WeakMap<AnyResource, AnyResource>();
