import { ApiError, formatApiVersion } from '../core/index.js';
import type { AnyResource } from './resource.js';
import { isVersions, type ResourceEntry } from './resource-entry.js';
import type { VersionedResource, Versions } from './versions.js';

/** Names a kind as objects do: by `apiVersion` and `kind`. */
export interface KindReference {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Names a kind as request paths do: by group and plural; without a version, the preferred one is meant. */
export interface PluralReference {
  readonly group: string;
  readonly version?: string | undefined;
  readonly plural: string;
}

/**
 * A fixed set of resources that can be found by name.
 *
 * Immutable: {@link Scheme.with} makes another. A kind may be there in several versions; where a look-up does not say which, it
 * gets the one that Kubernetes prefers: stable before beta before alpha, then the higher number, as in `v2`, `v1`, `v1beta2`,
 * `v1alpha1`.
 *
 * Versions of a kind that one {@link defineVersions} declares show the same objects; so do the two of Kubernetes' own
 * HorizontalPodAutoscaler, unless there is another version beside them. All others have objects of their own.
 *
 * Source: `meta.RESTMapper` and `version.CompareKubeAwareVersionStrings` in k8s.io/apimachinery.
 */
export class Scheme {
  /** All resources, in the order in which they were given. */
  readonly resources: readonly AnyResource[];
  /** The kinds whose resources show the same objects; their resources are among all others. */
  readonly versions: readonly Versions[];
  readonly #entries: readonly ResourceEntry[];
  // every resource is in here under its apiVersion and kind
  readonly #byKind: ReadonlyMap<string, AnyResource>;
  // every resource is in here under its group, version and plural; the preferred one of a group and plural also without version
  readonly #byPlural: ReadonlyMap<string, AnyResource>;

  /**
   * @param entries - The very same resource may be there more than once.
   * @throws TypeError naming both where two different resources have the same apiVersion and kind, or apiVersion and plural, or where
   * there is one of a kind in several versions that is none of these versions.
   */
  constructor(entries: Iterable<ResourceEntry>) {
    const byKind = new Map<string, AnyResource>();
    const byPlural = new Map<string, AnyResource>();
    this.#entries = [...new Set(entries)];
    const declared = this.#entries.filter(isVersions);
    const distinct = new Set(
      this.#entries.flatMap((entry) => (isVersions(entry) ? entry.resources : [entry])),
    );
    for (const versions of declared) checkComplete(versions, distinct, declared);
    this.versions = Object.freeze([...declared, ...impliedVersions(distinct, declared)]);
    for (const resource of distinct) {
      const { apiVersion, group, kind, plural } = resource;
      claim(byKind, kindKey(apiVersion, kind), resource, 'apiVersion and kind');
      claim(byPlural, pluralKey(apiVersion, plural), resource, 'apiVersion and plural');
      const preferred = byPlural.get(anyVersionKey(group, plural));
      if (preferred === undefined || comparePriority(resource.version, preferred.version) < 0) {
        byPlural.set(anyVersionKey(group, plural), resource);
      }
    }
    this.resources = Object.freeze([...distinct]);
    this.#byKind = byKind;
    this.#byPlural = byPlural;
    Object.freeze(this);
  }

  /**
   * The resource of a name.
   *
   * @throws ApiError NotFound, in Kubernetes' words, where there is none.
   */
  lookup(reference: KindReference | PluralReference): AnyResource {
    const found = this.find(reference);
    if (found !== undefined) return found;
    if ('kind' in reference) {
      const { apiVersion, kind } = reference;
      throw noMatch(
        `no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`,
        kind,
      );
    }
    const { group, version, plural } = reference;
    const where =
      version === undefined
        ? `group ${JSON.stringify(group)}`
        : `version ${JSON.stringify(formatApiVersion(group, version))}`;
    throw noMatch(`no matches for resource ${JSON.stringify(plural)} in ${where}`, plural, group);
  }

