import type { Client, ListOptions, ObjectList } from '../client/index.js';
import { ApiError, type Executor, type Lane, preview } from '../core/index.js';
import type { AnyResource } from '../resources/index.js';
import type { Eventual } from './eventual.js';
import type { Kinds } from './kinds.js';
import type { Registry } from './registry.js';
import { selectionOf } from './selection.js';
import type { StoredObject } from './stored-object.js';
import type { WriteTarget } from './write-target.js';

/** The verbs of a {@link Client}, on the state that a transaction sees. */
export type Transaction = Pick<Client, 'get' | 'list' | 'create' | 'update' | 'patch' | 'apply' | 'delete'>;

const LANE: Lane = /* @__PURE__ */ Object.freeze({ kind: 'answer', name: 'transaction' });

/** The verbs of a transaction. `checkOpen` is asked before each. */
export function transactionClient(parts: {
  readonly kinds: Kinds;
  readonly executor: Executor;
  readonly target: WriteTarget;
  readonly registry: (verb: 'create' | 'update' | 'patch' | 'apply' | 'delete') => Registry;
  readonly checkOpen: () => void;
}): Transaction {
  const { kinds, executor, target, registry, checkOpen } = parts;
  const answer = (work: () => unknown): Promise<never> =>
    executor.answer(LANE, () => {
      checkOpen();
      return work() as never;
    });
  const write = (work: () => Eventual<unknown>): Promise<never> => answer(work);
  return Object.freeze<Transaction>({
    get: (resource, key) => answer(() => registry('update').get(resource, key)),
    list: (resource, options) => answer(() => listIn(kinds, target, resource, options)),
    create: (resource, object, options) => write(() => registry('create').create(resource, object, options)),
    update: (resource, object, options) => write(() => registry('update').update(resource, object, options)),
    patch: (resource, key, patch, options) =>
      write(() => registry('patch').patch(resource, key, patch, options)),
    apply: (resource, object, options) => write(() => registry('apply').apply(resource, object, options)),
    delete: (resource, key, options) => write(() => registry('delete').delete(resource, key, options)),
  });
}

function listIn(
  kinds: Kinds,
  target: WriteTarget,
  resource: AnyResource,
  options: ListOptions = {},
): ObjectList<StoredObject> {
  for (const option of ['limit', 'continue', 'resourceVersion', 'resourceVersionMatch'] as const) {
    if (options[option] !== undefined) {
      throw ApiError.badRequest(
        `expected none in a transaction, which lists what it sees, got ${preview(options[option])}`,
        option,
      );
    }
  }
  const version = kinds.version(resource);
  const { namespace, matches } = selectionOf(version.resource, options);
  const objects = target.ordered(version.kind, namespace).map(({ object }) => object);
  return {
    items: objects
      .filter((object) => matches === undefined || matches(version.whole(object)))
      .map((object) => version.show(object)),
    resourceVersion: String(target.revision),
  };
}
