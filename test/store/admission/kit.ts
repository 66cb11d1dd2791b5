import type { SelectOptions } from '../../../src/client/index.js';
import { deepFreeze, type ObjectKey } from '../../../src/core/index.js';
import type { AnyResource, New, ObjectOf } from '../../../src/resources/index.js';
import { AdmissionChain } from '../../../src/store/admission/admission-chain.js';
import type {
  AdmissionPlugin,
  AdmissionRequest,
  AdmissionWriter,
} from '../../../src/store/admission/admission-plugin.js';
import { selectionOf } from '../../../src/store/selection.js';
import type { StoredObject } from '../../../src/store/stored-object.js';

/** What a test says of an object; the rest of its metadata is made up. */
export interface Sketch {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** An object as a store would have it, deeply frozen. */
export function stored(resource: AnyResource, { metadata, ...fields }: Sketch): StoredObject {
  const { name, namespace } = metadata;
  return deepFreeze({
    apiVersion: resource.apiVersion,
    kind: resource.kind,
    ...structuredClone(fields),
    metadata: {
      uid: `uid-of-${namespace ?? ''}-${name}`,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...structuredClone(metadata),
    },
  }) as unknown as StoredObject;
}

/** What plugins see of a store, in a map: no rules, no revisions. */
export class FakeStore implements AdmissionWriter {
  readonly resources: readonly AnyResource[];
  // by kind, namespace and name
  readonly #objects = new Map<string, { readonly resource: AnyResource; readonly object: StoredObject }>();

  constructor(...resources: readonly AnyResource[]) {
    this.resources = resources;
  }

  /** Puts an object there as it is. */
  put(resource: AnyResource, sketch: Sketch): StoredObject {
    const object = stored(resource, sketch);
    this.#objects.set(placeOf(resource, object.metadata), { resource, object });
    return object;
  }

  get<R extends AnyResource>(resource: R, key: ObjectKey): ObjectOf<R> | undefined {
    return this.#objects.get(placeOf(resource, key))?.object as ObjectOf<R> | undefined;
  }

  list<R extends AnyResource>(resource: R, selection: SelectOptions = {}): readonly ObjectOf<R>[] {
    const { namespace, matches } = selectionOf(resource, selection);
    return [...this.#objects.entries()]
      .filter(([, entry]) => entry.resource.group === resource.group && entry.resource.kind === resource.kind)
      .filter(([, { object }]) => namespace === undefined || object.metadata.namespace === namespace)
      .filter(([, { object }]) => matches?.(object) !== false)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { object }]) => object as unknown as ObjectOf<R>);
  }

  create<R extends AnyResource>(resource: R, object: New<NoInfer<R>>): ObjectOf<R> {
    return this.put(resource, object) as unknown as ObjectOf<R>;
  }

  update<R extends AnyResource>(resource: R, object: ObjectOf<NoInfer<R>>): ObjectOf<R> {
    return this.put(resource, object) as unknown as ObjectOf<R>;
  }

  delete<R extends AnyResource>(resource: R, key: ObjectKey): void {
    this.#objects.delete(placeOf(resource, key));
  }
}

function placeOf({ group, kind }: AnyResource, { namespace = '', name }: ObjectKey): string {
  return `${group}/${kind} ${namespace}/${name}`;
}

/** A request to create, update or delete, as the objects say. */
export function requestOf(
  resource: AnyResource,
  objects: { readonly object?: StoredObject; readonly oldObject?: StoredObject },
  more: Partial<AdmissionRequest> = {},
): AdmissionRequest {
  const { object, oldObject } = objects;
  const { name, namespace } = ((object ?? oldObject) as StoredObject).metadata;
  const operation = object === undefined ? 'DELETE' : oldObject === undefined ? 'CREATE' : 'UPDATE';
  const verbs = { CREATE: 'create', UPDATE: 'update', DELETE: 'delete' } as const;
  return {
    operation,
    verb: verbs[operation],
    resource,
    subresource: undefined,
    key: namespace === undefined ? { name } : { name, namespace },
    object,
    oldObject,
    user: undefined,
    dryRun: false,
    store: new FakeStore(),
    ...more,
  };
}

/** What a chain of plugins makes of a request: the object, or the promise of it, after all mutations. */
export function mutate(
  plugins: readonly AdmissionPlugin[],
  request: AdmissionRequest,
): StoredObject | Promise<StoredObject> {
  return new AdmissionChain(plugins).mutate(request as AdmissionRequest & { readonly object: StoredObject });
}

export function validate(
  plugins: readonly AdmissionPlugin[],
  request: AdmissionRequest,
): void | Promise<void> {
  return new AdmissionChain(plugins).validate(request);
}

/** What a function throws. */
export function thrown(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('expected it to throw');
}
