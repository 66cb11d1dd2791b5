import { isExpired } from '../core/index.js';
import type { AnyResource, ObjectOf } from '../resources/index.js';
import type { Client, ListOptions, ObjectList } from './client.js';

/** How many objects a page has unless the caller says. */
const PAGE_SIZE = 500;

/**
 * Everything at one revision, fetched page by page.
 *
 * Where the revision is forgotten between two pages, everything is asked for anew, in one piece.
 */
export async function listAll<R extends AnyResource>(
  client: Pick<Client, 'list'>,
  resource: R,
  options: ListOptions = {},
): Promise<ObjectList<ObjectOf<R>>> {
  const limit = options.limit ?? PAGE_SIZE;
  try {
    const first = await client.list(resource, { ...options, limit });
    if (first.continue === undefined) return first;
    const items = [...first.items];
    let token: string | undefined = first.continue;
    // a continue token carries the revision: neither may be given again
    const { resourceVersion: _version, resourceVersionMatch: _match, ...rest } = options;
    while (token !== undefined) {
      const page: ObjectList<ObjectOf<R>> = await client.list(resource, { ...rest, limit, continue: token });
      for (const item of page.items) items.push(item);
      token = page.continue === '' ? undefined : page.continue;
    }
    return { items, resourceVersion: first.resourceVersion };
  } catch (error) {
    if (!isExpired(error)) throw error;
    const { limit: _limit, ...whole } = options;
    return client.list(resource, whole);
  }
}
