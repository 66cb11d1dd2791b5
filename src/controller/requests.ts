import { formatKey, type ObjectKey, type Owned, parseApiVersion } from '../core/index.js';
import type { AnyResource } from '../resources/index.js';
import type { OwnedKind } from './controller.js';

/**
 * The keys of the objects of a kind that own an object.
 *
 * Group and kind of a reference decide, not its version. Owners of cluster kinds have no namespace; those of namespaced kinds live in
 * the namespace of what they own.
 *
 * Source: `handler.EnqueueRequestForOwner` in controller-runtime.
 */
export function ownersOf(object: Owned, ownerKind: AnyResource, { matchEveryOwner }: OwnedKind): ObjectKey[] {
  const { namespace, ownerReferences = [] } = object.metadata;
  return ownerReferences
    .filter(
      (reference) =>
        reference.kind === ownerKind.kind &&
        parseApiVersion(reference.apiVersion).group === ownerKind.group &&
        (matchEveryOwner || reference.controller === true),
    )
    .map(({ name }) =>
      ownerKind.scope === 'Cluster' || namespace === undefined ? { name } : { name, namespace },
    );
}

/** The keys, each once. */
export function distinct(keys: Iterable<ObjectKey>): Iterable<ObjectKey> {
  return new Map(Array.from(keys, (key) => [formatKey(key), key])).values();
}
