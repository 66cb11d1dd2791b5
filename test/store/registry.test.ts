import { describe, expect, it } from 'vitest';
import { edit, keyOf } from '../../src/core/index.js';
import { ConfigMap, Lease } from '../../src/resources/kinds/index.js';
import { at, failure, fieldsOf, lines, Note, Region, setUp, Website, website } from './kit.js';

const MODIFIED = /the object has been modified/;

describe('create', () => {
  it('gives the object its identity, its revision and its defaults', async () => {
    const { client } = setUp();
    const site = await client.create(Website, website('a'));
    expect(site).toEqual({
      apiVersion: 'example.com/v1',
      kind: 'Website',
      metadata: {
        name: 'a',
        namespace: 'default',
        uid: expect.stringMatching(
          /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        ) as string,
        resourceVersion: '2',
        generation: 1,
        creationTimestamp: '2026-01-01T00:00:00Z',
      },
      spec: { image: 'nginx', replicas: 1 },
    });
  });

  it('gives every write the next revision of one counter for all kinds', async () => {
    const { client } = setUp();
    const revisions = [
      (await client.create(Website, website('a'))).metadata.resourceVersion,
      (await client.create(Note, { metadata: at('a') })).metadata.resourceVersion,
      (await client.create(Region, { metadata: { name: 'a' } })).metadata.resourceVersion,
      (await client.delete(Note, at('a'))).resourceVersion,
    ];
    expect(revisions).toEqual(['2', '3', '4', '5']);
  });

  it('drops the system metadata and the status that the writer gave', async () => {
    const { client } = setUp();
    const given = {
      ...website('a'),
      metadata: {
        ...at('a'),
        uid: 'mine',
        generation: 7,
        creationTimestamp: '1999-01-01T00:00:00Z',
        deletionTimestamp: '1999-01-01T00:00:00Z',
        deletionGracePeriodSeconds: 5,
        managedFields: [{ manager: 'me' }],
        selfLink: '/a',
      },
      status: { readyReplicas: 9 },
    };
    const site = await client.create(Website, given);
    expect(site.metadata).toMatchObject({ generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' });
    expect(site.metadata.uid).not.toBe('mine');
    expect(Object.keys(site.metadata).sort()).toEqual([
      'creationTimestamp',
      'generation',
      'name',
      'namespace',
      'resourceVersion',
      'uid',
    ]);
    expect(site).not.toHaveProperty('status');
  });

  it('keeps the status of a kind that declares no status subresource', async () => {
    const { client } = setUp();
    expect(await client.create(Note, { metadata: at('a'), status: { done: true } })).toMatchObject({
      status: { done: true },
    });
  });

  it('keeps labels, annotations, finalizers and owners, and leaves out the empty ones', async () => {
    const { client } = setUp();
    const metadata = {
      labels: { app: 'a' },
      annotations: { 'example.com/Note': 'Any text.' },
      finalizers: ['example.com/hold'],
      ownerReferences: [{ apiVersion: 'nobody.com/v1', kind: 'Unserved', name: 'x', uid: 'y' }],
    };
    expect((await client.create(Website, website('a', {}, metadata))).metadata).toMatchObject(metadata);
    const bare = await client.create(
      Website,
      website('b', {}, { labels: {}, annotations: {}, finalizers: [], ownerReferences: [] }),
    );
    expect(Object.keys(bare.metadata)).not.toEqual(expect.arrayContaining(['labels']));
    expect(Object.keys(bare.metadata)).toHaveLength(6);
  });

  it('refuses a second object of a name, and says when the first is being deleted', async () => {
    const { client } = setUp();
    await client.create(Website, website('a', {}, { finalizers: ['example.com/hold'] }));
    const first = await failure(client.create(Website, website('a')), 'AlreadyExists');
    expect(first.message).toBe('websites.example.com "a" already exists');
    expect(first.details).toEqual({ name: 'a', group: 'example.com', kind: 'websites' });
    await client.delete(Website, at('a'));
    const second = await failure(client.create(Website, website('a')), 'AlreadyExists');
    expect(second.message).toBe('object is being deleted: websites.example.com "a" already exists');
  });

  it('gives another uid to an object that was deleted and created again', async () => {
    const { client } = setUp();
    const first = await client.create(Website, website('a'));
    await client.delete(Website, at('a'));
    const second = await client.create(Website, website('a'));
    expect(second.metadata.uid).not.toBe(first.metadata.uid);
  });

  it('keeps the same name apart in different namespaces and kinds', async () => {
    const { client } = setUp();
    await client.create(Website, website('a'));
    await client.create(Website, { ...website('a'), metadata: at('a', 'other') });
    await client.create(Note, { metadata: at('a') });
    expect((await client.list(Website)).items).toHaveLength(2);
  });

  it('accepts only an absent resourceVersion', async () => {
    const { client } = setUp();
    for (const resourceVersion of ['', null]) {
      const name = `a-${String(resourceVersion)}`.replace(/-$/, '');
      const metadata = { ...at(name), resourceVersion } as object as { name: string };
      await client.create(Note, { metadata });
    }
    for (const resourceVersion of ['1', '0', 'x', 3]) {
      const metadata = { ...at('b'), resourceVersion } as object as { name: string };
      const error = await failure(client.create(Note, { metadata }), 'BadRequest');
      expect(fieldsOf(error)).toEqual(['metadata.resourceVersion']);
    }
  });

  it('refuses an apiVersion or kind that is not that of the resource', async () => {
    const { client } = setUp();
    const kind = await failure(client.create(Note, { kind: 'Website', metadata: at('a') }), 'BadRequest');
    expect(fieldsOf(kind)).toEqual(['kind']);
    const apiVersion = { apiVersion: 'v2', metadata: at('a') };
    expect(fieldsOf(await failure(client.create(Note, apiVersion), 'BadRequest'))).toEqual(['apiVersion']);
    await client.create(Note, { apiVersion: 'example.com/v1', kind: 'Note', metadata: at('a') });
  });
});

describe('generateName', () => {
  it('makes a name of the prefix and five characters', async () => {
    const { client } = setUp();
    const { metadata } = await client.create(Website, website('', {}, { generateName: 'web-' }));
    expect(metadata.name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(metadata.generateName).toBe('web-');
  });

  it('cuts the prefix so that the name has 63 characters at most', async () => {
    const { client } = setUp();
    const { metadata } = await client.create(Website, website('', {}, { generateName: 'x'.repeat(80) }));
    expect(metadata.name).toMatch(/^x{58}[^x].{4}$|^x{58}.{5}$/);
  });

  it('gives way to a name', async () => {
    const { client } = setUp();
    expect((await client.create(Website, website('a', {}, { generateName: 'web-' }))).metadata.name).toBe(
      'a',
    );
  });

  it('tries again where the name is taken, eight times, and then gives up', async () => {
    const taken = { next: () => 0, integer: () => 0, uuid: () => 'u' };
    const { client } = setUp({ random: taken });
    await client.create(Website, website('', {}, { generateName: 'web-' }));
    const error = await failure(
      client.create(Website, website('', {}, { generateName: 'web-' })),
      'AlreadyExists',
    );
    expect(error.details.name).toBe('web-bbbbb');

    const draws = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1];
    const luckier = setUp({ random: { ...taken, integer: () => draws.shift() ?? 0 } });
    await luckier.client.create(Website, website('web-bbbbb'));
    const second = await luckier.client.create(Website, website('', {}, { generateName: 'web-' }));
    expect(second.metadata.name).toBe('web-ccccc');
  });

  it('is checked as a prefix: what is added may make it legal', async () => {
    const { client } = setUp();
    await client.create(Website, website('', {}, { generateName: 'web.' }));
    const error = await failure(client.create(Website, website('', {}, { generateName: 'Web-' })), 'Invalid');
    expect(fieldsOf(error)).toEqual(['metadata.generateName']);
  });
});

describe('update', () => {
  it('replaces what the writer owns and keeps what the system owns', async () => {
    const { client, clock } = setUp();
    const site = await client.create(
      Website,
      website('a', {}, { labels: { app: 'a' }, annotations: { x: 'y' } }),
    );
    await clock.advance(5_000);
    const given = edit(site, (draft) => {
      draft.spec.image = 'caddy';
      delete draft.metadata.annotations;
      draft.metadata.labels = { app: 'b' };
      draft.metadata.creationTimestamp = '1999-01-01T00:00:00Z';
      draft.metadata.deletionTimestamp = '1999-01-01T00:00:00Z';
      draft.metadata.generation = 77;
    });
    const next = await client.update(Website, given);
    expect(next.metadata).toEqual({
      ...site.metadata,
      labels: { app: 'b' },
      annotations: undefined,
      generation: 2,
      resourceVersion: '3',
    });
    expect(next.metadata).not.toHaveProperty('annotations');
    expect(next.spec).toEqual({ image: 'caddy', replicas: 1 });
    expect(await client.get(Website, at('a'))).toBe(next);
  });

  it('counts a generation for a change of the desired state alone', async () => {
    const { client } = setUp();
    const site = await client.create(Website, website('a'));
    const labelled = await client.update(Website, {
      ...site,
      metadata: { ...site.metadata, labels: { a: 'b' } },
    });
    expect(labelled.metadata).toMatchObject({ generation: 1, resourceVersion: '3' });
    const changed = await client.update(Website, { ...labelled, spec: { ...labelled.spec, replicas: 2 } });
    expect(changed.metadata).toMatchObject({ generation: 2, resourceVersion: '4' });
    const status = { subresource: 'status' } as const;
    const observed = await client.update(Website, { ...changed, status: { readyReplicas: 2 } }, status);
    expect(observed.metadata).toMatchObject({ generation: 2, resourceVersion: '5' });
  });

  it('counts a generation for a status that is no subresource', async () => {
    const { client } = setUp();
    const note = await client.create(Note, { metadata: at('a') });
    const next = await client.update(Note, { ...note, status: { done: true } });
    expect(next.metadata).toMatchObject({ generation: 2 });
  });

  it('is a Conflict where the object changed since it was read', async () => {
    const { client } = setUp();
    const site = await client.create(Website, website('a'));
    await client.update(Website, { ...site, spec: { ...site.spec, replicas: 2 } });
    const error = await failure(
      client.update(Website, { ...site, spec: { ...site.spec, replicas: 3 } }),
      'Conflict',
    );
    expect(error.message).toMatch(MODIFIED);
    expect(error.details).toEqual({ name: 'a', group: 'example.com', kind: 'websites' });
    expect((await client.get(Website, at('a'))).spec.replicas).toBe(2);
  });

  it('says what has changed since, where that is not long ago', async () => {
    const { client } = setUp({ history: 500 });
    const site = await client.create(Website, website('a'));
    const update = (object: Website): Promise<Website> => client.update(Website, object);
    const stale = { ...site, spec: { ...site.spec, image: 'mine' } };
    const second = await update({ ...site, spec: { ...site.spec, replicas: 2, image: 'theirs' } });
    const why = /\(since then: (.*)\)$/;
    const first = await failure(update(stale), 'Conflict');
    expect(why.exec(first.message)?.[1]).toBe(
      'metadata.generation: 1 -> 2; spec.image: "nginx" -> "theirs"; spec.replicas: 1 -> 2',
    );
    const tags = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`t${index}`, '']));
    await update({ ...second, spec: { ...second.spec, tags } });
    expect((await failure(update(stale), 'Conflict')).message).toContain('spec.replicas: 1 -> 2');
    for (let index = 0; index < 300; index += 1) await client.create(Note, { metadata: at(`n${index}`) });
    expect((await failure(update(stale), 'Conflict')).message).toMatch(why);
    const never = { ...stale, metadata: { ...stale.metadata, resourceVersion: '1' } };
    expect((await failure(update(never), 'Conflict')).message).not.toMatch(why);
    for (let index = 0; index < 300; index += 1) await client.create(Note, { metadata: at(`m${index}`) });
    expect((await failure(update(stale), 'Conflict')).message).not.toMatch(why);
  });

  it('is a Conflict for an object that was deleted and created again, even without a revision', async () => {
    const { client } = setUp({}, ConfigMap);
    const first = await client.create(ConfigMap, { metadata: at('a') });
    await client.delete(ConfigMap, at('a'));
    await client.create(ConfigMap, { metadata: at('a') });
    const { resourceVersion: _, ...metadata } = first.metadata;
    const again = { ...first, metadata } as typeof first;
    expect((await failure(client.update(ConfigMap, again), 'Conflict')).message).toMatch(
      /UID in precondition/,
    );
  });

  it('wants a revision, unless the kind may be updated unconditionally', async () => {
    const { client } = setUp({}, ConfigMap);
    const site = await client.create(Website, website('a'));
    const config = await client.create(ConfigMap, { metadata: at('a'), data: { a: '1' } });
    for (const resourceVersion of [undefined, '', '0']) {
      const metadata = { ...site.metadata, resourceVersion } as typeof site.metadata;
      const error = await failure(client.update(Website, { ...site, metadata }), 'Invalid');
      expect(fieldsOf(error)).toEqual(['metadata.resourceVersion']);
      const own = { ...config.metadata, resourceVersion } as typeof config.metadata;
      const next = await client.update(ConfigMap, {
        ...config,
        metadata: own,
        data: { a: `${resourceVersion}` },
      });
      expect(next.data).toEqual({ a: `${resourceVersion}` });
    }
  });

  it('is NotFound for an object that is not there, and BadRequest without a name', async () => {
    const { client } = setUp();
    const site = await client.create(Website, website('a'));
    const other = { ...site, metadata: { ...site.metadata, name: 'b' } };
    expect((await failure(client.update(Website, other), 'NotFound')).message).toBe(
      'websites.example.com "b" not found',
    );
    const nameless = { ...site, metadata: { ...site.metadata, name: '' } };
    expect(fieldsOf(await failure(client.update(Website, nameless), 'BadRequest'))).toEqual([
      'metadata.name',
    ]);
  });

  it('keeps the status of a kind with a status subresource, whatever the writer says', async () => {
    const { client } = setUp();
    const site = await client.create(Website, website('a'));
    const observed = await client.update(
      Website,
      { ...site, status: { readyReplicas: 1 } },
      { subresource: 'status' },
    );
    const { status: _, ...bare } = observed;
    const next = await client.update(Website, { ...bare, spec: { ...bare.spec, replicas: 2 } });
    expect(next.status).toBe(observed.status);
    const other = await client.update(Website, { ...next, status: { readyReplicas: 5 } });
    expect(other).toBe(next);
  });
});

