import { ApiError, parseApiVersion, preview } from '../core/index.js';
import { type AnyResource, type ResourceEntry, Scheme } from '../resources/index.js';
import { type Kind, makeKind } from './kind.js';
import { KindVersion } from './kind-version.js';
import type { StoredObject } from './stored-object.js';

/** The kinds that a store serves, and the versions in which it does. */
export class Kinds {
  /** Every version of every kind whose objects are stored. */
  readonly resources: readonly AnyResource[];
  readonly #scheme: Scheme;
  readonly #all: readonly Kind[];
  // every kind is in here, under its group and kind
  readonly #versions = new Map<string, Kind[]>();
  // by the store's own resource, and by others of the same version once they were asked for (a projection, a second definition)
  readonly #byResource = new WeakMap<AnyResource, KindVersion>();

  /** @throws TypeError where two of the resources collide. */
  constructor(entries: readonly ResourceEntry[]) {
    this.#scheme = new Scheme(entries);
    const conversions = this.#scheme.versions.flatMap((versions) => versions.conversions);
    const converted = new Set(conversions.map(({ resource }) => resource));
    this.resources = this.#scheme.resources.filter((resource) => resource.virtual !== true);
    this.#all = this.resources.filter((resource) => !converted.has(resource)).map(makeKind);
    for (const kind of this.#all) {
      const { resource } = kind;
      this.#byResource.set(resource, new KindVersion({ kind, resource }));
      const key = versionsKey(resource.group, resource.kind);
      this.#versions.set(key, [...(this.#versions.get(key) ?? []), kind]);
    }
    for (const conversion of conversions) {
      const { kind } = this.#byResource.get(conversion.storage) as KindVersion;
      const { resource } = conversion;
      this.#byResource.set(resource, new KindVersion({ kind, resource, conversion }));
    }
  }

  all(): readonly Kind[] {
    return this.#all;
  }

  /** @throws ApiError NotFound where the store does not serve the kind; TypeError where this is no resource. */
  of(resource: AnyResource): Kind {
    return this.version(resource).kind;
  }

  /** The version that a resource is, or whose metadata it shows. @throws As {@link of}. */
  version(resource: AnyResource): KindVersion {
    const known = this.#byResource.get(resource);
    if (known !== undefined) return known;
    if (typeof resource !== 'object' || resource === null || typeof resource.kind !== 'string') {
      throw new TypeError(`Expected a resource, as defineResource makes, got ${preview(resource)}`);
    }
    const own = this.#find(resource);
    if (own === undefined) throw notServed(resource);
    const version = resource.metadataOf === undefined ? own : own.metadataAlone();
    this.#byResource.set(resource, version);
    return version;
  }

  /** {@link version}, for a write. @throws As {@link of}; ApiError MethodNotAllowed for a projection of its metadata. */
  writable(resource: AnyResource, verb: string): KindVersion {
    const version = this.version(resource);
    if (resource.metadataOf !== undefined)
      throw ApiError.methodNotAllowed(resource, `${verb} of metadata alone`);
    return version;
  }

  /** The kind with these names, in any version; undefined where the store does not serve it. */
  find(names: { readonly apiVersion: string; readonly kind: string }): Kind | undefined {
    return this.#find(names)?.kind;
  }

  /**
   * An object of a kind as it is stored now, though it may have been stored when another version was the storage version: then it is a
   * frozen one in the storage version, and else the object itself.
   *
   * @throws ApiError InternalError where the store does not serve the object's version, or its conversion fails; Invalid where the storage
   * version does not take it.
   */
  stored(kind: Kind, object: StoredObject): StoredObject {
    const { resource } = kind;
    if (object.apiVersion === resource.apiVersion) return object;
    const version = this.#find(object);
    if (version?.kind !== kind) {
      throw ApiError.internal(
        `expected a ${resource.kind} in ${resource.apiVersion}, or in a version that converts to it, got ${preview(object.kind)} in ${preview(object.apiVersion)}`,
      );
    }
    return version.stored(object);
  }

  /**
   * The kinds with these names, whatever the version: several where versions have objects of their own, none where the store does not
   * serve it.
   */
  versionsOf(names: { readonly apiVersion: string; readonly kind: string }): readonly Kind[] {
    return this.#versions.get(versionsKey(parseApiVersion(names.apiVersion).group, names.kind)) ?? [];
  }

  #find(names: { readonly apiVersion: string; readonly kind: string }): KindVersion | undefined {
    const resource = this.#scheme.find(names);
    return resource === undefined ? undefined : this.#byResource.get(resource);
  }
}

function versionsKey(group: string, kind: string): string {
  return `${group} ${kind}`;
}

function notServed(resource: AnyResource): ApiError {
  return new ApiError({
    reason: 'NotFound',
    message: `the server could not find the requested resource: the store does not serve ${resource.kind} in ${resource.apiVersion}`,
    details: { group: resource.group, kind: resource.plural },
  });
}
