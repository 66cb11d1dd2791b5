import { describe, expect, it } from 'vitest';
import { failedWatch, intercept, withMetrics } from '../../src/client/index.js';
import { ApiError, isExpired, isNotFound } from '../../src/core/index.js';
import { MetricsBook } from '../core/metrics-book.js';
import { at, setUp, Website, website } from '../store/kit.js';

const host = 'store';

/** How many requests there were, by `method code`. */
function requestsOf(book: MetricsBook): Record<string, unknown> {
  const counts: Record<string, unknown> = {};
  for (const [series, value] of Object.entries(book.values)) {
    const labels = /^rest_client_requests_total\{code="(.*)",method="(.*)",host="store"\}$/.exec(series);
    if (labels !== null) counts[`${labels[2]} ${labels[1]}`] = value;
  }
  return counts;
}

describe('withMetrics', () => {
  it('counts requests by method and code', async () => {
    const book = new MetricsBook();
    const client = withMetrics(setUp().client, book, { host });
    const made = await client.create(Website, website('a'));
    await client.create(Website, website('b'));
    await expect(client.create(Website, website('a'))).rejects.toThrow(ApiError);
    await client.get(Website, at('a'));
    await expect(client.get(Website, at('c'))).rejects.toSatisfy(isNotFound);
    await client.list(Website);
    await client.update(Website, { ...made, spec: { ...made.spec, image: 'other' } });
    await client.patch(Website, at('a'), { type: 'merge', patch: { spec: { replicas: 2 } } });
    await client.apply(Website, website('c'));
    await client.subresource(Website, at('a'), 'scale');
    await client.subresource(Website, at('a'), 'scale', { spec: { replicas: 3 } });
    await expect(client.subresource(Website, at('a'), 'binding', {})).rejects.toThrow(ApiError);
    await client.delete(Website, at('a'));
    await client.deleteCollection(Website);
    await client.barrier();
    expect(requestsOf(book)).toEqual({
      'POST 201': 2,
      'POST 409': 1,
      'GET 200': 3,
      'GET 404': 1,
      'PUT 200': 2,
      'PATCH 200': 2,
      'POST 404': 1,
      'DELETE 200': 2,
    });
  });

  it('times requests by the clock of the client', async () => {
    const book = new MetricsBook();
    const { client, clock } = setUp();
    const slow = intercept(client, {
      get: async (next, resource, key, options) => {
        const answer = await next(resource, key, options);
        await clock.advance(250);
        return answer;
      },
    });
    const measured = withMetrics(slow, book, { host });
    await measured.create(Website, website('a'));
    await measured.get(Website, at('a'));
    expect(book.values).toMatchObject({
      'rest_client_request_duration_seconds{verb="POST",host="store"}': [0],
      'rest_client_request_duration_seconds{verb="GET",host="store"}': [0.25],
    });
  });

  it('counts the pages of listAll', async () => {
    const book = new MetricsBook();
    const { client } = setUp();
    for (const name of ['a', 'b', 'c']) await client.create(Website, website(name));
    const all = await withMetrics(client, book, { host }).listAll(Website, { limit: 2 });
    expect(all.items).toHaveLength(3);
    expect(requestsOf(book)).toEqual({ 'GET 200': 2 });
  });

  it('counts a watch once, when it first answers', async () => {
    const book = new MetricsBook();
    const { client } = setUp();
    const watch = withMetrics(client, book, { host }).watch(Website);
    expect(requestsOf(book)).toEqual({});
    const first = watch.next();
    const second = watch[Symbol.asyncIterator]().next();
    await client.create(Website, website('a'));
    await client.create(Website, website('b'));
    await Promise.all([first, second]);
    expect(requestsOf(book)).toEqual({ 'GET 200': 1 });
    watch.stop();
    expect(await watch.next()).toEqual({ value: undefined, done: true });
    await watch.return();
    await watch[Symbol.asyncDispose]();
    expect(requestsOf(book)).toEqual({ 'GET 200': 1 });
    expect(Object.keys(book.values)).toHaveLength(1);
  });

  it('counts a watch that fails by its code', async () => {
    const book = new MetricsBook();
    const expired = intercept(setUp().client, { watch: () => failedWatch(ApiError.expired('too old')) });
    const watch = withMetrics(expired, book, { host }).watch(Website);
    await expect(watch.next()).rejects.toSatisfy(isExpired);
    expect((await watch.next()).done).toBe(true);
    expect(requestsOf(book)).toEqual({ 'GET 410': 1 });
  });

  it('counts what is no answer as client-go does', async () => {
    const book = new MetricsBook();
    const broken = intercept(setUp().client, { get: () => Promise.reject(new Error('no route')) });
    await expect(withMetrics(broken, book, { host }).get(Website, at('a'))).rejects.toThrow('no route');
    expect(requestsOf(book)).toEqual({ 'GET <error>': 1 });
  });

  it('refuses a host that is none', () => {
    expect(() => withMetrics(setUp().client, new MetricsBook(), undefined as never)).toThrow(
      'withMetrics: host: expected a text, got undefined',
    );
  });
});