describe('an update of the status', () => {
  const status = { subresource: 'status' } as const;

  it('changes the status and nothing else', async () => {
    const { client } = setUp();
    const site = await client.create(Website, website('a', {}, { labels: { app: 'a' } }));
    const next = await client.update(
      Website,
      {
        ...site,
        spec: { image: 'other', replicas: 9 },
        metadata: { ...site.metadata, labels: { app: 'b' }, finalizers: ['example.com/hold'] },
        status: { readyReplicas: 3 },
      },
      status,
    );
    expect(next).toEqual({
      ...site,
      metadata: { ...site.metadata, resourceVersion: '3' },
      status: { readyReplicas: 3 },
    });
    expect(next.spec).toBe(site.spec);
    expect(next.metadata.labels).toBe(site.metadata.labels);
  });

  it('fills in the defaults inside a status that exists', async () => {
    const { client } = setUp();
    const site = await client.create(Website, website('a'));
    const next = await client.patch(
      Website,
      at('a'),
      { type: 'merge', patch: { status: { phase: 'Up' } } },
      status,
    );
    expect(next.status).toEqual({ readyReplicas: 0, phase: 'Up' });
    expect(site.status).toBeUndefined();
  });

  it('checks the revision as any update', async () => {
    const { client } = setUp();
    const site = await client.create(Website, website('a'));
    await client.update(Website, { ...site, status: { readyReplicas: 1 } }, status);
    await failure(client.update(Website, { ...site, status: { readyReplicas: 2 } }, status), 'Conflict');
  });

  it('is judged by the schema', async () => {
    const { client } = setUp();
    const site = await client.create(Website, website('a'));
    const error = await failure(
      client.update(Website, { ...site, status: { readyReplicas: 1.5 } }, status),
      'Invalid',
    );
    expect(fieldsOf(error)).toEqual(['status.readyReplicas']);
  });

  it('removes the status where there is none in the update', async () => {
    const { client } = setUp();
    const site = await client.create(Website, website('a'));
    const { status: _, ...bare } = await client.update(
      Website,
      { ...site, status: { readyReplicas: 1 } },
      status,
    );
    expect(await client.update(Website, bare, status)).not.toHaveProperty('status');
  });

  it('is NotFound for a kind without the subresource', async () => {
    const { client } = setUp();
    const note = await client.create(Note, { metadata: at('a') });
    await failure(client.update(Note, note, status), 'NotFound');
    await failure(client.patch(Note, at('a'), { type: 'merge', patch: { status: 1 } }, status), 'NotFound');
  });
});

