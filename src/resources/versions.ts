import { jsonEqual, preview } from '../core/index.js';
import { type Conversion, makeConversion } from './conversion.js';
import type { AnyResource, ObjectOf } from './resource.js';

/**
 * What a conversion makes: the fields of the other version beside `apiVersion`, `kind` and `metadata`.
 *
 * Labels and annotations stay as they are, unless `metadata` says otherwise: a map that it has replaces the object's, an empty one
 * removes it. All other metadata is the same in every version.
 */
export type ConvertedFields<R> = {
  readonly [K in keyof ObjectOf<R> as Exclude<K, 'apiVersion' | 'kind' | 'metadata'>]: object extends Pick<
    ObjectOf<R>,
    K
  >
    ? ObjectOf<R>[K] | undefined
    : ObjectOf<R>[K];
} & {
  readonly metadata?:
    | {
        readonly labels?: Readonly<Record<string, string>> | undefined;
        readonly annotations?: Readonly<Record<string, string>> | undefined;
      }
    | undefined;
};

/**
 * A version `V` of a kind that is served beside the storage version `S`, and how it converts.
 *
 * Both functions are pure and synchronous, and get deeply frozen objects; what they leave as it was they may hand over as it is, and
 * `{ ...object, spec }` will do where only `spec` differs. An ApiError that they throw reaches the client.
 */
export interface ServedVersion<V extends AnyResource, S extends AnyResource> {
  readonly resource: V;
  /**
   * Makes what is stored of what was written in this version.
   *
   * `before` is what is stored now, undefined for a new object. Take from it whatever this version does not show, or an old client that
   * reads, changes one thing and writes would erase it.
   */
  readonly toStorage: (object: ObjectOf<V>, before: ObjectOf<S> | undefined) => ConvertedFields<S>;
  /** Makes what this version shows of what is stored. It may get any object that the storage version takes. */
  readonly fromStorage: (stored: ObjectOf<S>) => ConvertedFields<V>;
}

/** What {@link defineVersions} takes. */
export interface VersionsOptions<S extends AnyResource, V extends readonly AnyResource[]> {
  /** The version in which objects are stored: one that can hold all that the others say. */
  readonly storage: S;
  /** The other versions. */
  readonly served: { readonly [I in keyof V]: ServedVersion<V[I], NoInfer<S>> };
}

/** A kind that is served in several versions, of which one, `S`, is stored; made by {@link defineVersions}. */
export interface Versions<S extends AnyResource = AnyResource, V extends AnyResource = AnyResource> {
  readonly storage: S;
  /** Every version, that of the storage first. */
  readonly resources: readonly (S | V)[];
  /** How each of the other versions is read and written. */
  readonly conversions: readonly Conversion[];
}

/** A resource that knows of other versions of its kind, which show the same objects. */
export interface VersionedResource extends AnyResource {
  /** Always the same. They count where a scheme has all of their resources, and nobody else's version of the kind. */
  readonly versions: () => Versions;
}

