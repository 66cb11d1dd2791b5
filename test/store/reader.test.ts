import { describe, expect, it } from 'vitest';
import type { Client, ListOptions, ObjectList } from '../../src/client/index.js';
import { ApiError, FieldSelector, isExpired, LabelSelector } from '../../src/core/index.js';
import { metadataOnly } from '../../src/resources/index.js';
import { ClusterRole } from '../../src/resources/kinds/index.js';
import { at, expectDeeplyFrozen, failure, fieldsOf, Note, Region, setUp, Website, website } from './kit.js';

function keys(list: ObjectList<{ metadata: { name: string; namespace?: string | undefined } }>): string[] {
  return list.items.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`);
}

/** Notes n0, n1, ... in `default`, from revision 2 on. */
async function notes(client: Client, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1)
    await client.create(Note, { metadata: at(`n${index}`), index });
}

describe('get', () => {
  it('gives the stored object itself', async () => {
    const { client } = setUp();
    const site = await client.create(Website, website('a'));
    expect(await client.get(Website, at('a'))).toBe(site);
    expectDeeplyFrozen(site);
  });

  it('serves the newest state, whatever older revision is asked for', async () => {
    const { client } = setUp();
    await client.create(Website, website('a'));
    const site = await client.patch(Website, at('a'), { type: 'merge', patch: { spec: { replicas: 2 } } });
    for (const resourceVersion of ['', '0', '1', '2', '3', undefined]) {
      expect(await client.get(Website, at('a'), { resourceVersion })).toBe(site);
    }
  });

  it('waits 3 seconds for a revision of the future, and is a Timeout then', async () => {
    const { client, clock } = setUp();
    await client.create(Website, website('a'));
    const late = failure(client.get(Website, at('a'), { resourceVersion: '3' }), 'Timeout');
    await clock.advance(2_999);
    expect(clock.timers).toBe(1);
    await clock.advance(1);
    const error = await late;
    expect(error.details).toMatchObject({
      retryAfterSeconds: 1,
      causes: [{ reason: 'ResourceVersionTooLarge' }],
    });
    expect(clock.timers).toBe(0);
  });

  it('answers as soon as the revision of the future is there', async () => {
    const { client, clock } = setUp();
    await client.create(Website, website('a'));
    const getting = client.get(Website, at('a'), { resourceVersion: '3' });
    const listing = client.list(Website, { resourceVersion: '3' });
    const site = await client.patch(Website, at('a'), { type: 'merge', patch: { spec: { replicas: 2 } } });
    expect(await getting).toBe(site);
    expect((await listing).items).toEqual([site]);
    expect(clock.timers).toBe(0);
  });

  it('stops waiting when its signal aborts, or the store closes', async () => {
    const { client, clock, store } = setUp();
    const giveUp = new AbortController();
    const getting = client.get(Website, at('a'), { resourceVersion: '9', signal: giveUp.signal });
    const listing = client.list(Website, { resourceVersion: '9' });
    giveUp.abort(new Error('enough'));
    await expect(getting).rejects.toThrow('enough');
    await store.close();
    await failure(listing, 'ServiceUnavailable');
    expect(clock.timers).toBe(0);
  });

  it('is BadRequest for what is no revision', async () => {
    const { client } = setUp();
    await client.create(Website, website('a'));
    for (const resourceVersion of ['x', '-1', '1.5', '1e3', '01', ' 1', '0x10', '9007199254740993']) {
      const bad = await failure(client.get(Website, at('a'), { resourceVersion }), 'BadRequest');
      expect(fieldsOf(bad)).toEqual(['resourceVersion']);
    }
  });

  it('is NotFound in Kubernetes words', async () => {
    const { client } = setUp();
    const error = await failure(client.get(Website, at('a')), 'NotFound');
    expect(error.toStatus()).toMatchObject({
      message: 'websites.example.com "a" not found',
      code: 404,
      details: { name: 'a', group: 'example.com', kind: 'websites' },
    });
  });
});

describe('keys', () => {
  it('of a namespaced kind need a namespace, those of a cluster kind must have none', async () => {
    const { client } = setUp();
    const missing = [
      client.get(Website, { name: 'a' }),
      client.delete(Website, { name: 'a', namespace: '' }),
      client.patch(Website, { name: 'a' }, { type: 'merge', patch: {} }),
      client.create(Website, { metadata: { name: 'a' }, spec: { image: 'x' } }),
      client.subresource(Website, { name: 'a' }, 'scale'),
    ];
    for (const request of missing) {
      expect(fieldsOf(await failure(request, 'BadRequest'))).toEqual(['metadata.namespace']);
    }
    const surplus = [
      client.get(Region, at('a')),
      client.delete(Region, at('a')),
      client.create(Region, { metadata: at('a') }),
      client.list(Region, { namespace: 'default' }),
      client.deleteCollection(Region, { namespace: 'default' }),
      client.watch(Region, { namespace: 'default' }).next(),
    ];
    for (const request of surplus) {
      expect(fieldsOf(await failure(request, 'BadRequest'))).toEqual(['metadata.namespace']);
    }
    await client.list(Region, { namespace: '' });
  });
});

describe('list', () => {
  it('is ordered by namespace, then name, as the keys of a store are', async () => {
    const { client } = setUp();
    for (const [namespace, name] of [
      ['b', 'a'],
      ['a', 'b'],
      ['a-b', 'a'],
      ['a', 'a-b'],
      ['a', 'a'],
      ['a', 'a.b'],
    ] as const) {
      await client.create(Note, { metadata: at(name, namespace) });
    }
    expect(keys(await client.list(Note))).toEqual(['a-b/a', 'a/a', 'a/a-b', 'a/a.b', 'a/b', 'b/a']);
    expect(keys(await client.list(Note, { namespace: 'a' }))).toEqual(['a/a', 'a/a-b', 'a/a.b', 'a/b']);
    expect(keys(await client.list(Note, { namespace: 'none' }))).toEqual([]);
  });

  it('says the revision of the whole store, and gives the stored objects themselves', async () => {
    const { client } = setUp();
    const site = await client.create(Website, website('a'));
    await client.create(Note, { metadata: at('n') });
    const list = await client.list(Website);
    expect(list).toEqual({ items: [site], resourceVersion: '3' });
    expect(list.items[0]).toBe(site);
  });

  it('of an empty store is at revision 1', async () => {
    const { client } = setUp();
    expect(await client.list(Website)).toEqual({ items: [], resourceVersion: '1' });
  });

  it('selects by label', async () => {
    const { client } = setUp();
    await client.create(Note, { metadata: { ...at('a'), labels: { tier: 'web', canary: 'yes' } } });
    await client.create(Note, { metadata: { ...at('b'), labels: { tier: 'db' } } });
    await client.create(Note, { metadata: at('c') });
    const select = async (labelSelector: string | LabelSelector): Promise<string[]> =>
      keys(await client.list(Note, { labelSelector }));
    expect(await select('')).toHaveLength(3);
    expect(await select('tier=web')).toEqual(['default/a']);
    expect(await select('tier!=web')).toEqual(['default/b', 'default/c']);
    expect(await select('tier in (web,db),!canary')).toEqual(['default/b']);
    expect(await select('tier notin (web)')).toEqual(['default/b', 'default/c']);
    expect(await select(LabelSelector.from({ matchLabels: { tier: 'db' } }))).toEqual(['default/b']);
    expect(await select(LabelSelector.everything)).toHaveLength(3);
    expect(await select(LabelSelector.nothing)).toEqual([]);
  });

  it('selects by the name, the namespace and the fields that the kind declares', async () => {
    const { client } = setUp();
    await client.create(Website, website('a', { replicas: 2 }));
    await client.create(Website, website('b', { image: 'caddy' }));
    await client.create(Website, { ...website('a'), metadata: at('a', 'other') });
    const select = async (fieldSelector: string | FieldSelector, namespace?: string): Promise<string[]> =>
      keys(await client.list(Website, { fieldSelector, namespace }));
    expect(await select('metadata.name=a')).toEqual(['default/a', 'other/a']);
    expect(await select('metadata.name=a', 'default')).toEqual(['default/a']);
    expect(await select('metadata.name=a,metadata.name=b', 'default')).toEqual([]);
    expect(await select('metadata.name=a,metadata.name!=a', 'default')).toEqual([]);
    expect(await select('metadata.name!=a')).toEqual(['default/b']);
    expect(await select('metadata.namespace=other')).toEqual(['other/a']);
    expect(await select('spec.image=nginx,spec.replicas=2')).toEqual(['default/a']);
    expect(await select(FieldSelector.from({ 'spec.image': 'caddy' }))).toEqual(['default/b']);
    expect(await select(',')).toHaveLength(3);
  });

  it('refuses selectors that do not parse and fields that the kind does not select on', async () => {
    const { client } = setUp();
    await failure(client.list(Website, { labelSelector: 'a in (b' }), 'BadRequest');
    await failure(client.list(Website, { fieldSelector: 'metadata.name' }), 'BadRequest');
    for (const fieldSelector of ['spec.other=a', 'metadata.uid=a', '__proto__=a', 'constructor=a']) {
      expect(fieldsOf(await failure(client.list(Website, { fieldSelector }), 'BadRequest'))).toEqual([
        'fieldSelector',
      ]);
    }
    const error = await failure(client.list(Region, { fieldSelector: 'metadata.namespace=a' }), 'BadRequest');
    expect(fieldsOf(error)).toEqual(['fieldSelector']);
  });

  it('refuses selectors that are neither text nor selector', async () => {
    const { client } = setUp();
    for (const wrong of [
      { matchLabels: { a: 'b' } },
      5,
      null,
      ['a=b'],
      FieldSelector.parse('metadata.name=a'),
    ]) {
      const labelSelector = wrong as unknown as string;
      expect(fieldsOf(await failure(client.list(Website, { labelSelector }), 'BadRequest'))).toEqual([
        'labelSelector',
      ]);
      const watch = client.watch(Website, { labelSelector });
      expect(fieldsOf(await failure(watch.next(), 'BadRequest'))).toEqual(['labelSelector']);
    }
    const fieldSelector = { 'metadata.name': 'a' } as unknown as string;
    expect(fieldsOf(await failure(client.list(Website, { fieldSelector }), 'BadRequest'))).toEqual([
      'fieldSelector',
    ]);
  });
});

describe('the resourceVersion of a list', () => {
  async function history(): Promise<Client> {
    const { client } = setUp();
    await notes(client, 2); // 2, 3
    await client.delete(Note, at('n0')); // 4
    await notes(client, 1); // 5
    return client;
  }

  async function list(client: Client, options: ListOptions): Promise<string> {
    const found = await client.list(Note, options);
    return `${keys(found).join(' ')} @${found.resourceVersion}`;
  }

  it("means the newest for '' and '0'", async () => {
    const client = await history();
    for (const resourceVersion of [undefined, '', '0']) {
      expect(await list(client, { resourceVersion })).toBe('default/n0 default/n1 @5');
    }
    expect(await list(client, { resourceVersion: '0', resourceVersionMatch: 'NotOlderThan' })).toContain(
      '@5',
    );
  });

  it('means not older than, without a match parameter and without a limit', async () => {
    const client = await history();
    expect(await list(client, { resourceVersion: '2' })).toContain('@5');
    expect(await list(client, { resourceVersion: '2', resourceVersionMatch: 'NotOlderThan' })).toContain(
      '@5',
    );
    const limited = { resourceVersion: '2', resourceVersionMatch: 'NotOlderThan', limit: 9 } as const;
    expect(await list(client, limited)).toContain('@5');
  });

  it("means exactly with 'Exact', and with a limit without a match parameter", async () => {
    const client = await history();
    const expected = [
      ['1', ' @1'],
      ['2', 'default/n0 @2'],
      ['3', 'default/n0 default/n1 @3'],
      ['4', 'default/n1 @4'],
      ['5', 'default/n0 default/n1 @5'],
    ] as const;
    for (const [resourceVersion, items] of expected) {
      expect(await list(client, { resourceVersion, resourceVersionMatch: 'Exact' })).toBe(items);
      expect(await list(client, { resourceVersion, limit: 10 })).toBe(items);
    }
  });

  it('is a Timeout in the future and Expired in the forgotten past', async () => {
    const { client, clock } = setUp({ history: 2 });
    await notes(client, 4); // the log holds 4 and 5
    const late = [
      failure(client.list(Note, { resourceVersion: '6' }), 'Timeout'),
      failure(client.list(Note, { resourceVersion: '6', resourceVersionMatch: 'Exact' }), 'Timeout'),
    ];
    await clock.advance(3_000);
    await Promise.all(late);
    const exact = { resourceVersionMatch: 'Exact' } as const;
    expect(keys(await client.list(Note, { resourceVersion: '3', ...exact }))).toHaveLength(2);
    const error = await failure(client.list(Note, { resourceVersion: '2', ...exact }), 'Expired');
    expect(error.message).toBe('too old resource version: 2 (3)');
    expect(await list(client, { resourceVersion: '2' })).toContain('@5');
  });

  it('is refused where it makes no sense', async () => {
    const client = await history();
    const wrong: [ListOptions, string][] = [
      [{ resourceVersionMatch: 'Exact' }, 'resourceVersionMatch'],
      [{ resourceVersionMatch: 'NotOlderThan', resourceVersion: '' }, 'resourceVersionMatch'],
      [{ resourceVersionMatch: 'Exact', resourceVersion: '0' }, 'resourceVersion'],
      [{ resourceVersionMatch: 'Other' as 'Exact', resourceVersion: '2' }, 'resourceVersionMatch'],
      [{ resourceVersion: 'x' }, 'resourceVersion'],
    ];
    for (const [options, field] of wrong) {
      expect(fieldsOf(await failure(client.list(Note, options), 'BadRequest'))).toEqual([field]);
    }
  });
});

describe('pages', () => {
  it('together are the list at the revision of the first one, whatever is written in between', async () => {
    const { client } = setUp();
    await notes(client, 9);
    await client.create(Note, { metadata: at('x', 'a') });
    const whole = await client.list(Note);
    const seen: unknown[] = [];
    let options: ListOptions = { limit: 2 };
    for (let page = 0; ; page += 1) {
      const list = await client.list(Note, options);
      expect(list.resourceVersion).toBe(whole.resourceVersion);
      seen.push(...list.items);
      expect(list.remainingItemCount).toBe(
        list.continue === undefined ? undefined : whole.items.length - seen.length,
      );
      if (list.continue === undefined) break;
      options = { limit: 2, continue: list.continue };
      // all of this happens behind the pages' back
      await client.delete(Note, at(`n${page}`)).catch(() => undefined);
      await client.create(Note, { metadata: at(`n${page}a`) });
      await client.create(Note, { metadata: at('y', `b${page}`) });
      await client.patch(Note, at(`n${8 - page}`), { type: 'merge', patch: { page } }).catch(() => undefined);
      if (page === 0) await client.delete(Note, at('x', 'a'));
    }
    expect(seen).toEqual(whole.items);
    seen.forEach((item, index) => expect(item).toBe(whole.items[index]));
  });

  it('have no token and no count where nothing follows', async () => {
    const { client } = setUp();
    await notes(client, 2);
    expect(await client.list(Note, { limit: 2 })).not.toHaveProperty('continue');
    expect(await client.list(Note, { limit: 0 })).not.toHaveProperty('continue');
    expect(await client.list(Note, { limit: 3 })).not.toHaveProperty('remainingItemCount');
  });

  it('count nothing where a selector decides, and may end with an empty one', async () => {
    const { client } = setUp();
    await client.create(Note, { metadata: { ...at('a'), labels: { pick: 'me' } } });
    await client.create(Note, { metadata: at('b') });
    const first = await client.list(Note, { labelSelector: 'pick', limit: 1 });
    expect(keys(first)).toEqual(['default/a']);
    expect(first).not.toHaveProperty('remainingItemCount');
    const rest = await client.list(Note, { labelSelector: 'pick', limit: 1, continue: first.continue });
    expect(rest).toEqual({ items: [], resourceVersion: first.resourceVersion });
  });

  it('may be continued with another limit, or with none', async () => {
    const { client } = setUp();
    await notes(client, 5);
    const first = await client.list(Note, { limit: 1 });
    expect(keys(await client.list(Note, { continue: first.continue }))).toHaveLength(4);
    expect(keys(await client.list(Note, { continue: first.continue, limit: 3 }))).toHaveLength(3);
  });

  it('expire with their revision', async () => {
    const { client } = setUp({ history: 3 });
    await notes(client, 5);
    const first = await client.list(Note, { limit: 2 });
    for (let index = 0; index < 3; index += 1) await client.create(Note, { metadata: at(`x${index}`) });
    const second = await client.list(Note, { limit: 2, continue: first.continue });
    expect(keys(second)).toEqual(['default/n2', 'default/n3']);
    await client.create(Note, { metadata: at('x3') });
    const error = await client
      .list(Note, { limit: 2, continue: second.continue })
      .catch((thrown: unknown) => thrown);
    expect(isExpired(error)).toBe(true);
    // what goes page by page by itself begins again
    expect(keys(await client.listAll(Note, { limit: 1 }))).toHaveLength(9);
  });

  it('of listAll are one list', async () => {
    const { client } = setUp();
    await notes(client, 7);
    const whole = await client.list(Note);
    expect(await client.listAll(Note, { limit: 2 })).toEqual(whole);
    expect(await client.listAll(Note)).toEqual(whole);
    expect(
      keys(await client.listAll(Note, { limit: 1, resourceVersion: '3', resourceVersionMatch: 'Exact' })),
    ).toEqual(['default/n0', 'default/n1']);
  });

  it('take no resourceVersion beside a token', async () => {
    const { client } = setUp();
    await notes(client, 2);
    const token = (await client.list(Note, { limit: 1 })).continue;
    const error = await failure(client.list(Note, { continue: token, resourceVersion: '2' }), 'BadRequest');
    expect(fieldsOf(error)).toEqual(['resourceVersion']);
    const match = await failure(
      client.list(Note, { continue: token, resourceVersionMatch: 'Exact' }),
      'BadRequest',
    );
    expect(fieldsOf(match)).toEqual(['resourceVersionMatch']);
  });

  it('refuse a limit that is no whole number, 0 or more', async () => {
    const { client } = setUp();
    for (const limit of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '5' as unknown as number]) {
      expect(fieldsOf(await failure(client.list(Note, { limit }), 'BadRequest'))).toEqual(['limit']);
    }
  });

  it('go through names of any characters', async () => {
    const { client } = setUp({}, ClusterRole);
    const names = ['system:a', 'ü€', 'x\u0000y', '日本', '\u{1f600}', '\ud800', 'a b', '"'].sort();
    for (const name of names) await client.create(ClusterRole, { metadata: { name }, rules: [] });
    const { items } = await client.listAll(ClusterRole, { limit: 1 });
    expect(items.map(({ metadata }) => metadata.name)).toEqual(names);
  });
});

describe('a continue token', () => {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = (start: unknown, rv: unknown = 4, v: unknown = 'meta.k8s.io/v1'): string =>
    encode({ v, rv, start });

  it('that was forged is a BadRequest', async () => {
    const { client } = setUp();
    await notes(client, 3);
    const forged = [
      'x',
      '%%%',
      '5',
      encode(null),
      encode([]),
      token('default/n0\u0000', '4'),
      token('default/n0\u0000', -2),
      token('default/n0\u0000', 0),
      token('default/n0\u0000', 2.5),
      token('default/n0\u0000', 1e300),
      token('default/n0\u0000', 4, 'v9'),
      token('default/n0'),
      token('n0\u0000'),
      token('a/b/c\u0000'),
      token({}),
      encode(JSON.parse('{"__proto__":{"v":"meta.k8s.io/v1","rv":4,"start":"a/b\\u0000"}}')),
      'a'.repeat(100_000),
      5 as unknown as string,
      {} as unknown as string,
    ];
    for (const text of forged) {
      expect(fieldsOf(await failure(client.list(Note, { continue: text }), 'BadRequest'))).toEqual([
        'continue',
      ]);
    }
  });

  it('of the future is a Timeout, of the past Expired', async () => {
    const { client } = setUp({ history: 1 });
    await notes(client, 3);
    await failure(client.list(Note, { continue: token('default/n0\u0000', 5) }), 'Timeout');
    await failure(client.list(Note, { continue: token('default/n0\u0000', 2) }), 'Expired');
  });

  it('of the past comes back with a token that goes on at the newest revision', async () => {
    const { client } = setUp({ history: 1 });
    await notes(client, 3);
    const page = await client.list(Note, { limit: 1 });
    await client.delete(Note, at('n1'));
    await client.create(Note, { metadata: at('n9') });
    const error = await failure(client.list(Note, { limit: 1, continue: page.continue }), 'Expired');
    expect(error.toStatus().metadata).toEqual({ continue: error.continue });
    expect(ApiError.fromStatus(error.toStatus()).continue).toBe(error.continue);
    const next = await client.list(Note, { limit: 1, continue: error.continue });
    expect(keys(next)).toEqual(['default/n2']);
    expect(next.resourceVersion).toBe('6');
    const last = await client.list(Note, { continue: next.continue });
    expect(keys(last)).toEqual(['default/n9']);
  });

  it('reaches nothing outside the selection', async () => {
    const { client } = setUp();
    await notes(client, 2);
    await client.create(Note, { metadata: at('secret', 'other') });
    for (const start of ['other/\u0001\u0000', '/x\u0000', 'a/x\u0000', 'default/n0\u0000']) {
      for (const item of (await client.list(Note, { namespace: 'default', continue: token(start) })).items) {
        expect(item.metadata.namespace).toBe('default');
      }
    }
    const one = {
      namespace: 'default',
      fieldSelector: 'metadata.name=n0',
      continue: token('default/n1\u0000'),
    };
    expect((await client.list(Note, one)).items).toEqual([]);
  });
});

describe('metadata alone', () => {
  it('is what reads of its projection show, the same object each time', async () => {
    const { client } = setUp();
    const site = await client.create(Website, website('a', {}, { labels: { app: 'a' } }));
    const Meta = metadataOnly(Website);
    const shown = await client.get(Meta, at('a'));
    expect(shown).toEqual({ apiVersion: 'example.com/v1', kind: 'Website', metadata: site.metadata });
    expect(shown.metadata).toBe(site.metadata);
    expect(
      (await client.list(Meta, { labelSelector: 'app=a', fieldSelector: 'spec.image=nginx' })).items[0],
    ).toBe(shown);
    expect(
      (await client.list(Meta, { namespace: 'default', fieldSelector: 'metadata.name=a' })).items[0],
    ).toBe(shown);
    expectDeeplyFrozen(shown);
  });

  it('cannot be written', async () => {
    const { client } = setUp();
    const site = await client.create(Website, website('a'));
    const Meta = metadataOnly(Website);
    await failure(client.update(Meta, site, {}), 'MethodNotAllowed');
    await failure(client.delete(Meta, at('a')), 'MethodNotAllowed');
    await failure(client.patch(Meta, at('a'), { type: 'merge', patch: {} }), 'MethodNotAllowed');
    await failure(client.deleteCollection(Meta), 'MethodNotAllowed');
  });
});