describe('a write that changes nothing', () => {
  it('gives back the stored object, spends no revision and tells nobody', async () => {
    const { client } = setUp();
    const site = await client.create(Website, website('a', { tags: { x: 'y' } }, { labels: { app: 'a' } }));
    const watch = client.watch(Website, { resourceVersion: site.metadata.resourceVersion });
    const copy = JSON.parse(JSON.stringify(site)) as Website;
    expect(await client.update(Website, site)).toBe(site);
    expect(await client.update(Website, copy)).toBe(site);
    // defaults and unknown fields do not count
    const { replicas: _, ...spec } = copy.spec;
    expect(
      await client.update(Website, { ...copy, spec: { ...spec, unknown: 1 } as object as typeof copy.spec }),
    ).toBe(site);
    expect(await client.update(Website, { ...copy, metadata: { ...copy.metadata, annotations: {} } })).toBe(
      site,
    );
    expect(await client.patch(Website, at('a'), { type: 'merge', patch: {} })).toBe(site);
    expect(await client.patch(Website, at('a'), { type: 'merge', patch: { spec: { replicas: 1 } } })).toBe(
      site,
    );
    expect(await client.patch(Website, at('a'), { type: 'json', patch: [] })).toBe(site);
    expect(
      await client.patch(
        Website,
        at('a'),
        { type: 'merge', patch: { status: null } },
        { subresource: 'status' },
      ),
    ).toBe(site);
    expect(await client.get(Website, at('a'))).toBe(site);
    expect(await lines(client, watch)).toEqual([]);
    expect((await client.list(Website)).resourceVersion).toBe('2');
  });
});

