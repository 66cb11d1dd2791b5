import { ApiError, parseApiVersion, preview } from '../core/index.js';
import { type AnyResource, Scheme } from '../resources/index.js';
import { type Kind, makeKind } from './kind.js';

/** The kinds that a store serves. */
export class Kinds {
  readonly #scheme: Scheme;
  readonly #all: readonly Kind[];
  // every kind is in here, under its group and kind
  readonly #versions = new Map<string, Kind[]>();
  // by the store's own resource, and by others of the same kind once they were asked for (a projection, a second definition)
  readonly #byResource = new WeakMap<AnyResource, Kind>();

  /** @throws TypeError where two of the resources collide. */
  constructor(resources: readonly AnyResource[]) {
    this.#scheme = new Scheme(resources);
    this.#all = this.#scheme.resources.filter((resource) => resource.virtual !== true).map(makeKind);
    for (const kind of this.#all) {
      this.#byResource.set(kind.resource, kind);
      const key = versionsKey(kind.resource.group, kind.resource.kind);
      this.#versions.set(key, [...(this.#versions.get(key) ?? []), kind]);
    }
  }

  all(): readonly Kind[] {
    return this.#all;
  }

  /** @throws ApiError NotFound where the store does not serve the kind; TypeError where this is no resource. */
  of(resource: AnyResource): Kind {
    const known = this.#byResource.get(resource);
    if (known !== undefined) return known;
    if (typeof resource !== 'object' || resource === null || typeof resource.kind !== 'string') {
      throw new TypeError(`Expected a resource, as defineResource makes, got ${preview(resource)}`);
    }
    const kind = this.find(resource);
    if (kind === undefined) throw notServed(resource);
    this.#byResource.set(resource, kind);
    return kind;
  }

  /** The kind, for a write. @throws ApiError as {@link of}; MethodNotAllowed for a projection of its metadata. */
  writable(resource: AnyResource, verb: string): Kind {
    const kind = this.of(resource);
    if (resource.metadataOf !== undefined)
      throw ApiError.methodNotAllowed(resource, `${verb} of metadata alone`);
    return kind;
  }

  /** The kind with these names; undefined where the store does not serve it. */
  find(names: { readonly apiVersion: string; readonly kind: string }): Kind | undefined {
    const resource = this.#scheme.find(names);
    return resource === undefined ? undefined : this.#byResource.get(resource);
  }

  /** Every served version of the kind with these names; none where the store does not serve it. */
  versionsOf(names: { readonly apiVersion: string; readonly kind: string }): readonly Kind[] {
    return this.#versions.get(versionsKey(parseApiVersion(names.apiVersion).group, names.kind)) ?? [];
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
