import { flatKey, type ObjectKey, type Owned, parseApiVersion, parseKey } from '../core/index.js';
import type { AnyResource } from '../resources/index.js';

/**
 * What a controller is asked to look at: the name of an object, and nothing of what happened to it.
 *
 * That is what makes a controller level-triggered: however many events there were, it compares what is wanted with what is.
 */
export interface ReconcileRequest {
  readonly key: ObjectKey;
  /** The store that the object is in; undefined for the manager's own. */
  readonly store?: string | undefined;
}

/** What a function of a controller asks for: the key of an object, and its store where that is not the usual one. */
export type RequestTarget = ObjectKey & { readonly store?: string | undefined };

/** A request in a queue: it knows its own text, by which it is told from others. */
export class QueuedRequest implements ReconcileRequest {
  readonly key: ObjectKey;
  readonly store: string | undefined;
  /** The key as a text, as in `namespace/name`. */
  readonly keyText: string;
  /** The same, behind `store//` where there is one: no key has two slashes. */
  readonly text: string;

  constructor(key: ObjectKey, store?: string) {
    this.key = key;
    this.store = store;
    this.keyText = flatKey(key);
    this.text = store === undefined ? this.keyText : `${store}//${this.keyText}`;
  }
}

/** What the text of a request says. */
export function parseRequest(text: string): ReconcileRequest {
  const slashes = text.indexOf('//');
  if (slashes < 0) return { key: parseKey(text), store: undefined };
  return { key: parseKey(text.slice(slashes + 2)), store: text.slice(0, slashes) };
}

/** The key of an object. */
export function keyFrom({ metadata: { name = '', namespace } }: Owned): ObjectKey {
  return namespace === undefined ? { name } : { name, namespace };
}

/** What changes of the kind that a controller is for ask for: the object itself. */
export function itself(object: Owned): readonly ObjectKey[] {
  return [keyFrom(object)];
}

/**
 * The keys of the objects of a kind that own an object.
 *
 * Group and kind of a reference decide, not its version. Owners of cluster kinds have no namespace; those of namespaced kinds live in
 * the namespace of what they own.
 *
 * @param matchEveryOwner - Every owner counts, not only the controller.
 * Source: `handler.EnqueueRequestForOwner` in controller-runtime.
 */
export function ownersOf(object: Owned, ownerKind: AnyResource, matchEveryOwner: boolean): ObjectKey[] {
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