describe('patch', () => {
  it('merges into the newest object', async () => {
    const { client } = setUp();
    await client.create(Website, website('a', { tags: { a: '1', b: '2' } }));
    const next = await client.patch(Website, at('a'), {
      type: 'merge',
      patch: { spec: { tags: { a: null, c: '3' } }, metadata: { labels: { app: 'a' } } },
    });
    expect(next.spec.tags).toEqual({ b: '2', c: '3' });
    expect(next.metadata).toMatchObject({ labels: { app: 'a' }, generation: 2 });
  });

  it('applies JSON patch operations, all or none', async () => {
    const { client } = setUp();
    const site = await client.create(Website, website('a'));
    await failure(
      client.patch(Website, at('a'), {
        type: 'json',
        patch: [
          { op: 'replace', path: '/spec/replicas', value: 5 },
          { op: 'test', path: '/spec/image', value: 'other' },
        ],
      }),
      'Invalid',
    );
    expect(await client.get(Website, at('a'))).toBe(site);
    const next = await client.patch(Website, at('a'), {
      type: 'json',
      patch: [{ op: 'replace', path: '/spec/replicas', value: 5 }],
    });
    expect(next.spec.replicas).toBe(5);
  });

  it('changes the status through the subresource and the rest without it', async () => {
    const { client } = setUp();
    await client.create(Website, website('a'));
    const patch = { type: 'merge', patch: { spec: { replicas: 4 }, status: { readyReplicas: 4 } } } as const;
    const first = await client.patch(Website, at('a'), patch, { subresource: 'status' });
    expect([first.spec.replicas, first.status?.readyReplicas]).toEqual([1, 4]);
    const second = await client.patch(Website, at('a'), {
      type: 'merge',
      patch: { ...patch.patch, status: null },
    });
    expect([second.spec.replicas, second.status?.readyReplicas]).toEqual([4, 4]);
  });

  it('is a Conflict only where it names a revision that is not the newest', async () => {
    const { client } = setUp();
    const site = await client.create(Website, website('a'));
    const patch = (resourceVersion: unknown, replicas: number): Promise<unknown> =>
      client.patch(Website, keyOf(site), {
        type: 'merge',
        patch: { metadata: { resourceVersion }, spec: { replicas } },
      });
    await patch('2', 2);
    expect((await failure(patch('2', 3), 'Conflict')).message).toMatch(MODIFIED);
    for (const revision of [null, '', '0', 3]) {
      expect(fieldsOf(await failure(patch(revision, 3), 'Invalid'))).toEqual(['metadata.resourceVersion']);
    }
  });

  it('cannot change what an object is', async () => {
    const { client } = setUp();
    await client.create(Website, website('a'));
    for (const [field, value] of [
      ['name', 'b'],
      ['namespace', 'other'],
      ['uid', 'x'],
    ] as const) {
      const patch = { metadata: { [field]: value } };
      const error = await failure(client.patch(Website, at('a'), { type: 'merge', patch }), 'Invalid');
      expect(fieldsOf(error)).toEqual([`metadata.${field}`]);
    }
    const kind = client.patch(Website, at('a'), { type: 'merge', patch: { kind: 'Note' } });
    expect(fieldsOf(await failure(kind, 'BadRequest'))).toEqual(['kind']);
    await client.patch(Website, at('a'), { type: 'merge', patch: { metadata: { uid: null } } });
  });

  it('is judged by the schema like any write', async () => {
    const { client } = setUp();
    const site = await client.create(Website, website('a'));
    const patch = { spec: { replicas: -1, image: 5 } };
    const error = await failure(client.patch(Website, at('a'), { type: 'merge', patch }), 'Invalid');
    expect(fieldsOf(error).sort()).toEqual(['spec.image', 'spec.replicas']);
    expect(await client.get(Website, at('a'))).toBe(site);
  });

  it('is NotFound for an object that is not there', async () => {
    const { client } = setUp();
    await failure(client.patch(Website, at('a'), { type: 'merge', patch: {} }), 'NotFound');
  });

  it('knows no other types', async () => {
    const { client } = setUp();
    await client.create(Website, website('a'));
    const patch = { type: 'xml', patch: '' } as unknown as { type: 'merge'; patch: unknown };
    await failure(client.patch(Website, at('a'), patch), 'UnsupportedMediaType');
  });
});

