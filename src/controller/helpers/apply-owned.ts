import { type ApplyConfiguration, type Client, withFieldManager } from '../../client/index.js';
import {
  type ApiObject,
  formatKey,
  keyOf,
  type ObjectKey,
  type Owner,
  setControllerReference,
} from '../../core/index.js';
import type { AnyResource, ObjectOf } from '../../resources/index.js';
import type { ControllerCache } from '../controller-cache.js';
import { prune } from './prune.js';

/** Who owns, and through what: `{ ...context, owner: object }` in a reconcile. */
export interface OwnerScope {
  readonly client: Client;
  readonly owner: Owner;
  /** Where to look for what the owner has; the server is asked unless given. It must have the kinds: own or watch them. */
  readonly cache?: ControllerCache | undefined;
  /** Who applies; as the client says unless given. */
  readonly fieldManager?: string | undefined;
}

/** A kind, and all objects of it that an owner is to have; those without a namespace are in that of the owner. */
export type WantedObjects<R extends AnyResource> = readonly [
  resource: R,
  objects: readonly ApplyConfiguration<NoInfer<R>>[],
];

/** What became of the objects of an owner. */
export interface ApplyOwnedResult<O> {
  /** Those that were created or changed. */
  readonly applied: readonly O[];
  /** Those that were as wanted. */
  readonly unchanged: readonly O[];
  /** Those that were deleted, as they were before. */
  readonly pruned: readonly O[];
}

/**
 * Makes the objects of some kinds that an owner controls just those that are wanted.
 *
 * Each is applied with the owner as its controller: fields of others stay, and those that differ are taken over. When all are, objects of
 * these kinds that the owner controls and that are not wanted are deleted, the last kind first. A kind with an empty list is emptied; a
 * kind that is not named is left alone. What the owner does not control is never deleted. Who makes objects of one kind for an owner in
 * two places must name them all in one call, for each call deletes what it does not name.
 *
 * An owner in a namespace has its objects there; those of a cluster object may be anywhere.
 *
 * @throws ApiError Conflict where another owner controls an object, before anything is written; as apply and delete do. TypeError where
 * a kind or an object is named twice.
 *
 * @example
 * ```ts
 * await applyOwned({ ...context, owner: site }, [Deployment, [deployment]], [ConfigMap, []]);
 * ```
 */
export async function applyOwned<const K extends readonly AnyResource[]>(
  scope: OwnerScope,
  ...kinds: { readonly [I in keyof K]: WantedObjects<K[I]> }
): Promise<ApplyOwnedResult<ObjectOf<K[number]>>> {
  const { owner, fieldManager } = scope;
  const client = fieldManager === undefined ? scope.client : withFieldManager(scope.client, fieldManager);
  checkKinds(kinds.map(([resource]) => resource));
  const plans: readonly Plan[] = await Promise.all(
    (kinds as readonly WantedObjects<AnyResource>[]).map(([resource, objects]) =>
      planOf(scope, resource, objects as readonly Wanted[]),
    ),
  );
  const applied: ApiObject[] = [];
  const unchanged: ApiObject[] = [];
  for (const { resource, wanted, present } of plans) {
    for (const [name, intent] of wanted) {
      const object: ApiObject = await client.apply(resource, intent, { force: true });
      const before = present.get(name);
      const isSame = before?.metadata.resourceVersion === object.metadata.resourceVersion;
      (isSame ? unchanged : applied).push(object);
    }
  }
  const pruned: ApiObject[] = [];
  for (const { resource, wanted, present } of plans.toReversed()) {
    for (const [name, object] of present) {
      if (!wanted.has(name) && (await prune(client, resource, object, owner))) pruned.push(object);
    }
  }
  const result: ApplyOwnedResult<ApiObject> = { applied, unchanged, pruned };
  return result as ApplyOwnedResult<ObjectOf<K[number]>>;
}

/** A kind that is named twice would have its objects deleted in turn. */
function checkKinds(resources: readonly AnyResource[]): void {
  const names = new Set<string>();
  for (const { group, kind } of resources) {
    const name = group === '' ? kind : `${kind}.${group}`;
    if (names.has(name)) throw new TypeError(`applyOwned: expected each kind once, got ${name} twice`);
    names.add(name);
  }
}

/** An object to apply, whatever its kind. */
type Wanted = { readonly metadata: ObjectKey };

/** What is to be done about one kind, by formatted key. */
interface Plan {
  readonly resource: AnyResource;
  /** What to apply, in the order given. */
  readonly wanted: ReadonlyMap<string, Wanted>;
  /** All objects that are where those of the owner may be. */
  readonly present: ReadonlyMap<string, ApiObject>;
}

async function planOf(scope: OwnerScope, resource: AnyResource, objects: readonly Wanted[]): Promise<Plan> {
  const { owner } = scope;
  const list = await listOf(scope, resource);
  const present = new Map(list.map((object) => [formatKey(keyOf(object)), object]));
  const wanted = new Map<string, Wanted>();
  for (const object of objects) {
    const placed = inNamespaceOf(owner, resource, object);
    const name = formatKey(keyOf(placed));
    if (wanted.has(name)) {
      throw new TypeError(`applyOwned: expected each object once, got ${resource.kind} ${name} twice`);
    }
    const before = present.get(name);
    // refuses an object that another owner controls
    if (before !== undefined) setControllerReference(owner, before);
    wanted.set(name, setControllerReference(owner, placed));
  }
  return { resource, wanted, present };
}

async function listOf(
  { client, owner, cache }: OwnerScope,
  resource: AnyResource,
): Promise<readonly ApiObject[]> {
  const namespace = resource.scope === 'Cluster' ? undefined : owner.metadata.namespace;
  if (cache !== undefined) return cache.list(resource, { namespace }) as readonly ApiObject[];
  const { items } = await client.listAll(resource, { namespace });
  return items as readonly ApiObject[];
}

function inNamespaceOf(owner: Owner, resource: AnyResource, object: Wanted): Wanted {
  const { namespace } = owner.metadata;
  if (resource.scope === 'Cluster' || namespace === undefined || object.metadata.namespace !== undefined) {
    return object;
  }
  return { ...object, metadata: { ...object.metadata, namespace } };
}
