import { describe, expect, it } from 'vitest';
import { intercept } from '../../src/client/index.js';
import { ApiError } from '../../src/core/index.js';
import { at, failure, setUp, Website, website } from '../store/kit.js';

describe('intercept', () => {
  it('hands on what it has no hook for, ports and capabilities included', async () => {
    const { client } = setUp();
    const wrapped = intercept(client, {});
    expect([wrapped.clock, wrapped.random, wrapped.executor]).toEqual([
      client.clock,
      client.random,
      client.executor,
    ]);
    expect(wrapped.capabilities).toBe(client.capabilities);
    const site = await wrapped.create(Website, website('a'));
    expect(await client.get(Website, at('a'))).toBe(site);
    expect(await wrapped.barrier()).toBe(site.metadata.resourceVersion);
  });

  it('lets a hook call the verb once, often, with other arguments, or not at all', async () => {
    const { client } = setUp();
    const wrapped = intercept(client, {
      create: async (next, resource, object, options) => {
        await next(resource, object, options);
        return next(resource, { ...object, metadata: { ...object.metadata, name: 'b' } }, options);
      },
      delete: () => Promise.reject(ApiError.forbidden(Website, 'a', 'never')),
    });
    expect((await wrapped.create(Website, website('a'))).metadata.name).toBe('b');
    expect((await client.list(Website)).items).toHaveLength(2);
    await failure(wrapped.delete(Website, at('a')), 'Forbidden');
    expect((await client.list(Website)).items).toHaveLength(2);
  });

  it('hands the reason of a failure through, and lets a hook turn it', async () => {
    const { client } = setUp();
    const made = website('a');
    const wrapped = intercept(client, {
      get: (next, resource, key, options) =>
        next(resource, key, options).catch(() => client.create(resource, made)),
    });
    expect((await wrapped.get(Website, at('a'))).metadata.name).toBe('a');
    await failure(intercept(client, {}).get(Website, at('none')), 'NotFound');
  });

  it('goes through a hook of list for listAll, page by page', async () => {
    const { client } = setUp();
    for (const name of ['a', 'b', 'c']) await client.create(Website, website(name));
    const limits: unknown[] = [];
    const wrapped = intercept(client, {
      list: (next, resource, options) => {
        limits.push(options?.limit);
        return next(resource, options);
      },
    });
    expect((await wrapped.listAll(Website, { limit: 2 })).items).toHaveLength(3);
    expect(limits).toEqual([2, 2]);
    const own = intercept(client, {
      list: () => Promise.reject(new Error('not asked')),
      listAll: (next, resource, options) => next(resource, options),
    });
    expect((await own.listAll(Website)).items).toHaveLength(3);
  });

  it('rejects with what a hook throws, and tells it in the first next() of a watch', async () => {
    const { client } = setUp();
    const error = ApiError.serviceUnavailable('down');
    const fail = (): never => {
      throw error;
    };
    const wrapped = intercept(client, { get: fail, watch: fail });
    await expect(wrapped.get(Website, at('a'))).rejects.toBe(error);
    const watch = wrapped.watch(Website);
    await expect(watch.next()).rejects.toBe(error);
    expect(await watch.next()).toEqual({ value: undefined, done: true });
  });

  it('throws a mistake in the hook of a watch at once', () => {
    const wrapped = intercept(setUp().client, {
      watch: () => {
        throw new TypeError('a bug');
      },
    });
    expect(() => wrapped.watch(Website)).toThrow(new TypeError('a bug'));
  });

  it('wraps what is wrapped, the outermost first', async () => {
    const log: string[] = [];
    const layer = (name: string, client: ReturnType<typeof setUp>['client']): typeof client =>
      intercept(client, {
        get: (next, resource, key, options) => {
          log.push(name);
          return next(resource, key, options);
        },
      });
    const { client } = setUp();
    await client.create(Website, website('a'));
    await layer('outer', layer('inner', client)).get(Website, at('a'));
    expect(log).toEqual(['outer', 'inner']);
  });
});