describe('delete', () => {
  it('removes the object and answers with its last state at the revision of the deletion', async () => {
    const { client } = setUp();
    const site = await client.create(Website, website('a'));
    const result = await client.delete(Website, at('a'));
    expect(result).toEqual({
      object: { ...site, metadata: { ...site.metadata, resourceVersion: '3' } },
      resourceVersion: '3',
      deleted: true,
    });
    expect(result.object.spec).toBe(site.spec);
    await failure(client.get(Website, at('a')), 'NotFound');
    await failure(client.delete(Website, at('a')), 'NotFound');
  });

  it('checks its preconditions', async () => {
    const { client } = setUp();
    const { metadata } = await client.create(Website, website('a'));
    const attempt = (preconditions: { uid?: string; resourceVersion?: string }): Promise<unknown> =>
      client.delete(Website, at('a'), { preconditions });
    expect((await failure(attempt({ uid: 'x' }), 'Conflict')).message).toMatch(/UID in precondition: x/);
    expect((await failure(attempt({ resourceVersion: '1' }), 'Conflict')).message).toMatch(
      /ResourceVersion in precondition: 1/,
    );
    await failure(attempt({ uid: metadata.uid, resourceVersion: '1' }), 'Conflict');
    expect((await client.list(Website)).resourceVersion).toBe('2');
    await attempt({ uid: metadata.uid, resourceVersion: metadata.resourceVersion });
  });

  it('refuses a propagation policy that it does not have', async () => {
    const { client } = setUp();
    await client.create(Website, website('a'));
    await client.delete(Website, at('a'), { propagationPolicy: 'Background' });
    const other = { propagationPolicy: 'Sideways' } as unknown as { propagationPolicy: 'Background' };
    expect(fieldsOf(await failure(client.delete(Website, at('a'), other), 'BadRequest'))).toEqual([
      'propagationPolicy',
    ]);
  });
});