/**
 * Declares that several resources are versions of one kind: they show the same objects, each in its own shape.
 *
 * Objects are stored in one version. The others convert to it and from it, and so to each other. An object has the same name, uid and
 * resourceVersion in all of them.
 *
 * - What is written in a version is read back in it as it was written. A write that the storage version cannot hold is refused. So what
 *   only an old version can say needs a place in the storage version: Kubernetes' custom is an annotation, which `toStorage` sets and
 *   `fromStorage` takes away again. A default belongs to both versions.
 * - What only the storage version can say is not lost when somebody updates an object in another version: `toStorage` gets the object as
 *   it is stored, and takes from it what it has not been told. In Kubernetes conversions do not know that object, and every version
 *   has to carry the fields of all others in annotations.
 *
 * The store checks both with each write, and refuses one that would lose something; {@link checkRoundTrip} is for tests of the functions.
 *
 * @throws TypeError where the resources are not of one kind: another group, kind, plural, scope or status subresource, other rules for
 * names, generations or updates; where a version occurs twice, is a projection or never stored; where a `ttl` is not that of the storage
 * version.
 *
 * Source: the versions of a CustomResourceDefinition, and `conversion.Hub` in controller-runtime.
 *
 * @example
 * ```ts
 * const WidgetV1 = defineResource({
 *   group: 'example.com', version: 'v1', kind: 'Widget',
 *   spec: z.object({ size: z.string().regex(/^(0|[1-9]\d*)x(0|[1-9]\d*)$/) }),
 * });
 * const WidgetV2 = defineResource({
 *   group: 'example.com', version: 'v2', kind: 'Widget',
 *   spec: z.object({ width: z.number(), height: z.number(), color: z.string().optional() }),
 * });
 * const Widgets = defineVersions({
 *   storage: WidgetV2,
 *   served: [
 *     {
 *       resource: WidgetV1,
 *       toStorage: ({ spec }, before) => {
 *         const [width = 0, height = 0] = spec.size.split('x').map(Number);
 *         return { spec: { width, height, color: before?.spec.color } };
 *       },
 *       fromStorage: ({ spec }) => ({ spec: { size: `${spec.width}x${spec.height}` } }),
 *     },
 *   ],
 * });
 * ```
 */
export function defineVersions<S extends AnyResource, const V extends readonly AnyResource[]>(
  options: VersionsOptions<S, V>,
): Versions<S, V[number]> {
  const { storage, served } = options;
  const versions = served as readonly ServedVersion<AnyResource, AnyResource>[];
  checkResource('storage', storage);
  const resources: (S | V[number])[] = [storage];
  const conversions = versions.map(({ resource, toStorage, fromStorage }, index) => {
    const path = `served[${index}]`;
    checkResource(`${path}.resource`, resource);
    checkSameKind(`${path}.resource`, resource, storage);
    if (resources.some(({ version }) => version === resource.version)) {
      refuse(`${path}.resource.version`, 'each version once', resource.version);
    }
    checkFunction(`${path}.toStorage`, toStorage);
    checkFunction(`${path}.fromStorage`, fromStorage);
    resources.push(resource);
    return makeConversion(resource, storage, { toStorage, fromStorage });
  });
  return Object.freeze({
    storage,
    resources: Object.freeze(resources),
    conversions: Object.freeze(conversions),
  });
}

/** What is a matter of the objects, and not of the version in which somebody sees them. */
const COMMON = [
  'group',
  'kind',
  'plural',
  'scope',
  'nameRule',
  'hasStatus',
  'hasGeneration',
  'unconditionalUpdate',
] as const;

function checkSameKind(path: string, resource: AnyResource, storage: AnyResource): void {
  for (const field of COMMON) {
    if (resource[field] === storage[field]) continue;
    refuse(
      `${path}.${field}`,
      `${JSON.stringify(storage[field])} as in ${storage.apiVersion}`,
      resource[field],
    );
  }
  if (resource.ttl !== undefined && !jsonEqual(resource.ttl, storage.ttl)) {
    refuse(`${path}.ttl`, `none, or that of ${storage.apiVersion}, by which the store goes`, resource.ttl);
  }
}

function checkResource(path: string, resource: AnyResource): void {
  if (typeof resource !== 'object' || resource === null || typeof resource.apiVersion !== 'string') {
    refuse(path, 'a resource, as defineResource makes', resource);
  }
  if (resource.metadataOf !== undefined) refuse(path, 'a whole resource', 'a projection of its metadata');
  if (resource.virtual === true) refuse(path, 'a resource whose objects are stored', resource.kind);
}

function checkFunction(path: string, value: unknown): void {
  if (typeof value !== 'function') refuse(path, 'a function', value);
}

function refuse(path: string, expected: string, value: unknown): never {
  throw new TypeError(`defineVersions: ${path}: expected ${expected}, got ${preview(value)}`);
}
