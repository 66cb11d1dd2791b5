import { describe, expect, it } from 'vitest';
import { intercept, listAll, type ListOptions } from '../../src/client/index.js';
import { ApiError } from '../../src/core/index.js';
import { failure, setUp, Website, website } from '../store/kit.js';

async function five(): Promise<ReturnType<typeof setUp>> {
  const setup = setUp();
  for (const name of ['a', 'b', 'c', 'd', 'e']) await setup.client.create(Website, website(name));
  return setup;
}

describe('listAll', () => {
  it('brings the pages together, at one revision', async () => {
    const { client } = await five();
    const asked: ListOptions[] = [];
    const paged = intercept(client, {
      list: async (next, resource, options = {}) => {
        asked.push(options);
        const page = await next(resource, options);
        await client.create(Website, website(`later-${asked.length}`));
        return page;
      },
    });
    const before = await client.list(Website);
    const list = await listAll(paged, Website, { limit: 2, resourceVersion: '' });
    expect(list.items).toEqual(before.items);
    expect(list.resourceVersion).toBe(before.resourceVersion);
    expect(list.continue).toBeUndefined();
    expect(asked).toHaveLength(3);
    expect(asked.map(({ limit }) => limit)).toEqual([2, 2, 2]);
    expect(asked.slice(1).every((options) => options.continue !== undefined)).toBe(true);
    expect(asked.slice(1).some((options) => 'resourceVersion' in options)).toBe(false);
  });

  it('asks for 500 a page unless it is told', async () => {
    const { client } = await five();
    const limits: unknown[] = [];
    const recorded = intercept(client, {
      list: (next, resource, options) => (limits.push(options?.limit), next(resource, options)),
    });
    expect((await listAll(recorded, Website)).items).toHaveLength(5);
    expect(limits).toEqual([500]);
  });

  it('keeps the selection on every page', async () => {
    const { client } = await five();
    await client.create(Website, website('x', {}, { namespace: 'other' }));
    const list = await listAll(client, Website, {
      namespace: 'default',
      fieldSelector: 'metadata.name!=c',
      limit: 1,
    });
    expect(list.items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b', 'd', 'e']);
  });

  it('asks anew, in one piece, where the revision is forgotten between two pages', async () => {
    const { client } = await five();
    const asked: ListOptions[] = [];
    const forgetful = intercept(client, {
      list: async (next, resource, options = {}) => {
        asked.push(options);
        if (options.continue === undefined) return next(resource, options);
        await client.create(Website, website('f'));
        throw ApiError.expired('the token is too old');
      },
    });
    const list = await listAll(forgetful, Website, { limit: 2, namespace: 'default' });
    expect(list.items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(list.resourceVersion).toBe((await client.list(Website)).resourceVersion);
    expect(asked).toHaveLength(3);
    expect(asked[2]).toEqual({ namespace: 'default' });
  });

  it('rejects with every other failure', async () => {
    const { client } = await five();
    const broken = intercept(client, {
      list: (next, resource, options) =>
        options?.continue === undefined
          ? next(resource, options)
          : Promise.reject(ApiError.serviceUnavailable('down')),
    });
    await failure(listAll(broken, Website, { limit: 2 }), 'ServiceUnavailable');
  });
});