describe('finalizers', () => {
  const finalizers = ['example.com/one', 'example.com/two'];

  it('hold a deleted object, marked, with a new revision and generation', async () => {
    const { client, clock } = setUp();
    const site = await client.create(Website, website('a', {}, { finalizers }));
    await clock.advance(61_000);
    const { object, ...result } = await client.delete(Website, at('a'));
    expect(result).toEqual({ resourceVersion: '3', deleted: false });
    expect(object.metadata).toEqual({
      ...site.metadata,
      resourceVersion: '3',
      generation: 2,
      deletionTimestamp: '2026-01-01T00:01:01Z',
      deletionGracePeriodSeconds: 0,
    });
    expect(await client.get(Website, at('a'))).toBe(object);
  });

  it('make a second deletion do nothing', async () => {
    const { client, clock } = setUp();
    await client.create(Website, website('a', {}, { finalizers }));
    const first = await client.delete(Website, at('a'));
    await clock.advance(5_000);
    const second = await client.delete(Website, at('a'));
    expect(second).toEqual(first);
    expect(second.object).toBe(first.object);
    expect((await client.list(Website)).resourceVersion).toBe('3');
  });

  it('let go when the last one is removed: that update deletes and answers with the object', async () => {
    const { client } = setUp();
    await client.create(Website, website('a', {}, { finalizers }));
    const { object: marked } = await client.delete(Website, at('a'));
    const watch = client.watch(Website, { resourceVersion: '3' });
    const one = await client.update(
      Website,
      edit(marked, (draft) => void draft.metadata.finalizers?.shift()),
    );
    expect(one.metadata).toMatchObject({
      resourceVersion: '4',
      finalizers: ['example.com/two'],
      generation: 2,
    });
    const last = await client.update(
      Website,
      edit(one, (draft) => void delete draft.metadata.finalizers),
    );
    expect(last.metadata).toMatchObject({ resourceVersion: '4' });
    expect(last.metadata).not.toHaveProperty('finalizers');
    await failure(client.get(Website, at('a')), 'NotFound');
    expect(await lines(client, watch)).toEqual(['MODIFIED a @4', 'DELETED a @5']);
  });

  it('are still there in what watches are told of the deletion: the last state that was stored', async () => {
    const { client } = setUp();
    await client.create(Website, website('a', {}, { finalizers }));
    const { object: marked } = await client.delete(Website, at('a'));
    const watch = client.watch(Website, { resourceVersion: '3' });
    await client.update(
      Website,
      edit(marked, (draft) => void delete draft.metadata.finalizers),
    );
    const { value } = await watch.next();
    expect(value).toMatchObject({
      type: 'DELETED',
      object: { metadata: { resourceVersion: '4', finalizers } },
    });
    watch.stop();
  });

  it('let go through a patch as well', async () => {
    const { client } = setUp();
    await client.create(Website, website('a', {}, { finalizers }));
    await client.delete(Website, at('a'));
    const patch = { metadata: { finalizers: null } };
    expect((await client.patch(Website, at('a'), { type: 'merge', patch })).metadata.resourceVersion).toBe(
      '3',
    );
    await failure(client.get(Website, at('a')), 'NotFound');
  });

  it('removed before the deletion leave an object like any other', async () => {
    const { client } = setUp();
    await client.create(Website, website('a', {}, { finalizers }));
    await client.patch(Website, at('a'), { type: 'merge', patch: { metadata: { finalizers: [] } } });
    expect((await client.get(Website, at('a'))).metadata).not.toHaveProperty('finalizers');
    expect((await client.delete(Website, at('a'))).deleted).toBe(true);
  });

  it('cannot be added once the object is being deleted', async () => {
    const { client } = setUp();
    await client.create(Website, website('a', {}, { finalizers }));
    const { object } = await client.delete(Website, at('a'));
    const more = edit(object, (draft) => void draft.metadata.finalizers?.push('example.com/three'));
    const error = await failure(client.update(Website, more), 'Invalid');
    expect(error.details.causes).toMatchObject([
      { field: 'metadata.finalizers', reason: 'FieldValueForbidden' },
    ]);
  });

  it('do not keep the spec of a dying object from changing', async () => {
    const { client } = setUp();
    await client.create(Website, website('a', {}, { finalizers }));
    const { object } = await client.delete(Website, at('a'));
    const next = await client.update(Website, { ...object, spec: { ...object.spec, replicas: 0 } });
    expect(next.metadata).toMatchObject({
      generation: 3,
      deletionTimestamp: object.metadata.deletionTimestamp,
    });
  });
});

