import type { DeleteOptions, SelectOptions, UserInfo } from '../client/index.js';
import { isNotFound } from '../core/index.js';
import type { AnyResource } from '../resources/index.js';
import { chain, type Eventual } from './eventual.js';
import type { Kinds } from './kinds.js';
import type { Registry } from './registry.js';
import { selectionOf } from './selection.js';
import { run, type Steps, wait } from './steps.js';
import type { StoredObject } from './stored-object.js';
import type { WriteContext } from './write-context.js';
import type { Writer } from './writer.js';

interface Selected {
  readonly items: readonly StoredObject[];
  readonly resourceVersion: string;
}

/**
 * Deletes the objects of a selection, each by a deletion of its own; answers with those that it selected.
 *
 * All are checked before any is deleted, so that a refusal leaves everything as it was.
 *
 * Source: `Store.DeleteCollection` in k8s.io/apiserver.
 */
export function* deleteCollection(
  {
    kinds,
    writer,
    user,
  }: { readonly kinds: Kinds; readonly writer: Writer; readonly user: UserInfo | undefined },
  resource: AnyResource,
  selection: SelectOptions = {},
  options: DeleteOptions = {},
): Steps<Selected> {
  const version = kinds.writable(resource, 'deletecollection');
  const { kind } = version;
  const { namespace, matches } = selectionOf(version.resource, selection);
  const context: WriteContext = { verb: 'deletecollection', user, signal: options.signal, kind };
  const check = function* (registry: Registry): Steps<Selected> {
    const items = registry
      .all(kind, namespace)
      .map((object) => version.show(object))
      .filter((object) => matches === undefined || matches(object));
    for (const { metadata } of items) {
      yield* wait(registry.delete(kind.resource, metadata, { ...options, dryRun: true }));
    }
    return { items, resourceVersion: registry.revision };
  };
  const checked = yield* wait(writer.write(context, (registry) => run(check(registry))));
  if (options.dryRun === true) return checked;
  let { resourceVersion } = checked;
  for (const { metadata } of checked.items) {
    try {
      const remove = (registry: Registry): Eventual<void> =>
        chain(registry.delete(kind.resource, metadata, options), () => {
          resourceVersion = registry.revision;
        });
      yield* wait(writer.write(context, remove));
    } catch (error) {
      // somebody else was faster
      if (!isNotFound(error)) throw error;
    }
  }
  return { items: checked.items, resourceVersion };
}