  /** The resource of a name, or undefined where there is none. */
  find(reference: KindReference | PluralReference): AnyResource | undefined {
    if ('kind' in reference) return this.#byKind.get(kindKey(reference.apiVersion, reference.kind));
    const { group, version, plural } = reference;
    return this.#byPlural.get(
      version === undefined
        ? anyVersionKey(group, plural)
        : pluralKey(formatApiVersion(group, version), plural),
    );
  }

  /** Whether there is a resource of this name. */
  has(reference: KindReference | PluralReference): boolean {
    return this.find(reference) !== undefined;
  }

  /**
   * This scheme with more resources.
   *
   * @throws TypeError as the constructor does.
   */
  with(...entries: readonly ResourceEntry[]): Scheme {
    return new Scheme([...this.#entries, ...entries]);
  }
}

// no part of a key holds a blank, so that different names never make the same key
function kindKey(apiVersion: string, kind: string): string {
  return `${apiVersion} ${kind}`;
}

function pluralKey(apiVersion: string, plural: string): string {
  return `${apiVersion} ${plural}`;
}

function anyVersionKey(group: string, plural: string): string {
  return `${group}/* ${plural}`;
}

function claim(taken: Map<string, AnyResource>, key: string, resource: AnyResource, what: string): void {
  const other = taken.get(key);
  if (other !== undefined) {
    throw new TypeError(
      `Scheme: expected one resource an ${what}, got two: ${describe(other)} and ${describe(resource)}`,
    );
  }
  taken.set(key, resource);
}

/** Checks that a kind in several versions has no version beside them, which would not show the same objects. */
function checkComplete(
  { storage, resources }: Versions,
  all: Iterable<AnyResource>,
  declared: readonly Versions[],
): void {
  for (const other of all) {
    if (isSameKind(other, storage) && !resources.includes(other)) refuseBeside(storage, describe(other));
  }
  if (declared.filter((versions) => isSameKind(versions.storage, storage)).length > 1) {
    refuseBeside(storage, 'those of another');
  }
}

/** The versions that resources know of themselves: where they are all there, and no other of their kind, and nobody declares any. */
function impliedVersions(
  all: ReadonlySet<AnyResource>,
  declared: readonly Versions[],
): ReadonlySet<Versions> {
  const implied = new Set<Versions>();
  for (const resource of all) {
    const versions = (resource as Partial<VersionedResource>).versions?.();
    if (versions === undefined) continue;
    const { storage, resources } = versions;
    const present = [...all].filter((other) => isSameKind(other, storage));
    const isComplete = present.length === resources.length && resources.every((each) => all.has(each));
    if (isComplete && !declared.some((other) => isSameKind(other.storage, storage))) implied.add(versions);
  }
  return implied;
}

function isSameKind(a: AnyResource, b: AnyResource): boolean {
  return a.group === b.group && a.kind === b.kind;
}

function refuseBeside(storage: AnyResource, other: string): never {
  throw new TypeError(
    `Scheme: expected one defineVersions with every version of ${storage.kind} in ${JSON.stringify(storage.group)}, got ${other} beside those stored as ${storage.apiVersion}`,
  );
}

function describe({ apiVersion, kind, plural }: AnyResource): string {
  return `${apiVersion} ${kind} (${plural})`;
}

function noMatch(message: string, kind: string, group?: string): ApiError {
  return new ApiError({
    reason: 'NotFound',
    message,
    details: group === undefined ? { kind } : { group, kind },
  });
}

/** Negative where Kubernetes prefers version `a`, positive where it prefers `b`. */
function comparePriority(a: string, b: string): number {
  const left = rankOf(a);
  const right = rankOf(b);
  const differing = left.findIndex((part, index) => part !== right[index]);
  if (differing === -1) return a < b ? -1 : Number(a > b);
  return (right[differing] as number) - (left[differing] as number);
}

/** How stable a version is, its major number and its number among the betas or alphas; all zero for other words. */
function rankOf(version: string): readonly [stability: number, major: number, minor: number] {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (match === null) return [0, 0, 0];
  const [, major, stage, minor] = match;
  return [stage === undefined ? 3 : stage === 'beta' ? 2 : 1, Number(major), Number(minor ?? 0)];
}