describe('deleteCollection', () => {
  it('deletes what the selection covers and answers with the objects as they were, in order', async () => {
    const { client } = setUp();
    await client.create(Website, website('c', {}, { labels: { app: 'x' } }));
    await client.create(Website, website('b'));
    await client.create(Website, website('a', {}, { labels: { app: 'x' } }));
    await client.create(Website, {
      ...website('a'),
      metadata: { ...at('a', 'other'), labels: { app: 'x' } },
    });
    const result = await client.deleteCollection(Website, { namespace: 'default', labelSelector: 'app=x' });
    expect(result.items.map(({ metadata }) => [metadata.name, metadata.resourceVersion])).toEqual([
      ['a', '4'],
      ['c', '2'],
    ]);
    expect(result.resourceVersion).toBe('7');
    expect(
      (await client.list(Website)).items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
    ).toEqual(['default/b', 'other/a']);
  });

  it('without a selection means everything, finalizers respected', async () => {
    const { client } = setUp();
    await client.create(Website, website('a', {}, { finalizers: ['example.com/hold'] }));
    await client.create(Website, { ...website('b'), metadata: at('b', 'other') });
    expect((await client.deleteCollection(Website)).items).toHaveLength(2);
    const left = await client.list(Website);
    expect(left.items.map(({ metadata }) => [metadata.name, metadata.deletionTimestamp])).toEqual([
      ['a', '2026-01-01T00:00:00Z'],
    ]);
  });

  it('deletes nothing where one of the objects may not be deleted', async () => {
    const { client } = setUp();
    const { metadata } = await client.create(Website, website('a'));
    await client.create(Website, website('b'));
    await failure(client.deleteCollection(Website, {}, { preconditions: { uid: metadata.uid } }), 'Conflict');
    expect((await client.list(Website)).items).toHaveLength(2);
  });
});

describe('dryRun', () => {
  it('runs every stage, answers as if it had happened, and stores nothing', async () => {
    const { client } = setUp();
    const site = await client.create(Website, website('a', {}, { finalizers: ['example.com/hold'] }));
    await client.create(Website, website('b'));
    const watch = client.watch(Website, { resourceVersion: '3' });
    const dryRun = true;
    const created = await client.create(Website, website('c'), { dryRun });
    expect(created).toMatchObject({ metadata: { name: 'c', resourceVersion: '' }, spec: { replicas: 1 } });
    const changed = { ...site, spec: { ...site.spec, replicas: 5 } };
    expect(await client.update(Website, changed, { dryRun })).toMatchObject({
      metadata: { resourceVersion: '2', generation: 2 },
      spec: { replicas: 5 },
    });
    const patch = { type: 'merge', patch: { status: { readyReplicas: 1 } } } as const;
    expect(await client.patch(Website, at('a'), patch, { dryRun, subresource: 'status' })).toMatchObject({
      status: { readyReplicas: 1 },
    });
    expect(await client.delete(Website, at('a'), { dryRun })).toMatchObject({ deleted: false });
    expect(await client.delete(Website, at('b'), { dryRun })).toMatchObject({ deleted: true });
    expect((await client.deleteCollection(Website, {}, { dryRun })).items).toHaveLength(2);
    expect(
      await client.subresource(Website, at('a'), 'scale', { spec: { replicas: 7 } }, { dryRun }),
    ).toMatchObject({
      spec: { replicas: 7 },
    });
    expect((await client.list(Website)).resourceVersion).toBe('3');
    expect(await client.get(Website, at('a'))).toBe(site);
    expect(await lines(client, watch)).toEqual([]);
  });

  it('fails as the write would', async () => {
    const { client } = setUp();
    await client.create(Website, website('a'));
    const dryRun = true;
    await failure(client.create(Website, website('a'), { dryRun }), 'AlreadyExists');
    await failure(client.create(Website, website('b', { replicas: -1 }), { dryRun }), 'Invalid');
    await failure(client.delete(Website, at('b'), { dryRun }), 'NotFound');
    await failure(client.delete(Website, at('a'), { dryRun, preconditions: { uid: 'x' } }), 'Conflict');
  });

  it('removes the last finalizer of a dying object in words alone', async () => {
    const { client } = setUp();
    await client.create(Website, website('a', {}, { finalizers: ['example.com/hold'] }));
    const { object } = await client.delete(Website, at('a'));
    const patch = { metadata: { finalizers: null } };
    await client.patch(Website, at('a'), { type: 'merge', patch }, { dryRun: true });
    expect(await client.get(Website, at('a'))).toBe(object);
  });
});

describe('guards', () => {
  const lease = { metadata: at('lock'), spec: { holderIdentity: 'me', leaseTransitions: 1 } };
  const guard = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', ...at('lock') };

  it('let a write through while they hold', async () => {
    const { client } = setUp();
    const { metadata } = await client.create(Lease, lease);
    const guards = [
      {
        ...guard,
        uid: metadata.uid,
        resourceVersion: '2',
        fields: { 'spec.holderIdentity': 'me', 'spec.leaseTransitions': 1, 'spec.renewTime': null },
      },
    ];
    const site = await client.create(Website, website('a'), { guards });
    await client.update(Website, { ...site, spec: { ...site.spec, replicas: 2 } }, { guards });
    await client.delete(Website, at('a'), { guards });
  });

  it('are a Conflict when they do not, and nothing is written', async () => {
    const { client } = setUp();
    await client.create(Lease, lease);
    const site = await client.create(Website, website('a'));
    const failing = [
      { ...guard, name: 'none' },
      { ...guard, uid: 'x' },
      { ...guard, resourceVersion: '1' },
      { ...guard, fields: { 'spec.holderIdentity': 'you' } },
      { ...guard, fields: { 'spec.constructor': 'x' } },
    ];
    for (const failed of failing) {
      const options = { guards: [guard, failed] };
      const change = { ...site, spec: { ...site.spec, replicas: 2 } };
      const errors = [
        await failure(client.create(Website, website('b'), options), 'Conflict'),
        await failure(client.update(Website, change, options), 'Conflict'),
        await failure(client.update(Website, site, options), 'Conflict'),
        await failure(
          client.patch(Website, at('a'), { type: 'merge', patch: { spec: { replicas: 2 } } }, options),
          'Conflict',
        ),
        await failure(client.delete(Website, at('a'), options), 'Conflict'),
        await failure(client.deleteCollection(Website, {}, options), 'Conflict'),
        await failure(
          client.subresource(Website, at('a'), 'scale', { spec: { replicas: 2 } }, options),
          'Conflict',
        ),
      ];
      for (const error of errors) expect(error.message).toContain(`Lease "default/${failed.name}"`);
    }
    expect((await client.list(Website)).resourceVersion).toBe('3');
  });

  it('on a kind that is not served are a BadRequest', async () => {
    const { client } = setUp();
    const options = { guards: [{ ...guard, kind: 'Other' }] };
    expect(fieldsOf(await failure(client.create(Website, website('a'), options), 'BadRequest'))).toEqual([
      'guards',
    ]);
  });
});
