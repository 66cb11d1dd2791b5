import { describe, expect, it } from 'vitest';
import { dryRun, namespaced, withFieldManager } from '../../src/client/index.js';
import { edit, keyOf, type ManagedFieldsEntry } from '../../src/core/index.js';
import { ConfigMap, Deployment } from '../../src/resources/kinds/index.js';
import { ObjectStore } from '../../src/store/index.js';
import {
  at,
  expectDeeplyFrozen,
  failure,
  fieldsOf,
  lines,
  Note,
  Region,
  setUp,
  Website,
  website,
} from './kit.js';

interface Tracked {
  readonly metadata: { readonly managedFields?: readonly ManagedFieldsEntry[] };
}

/** Who owns what, as `manager operation[/subresource]` and the fields, whose `f:` are left out. */
function owners({ metadata }: Tracked): Record<string, string[]> {
  const result: Record<string, string[]> = {};
  for (const { manager, operation, subresource, fieldsV1 } of metadata.managedFields ?? []) {
    const name = `${manager} ${operation}${subresource === undefined ? '' : `/${subresource}`}`;
    result[name] = leaves(fieldsV1).sort();
  }
  return result;
}

function leaves(fields: unknown): string[] {
  return Object.entries(fields as object).flatMap(([key, inside]) => {
    const name = key.replace(/^f:/, '');
    const inner = leaves(inside);
    return inner.length === 0 ? [name] : inner.map((path) => `${name}.${path}`);
  });
}

const MINUTE = 60_000;

describe('apply to an object that is not there', () => {
  it('creates it, defaults and all, and the manager owns what it applied', async () => {
    const { client } = setUp();
    const site = await client.apply(Website, {
      metadata: { ...at('a'), labels: { app: 'a' } },
      spec: { image: 'nginx' },
    });
    expect(site.spec).toEqual({ image: 'nginx', replicas: 1 });
    expect(site.metadata).toMatchObject({
      name: 'a',
      namespace: 'default',
      generation: 1,
      resourceVersion: '2',
    });
    expect(owners(site)).toEqual({ 'keelson Apply': ['metadata.labels.app', 'spec.image'] });
    expect(site.metadata.managedFields).toEqual([
      {
        manager: 'keelson',
        operation: 'Apply',
        apiVersion: 'example.com/v1',
        time: '2026-01-01T00:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:metadata': { 'f:labels': { 'f:app': {} } }, 'f:spec': { 'f:image': {} } },
      },
    ]);
    expectDeeplyFrozen(site);
    expect(await client.get(Website, at('a'))).toBe(site);
  });

  it('refuses what create refuses, and stores nothing', async () => {
    const { client } = setUp();
    const image = 7 as unknown as string;
    await expect(client.apply(Website, { metadata: at('a'), spec: { image } })).rejects.toThrow(
      /spec\.image/,
    );
    const missing = await failure(client.apply(Website, { metadata: at('a'), spec: {} }), 'Invalid');
    expect(fieldsOf(missing)).toEqual(['spec.image']);
    await failure(client.get(Website, at('a')), 'NotFound');
  });

  it('needs a name, and no uid', async () => {
    const { client } = setUp();
    const unnamed = { metadata: { namespace: 'default' } } as unknown as { metadata: { name: string } };
    expect(fieldsOf(await failure(client.apply(Note, unnamed), 'BadRequest'))).toEqual(['metadata.name']);
    await failure(client.apply(Note, { metadata: { ...at('a'), uid: 'x' } }), 'Conflict');
    const homeless = await failure(client.apply(Note, { metadata: { name: 'a' } }), 'BadRequest');
    expect(fieldsOf(homeless)).toEqual(['metadata.namespace']);
  });

  it('creates it whatever revision is named, as Kubernetes does', async () => {
    const { client } = setUp();
    const note = await client.apply(Note, { metadata: { ...at('a'), resourceVersion: '1' } });
    expect(note.metadata.name).toBe('a');
  });

  it('does not create it for its status', async () => {
    const { client } = setUp();
    const status = { readyReplicas: 1 };
    await failure(
      client.apply(Website, { metadata: at('a'), status }, { subresource: 'status' }),
      'NotFound',
    );
  });
});

describe('apply to an object that is there', () => {
  it('changes what is applied and nothing else', async () => {
    const { client } = setUp();
    const before = await client.create(Website, website('a', { tags: { a: '1', b: '2' } }));
    const site = await client.apply(
      Website,
      { metadata: at('a'), spec: { tags: { b: '3', c: '4' } } },
      { force: true },
    );
    expect(site.spec).toEqual({ image: 'nginx', replicas: 1, tags: { a: '1', b: '3', c: '4' } });
    expect(site.metadata.generation).toBe(2);
    expect(before.spec.tags).toEqual({ a: '1', b: '2' });
    expectDeeplyFrozen(site);
  });

  it('keeps the revision, the times and the record where nothing changes', async () => {
    const { client, clock } = setUp();
    const wanted = { metadata: at('a'), spec: { image: 'nginx' } };
    const first = await client.apply(Website, wanted);
    const watch = client.watch(Website, { resourceVersion: first.metadata.resourceVersion });
    await clock.advance(MINUTE);
    expect(await client.apply(Website, wanted)).toBe(first);
    expect(await client.apply(Website, wanted, { force: true })).toBe(first);
    expect(await lines(client, watch)).toEqual([]);
    watch.stop();
  });

  it('records a second manager of the same value without a change of generation', async () => {
    const { client } = setUp();
    const wanted = { metadata: at('a'), spec: { image: 'nginx' } };
    const first = await client.apply(Website, wanted, { fieldManager: 'one' });
    const second = await client.apply(Website, wanted, { fieldManager: 'two' });
    expect(second.metadata.resourceVersion).not.toBe(first.metadata.resourceVersion);
    expect(second.metadata.generation).toBe(1);
    expect(second.spec).toBe(first.spec);
    expect(owners(second)).toEqual({ 'one Apply': ['spec.image'], 'two Apply': ['spec.image'] });
  });

  it('is a Conflict where another manager owns a field with another value, until it is forced', async () => {
    const { client } = setUp();
    await client.apply(
      Website,
      { metadata: at('a'), spec: { image: 'a', replicas: 2 } },
      { fieldManager: 'one' },
    );
    const before = await client.get(Website, at('a'));
    const wanted = { metadata: at('a'), spec: { image: 'b', replicas: 3 } };
    const error = await failure(client.apply(Website, wanted, { fieldManager: 'two' }), 'Conflict');
    expect(fieldsOf(error).sort()).toEqual(['.spec.image', '.spec.replicas']);
    expect(error.details.causes?.[0]?.message).toContain('"one"');
    expect(await client.get(Website, at('a'))).toBe(before);

    const forced = await client.apply(Website, wanted, { fieldManager: 'two', force: true });
    expect(forced.spec).toEqual({ image: 'b', replicas: 3 });
    expect(owners(forced)).toEqual({ 'two Apply': ['spec.image', 'spec.replicas'] });
  });

  it('removes what the manager applied before and applies no more', async () => {
    const { client } = setUp();
    const spec = { image: 'nginx', replicas: 5, tags: { a: '1', b: '2' } };
    await client.apply(Website, { metadata: { ...at('a'), labels: { x: 'y' } }, spec });
    const site = await client.apply(Website, {
      metadata: at('a'),
      spec: { image: 'nginx', tags: { a: '1' } },
    });
    expect(site.spec).toEqual({ image: 'nginx', replicas: 1, tags: { a: '1' } });
    expect(site.metadata.labels).toBeUndefined();
  });

  it('leaves what another manager owns too', async () => {
    const { client } = setUp();
    const tags = { a: '1' };
    await client.apply(
      Website,
      { metadata: at('a'), spec: { image: 'nginx', tags } },
      { fieldManager: 'one' },
    );
    await client.apply(Website, { metadata: at('a'), spec: { tags } }, { fieldManager: 'two' });
    const site = await client.apply(
      Website,
      { metadata: at('a'), spec: { image: 'nginx' } },
      { fieldManager: 'one' },
    );
    expect(site.spec.tags).toEqual({ a: '1' });
    expect(owners(site)).toEqual({ 'one Apply': ['spec.image'], 'two Apply': ['spec.tags.a'] });
  });

  it('gives to before-first-apply what was there before the first apply', async () => {
    const { client } = setUp();
    await client.create(Website, website('a', { replicas: 4 }));
    await failure(client.apply(Website, { metadata: at('a'), spec: { replicas: 5 } }), 'Conflict');
    const site = await client.apply(Website, { metadata: at('a'), spec: { replicas: 4 } });
    expect(owners(site)).toMatchObject({ 'keelson Apply': ['spec.replicas'] });
    expect(owners(site)['before-first-apply Update']).toEqual(
      expect.arrayContaining(['spec.image', 'spec.replicas']),
    );
  });

  it('takes a revision and a uid as conditions', async () => {
    const { client } = setUp();
    const first = await client.apply(Note, { metadata: at('a'), text: 'one' });
    const { uid, resourceVersion } = first.metadata;
    const second = await client.apply(Note, { metadata: { ...at('a'), uid, resourceVersion }, text: 'two' });
    expect(second['text']).toBe('two');
    const stale = client.apply(Note, { metadata: { ...at('a'), resourceVersion }, text: 'three' });
    await failure(stale, 'Conflict');
    const other = await failure(client.apply(Note, { metadata: { ...at('a'), uid: 'x' } }), 'Invalid');
    expect(fieldsOf(other)).toEqual(['metadata.uid']);
    expect(await client.get(Note, at('a'))).toBe(second);
  });

  it('has no say in system metadata: a read object can be applied back without its record', async () => {
    const { client } = setUp();
    const first = await client.apply(Note, { metadata: at('a'), text: 'one' });
    const { managedFields: _, ...metadata } = first.metadata;
    expect(await client.apply(Note, { ...first, metadata })).toBe(first);
    await failure(client.apply(Note, first), 'BadRequest');
  });

  it('merges the containers of two managers by name', async () => {
    const { client } = setUp({}, Deployment);
    const pod = (name: string, image: string) => ({
      metadata: at('web'),
      spec: {
        selector: { matchLabels: { app: 'web' } },
        template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name, image }] } },
      },
    });
    await client.apply(Deployment, pod('web', 'web:1'), { fieldManager: 'one' });
    const both = await client.apply(Deployment, pod('side', 'side:1'), { fieldManager: 'two' });
    expect(both.spec.template.spec?.containers.map(({ name }) => name).sort()).toEqual(['side', 'web']);
    const next = await client.apply(Deployment, pod('web', 'web:2'), { fieldManager: 'one' });
    expect(next.spec.template.spec?.containers).toEqual(
      expect.arrayContaining([
        { name: 'web', image: 'web:2' },
        { name: 'side', image: 'side:1' },
      ]) as unknown,
    );
    const error = await failure(
      client.apply(Deployment, pod('side', 'side:2'), { fieldManager: 'one' }),
      'Conflict',
    );
    expect(fieldsOf(error)).toEqual(['.spec.template.spec.containers[name="side"].image']);
  });

  it('refuses a field that the kind does not have', async () => {
    const { client } = setUp();
    const before = await client.create(Website, website('a'));
    const spec = { imgae: 'x' } as unknown as { image: string };
    await expect(client.apply(Website, { metadata: at('a'), spec })).rejects.toThrow(/imgae/);
    expect(await client.get(Website, at('a'))).toBe(before);
  });

  it('refuses a record of its own, and takes null for none', async () => {
    const { client } = setUp();
    const withRecord = (managedFields: unknown) => ({ metadata: { ...at('a'), managedFields } });
    await failure(client.apply(Note, withRecord([])), 'BadRequest');
    await failure(client.apply(Note, withRecord([{ manager: 'me' }])), 'BadRequest');
    expect((await client.apply(Note, withRecord(null))).metadata.name).toBe('a');
  });

  it('runs dry', async () => {
    const { client, store } = setUp();
    const wanted = { metadata: at('a'), spec: { image: 'a' } };
    const created = await client.apply(Website, wanted, { dryRun: true });
    expect(owners(created)).toEqual({ 'keelson Apply': ['spec.image'] });
    await failure(client.get(Website, at('a')), 'NotFound');
    const first = await client.apply(Website, wanted);
    const changed = await dryRun(client).apply(Website, { metadata: at('a'), spec: { image: 'b' } });
    expect(changed.spec.image).toBe('b');
    expect(await store.client().get(Website, at('a'))).toBe(first);
  });

  it('honours guards, also where it changes nothing', async () => {
    const { client } = setUp();
    const wanted = { metadata: at('a'), spec: { image: 'a' } };
    await client.apply(Website, wanted);
    const guards = [{ apiVersion: Note.apiVersion, kind: 'Note', ...at('gate') }];
    await expect(client.apply(Website, wanted, { guards })).rejects.toThrow();
  });

  it('deletes an object whose last finalizer its manager gives up', async () => {
    const { client } = setUp();
    const finalizers = ['example.com/hold'];
    await client.apply(Note, { metadata: { ...at('a'), finalizers }, text: 'x' });
    expect((await client.delete(Note, at('a'))).deleted).toBe(false);
    const last = await client.apply(Note, { metadata: at('a'), text: 'x' });
    expect(last.metadata.finalizers).toBeUndefined();
    await failure(client.get(Note, at('a')), 'NotFound');
  });

  it('works for kinds without a schema, and for cluster kinds', async () => {
    const { client } = setUp();
    await client.apply(
      Region,
      { metadata: { name: 'eu' }, zones: ['a'], limits: { cpu: 1 } },
      { fieldManager: 'one' },
    );
    const region = await client.apply(
      Region,
      { metadata: { name: 'eu' }, limits: { gpu: 2 } },
      { fieldManager: 'two' },
    );
    expect(region['limits']).toEqual({ cpu: 1, gpu: 2 });
    expect(owners(region)).toEqual({
      'one Apply': ['limits..', 'limits.cpu', 'zones'],
      'two Apply': ['limits..', 'limits.gpu'],
    });
  });

  it('keeps hostile keys as data', async () => {
    const { client } = setUp({}, ConfigMap);
    const data = JSON.parse('{"__proto__":"a","constructor":"b"}') as Record<string, string>;
    const map = await client.apply(ConfigMap, { metadata: at('a'), data });
    expect(JSON.stringify(map.data)).toBe('{"__proto__":"a","constructor":"b"}');
    const fewer = await client.apply(ConfigMap, { metadata: at('a'), data: { constructor: 'b' } });
    expect(JSON.stringify(fewer.data)).toBe('{"constructor":"b"}');
  });
});

describe('apply to a status', () => {
  it('changes the status alone, and owns it under the subresource', async () => {
    const { client } = setUp();
    await client.apply(Website, { metadata: at('a'), spec: { image: 'a' } });
    const site = await client.apply(
      Website,
      { metadata: { ...at('a'), labels: { no: 'no' } }, spec: { image: 'no' }, status: { readyReplicas: 2 } },
      { subresource: 'status', fieldManager: 'kubelet' },
    );
    expect(site).toMatchObject({ spec: { image: 'a' }, status: { readyReplicas: 2 } });
    expect(site.metadata.labels).toBeUndefined();
    expect(site.metadata.generation).toBe(1);
    expect(owners(site)).toEqual({
      'keelson Apply': ['spec.image'],
      'kubelet Apply/status': ['status.readyReplicas'],
    });
  });

  it('leaves the status alone without the subresource', async () => {
    const { client } = setUp();
    const site = await client.apply(Website, {
      metadata: at('a'),
      spec: { image: 'a' },
      status: { readyReplicas: 2 },
    });
    expect(site.status).toBeUndefined();
    expect(owners(site)).toEqual({ 'keelson Apply': ['spec.image'] });
  });

  it('is refused where the kind has no status subresource', async () => {
    const { client } = setUp();
    await client.create(Note, { metadata: at('a') });
    await failure(client.apply(Note, { metadata: at('a') }, { subresource: 'status' }), 'NotFound');
  });
});

describe('the record of an object', () => {
  it('is absent until somebody applies', async () => {
    const { client } = setUp();
    const site = await client.create(Website, website('a'), { fieldManager: 'me' });
    const next = await client.update(
      Website,
      edit(site, (draft) => void (draft.spec.replicas = 2)),
    );
    const last = await client.patch(Website, at('a'), { type: 'merge', patch: { spec: { replicas: 3 } } });
    for (const { metadata } of [site, next, last]) expect(metadata).not.toHaveProperty('managedFields');
  });

  it('begins with the creation where the store is asked to', async () => {
    const { client } = setUp({ managedFields: 'always' });
    const site = await client.create(Website, website('a'), { fieldManager: 'me' });
    expect(owners(site)).toEqual({ 'me Update': ['spec..', 'spec.image', 'spec.replicas'] });
    expectDeeplyFrozen(site);
    const patch = { type: 'merge', patch: { status: { readyReplicas: 1 } } } as const;
    const reported = await client.patch(Website, at('a'), patch, {
      subresource: 'status',
      fieldManager: 'kubelet',
    });
    expect(owners(reported)['kubelet Update/status']).toEqual(['status..', 'status.readyReplicas']);
    expectDeeplyFrozen(reported);
  });

  it('follows plain updates and patches of an object that was applied', async () => {
    const { client, clock } = setUp();
    await client.apply(
      Website,
      { metadata: at('a'), spec: { image: 'a', replicas: 2 } },
      { fieldManager: 'one' },
    );
    await clock.advance(MINUTE);
    const patched = await client.patch(
      Website,
      at('a'),
      { type: 'json', patch: [{ op: 'replace', path: '/spec/replicas', value: 7 }] },
      { fieldManager: 'hpa' },
    );
    expect(owners(patched)).toEqual({ 'one Apply': ['spec.image'], 'hpa Update': ['spec.replicas'] });
    const times = Object.fromEntries(
      (patched.metadata.managedFields ?? []).map(({ manager, time }) => [manager, time]),
    );
    expect(times).toEqual({ one: '2026-01-01T00:00:00Z', hpa: '2026-01-01T00:01:00Z' });
    const error = await failure(
      client.apply(
        Website,
        { metadata: at('a'), spec: { image: 'a', replicas: 2 } },
        { fieldManager: 'one' },
      ),
      'Conflict',
    );
    expect(fieldsOf(error)).toEqual(['.spec.replicas']);
    expect(error.details.causes?.[0]?.message).toContain('"hpa"');
  });

  it('stays as it is where a write changes nothing, whoever writes', async () => {
    const { client } = setUp();
    const site = await client.apply(Website, { metadata: at('a'), spec: { image: 'a' } });
    expect(await client.update(Website, site, { fieldManager: 'other' })).toBe(site);
    const patch = { type: 'merge', patch: { spec: { image: 'a' } } } as const;
    expect(await client.patch(Website, at('a'), patch, { fieldManager: 'other' })).toBe(site);
  });

  it('survives a writer that does not know of it', async () => {
    const { client } = setUp();
    const site = await client.apply(
      Website,
      { metadata: at('a'), spec: { image: 'a' } },
      { fieldManager: 'one' },
    );
    const { managedFields: _, ...metadata } = site.metadata;
    const next = await client.update(
      Website,
      { ...site, metadata, spec: { ...site.spec, replicas: 3 } },
      { fieldManager: 'two' },
    );
    expect(owners(next)).toEqual({ 'one Apply': ['spec.image'], 'two Update': ['spec.replicas'] });
    const emptied = { ...next, metadata: { ...next.metadata, managedFields: [] } };
    expect(await client.update(Website, emptied)).toBe(next);
    const patch = { type: 'merge', patch: { metadata: { managedFields: [] } } } as const;
    expect(await client.patch(Website, at('a'), patch)).toBe(next);
  });

  it('is dropped by an update with one empty entry, and stays away until the next apply', async () => {
    const { client } = setUp({ managedFields: 'always' });
    const site = await client.apply(Website, { metadata: at('a'), spec: { image: 'a' } });
    const reset = await client.update(Website, {
      ...site,
      metadata: { ...site.metadata, managedFields: [{}] },
    });
    expect(reset.metadata).not.toHaveProperty('managedFields');
    expect(reset.metadata.generation).toBe(1);
    const next = await client.update(
      Website,
      edit(reset, (draft) => void (draft.spec.replicas = 2)),
    );
    expect(next.metadata).not.toHaveProperty('managedFields');
    const applied = await client.apply(Website, { metadata: at('a'), spec: { image: 'a' } }, { force: true });
    expect(Object.keys(owners(applied)).sort()).toEqual(['before-first-apply Update', 'keelson Apply']);
  });

  it('names the subresources that are not part of the object', async () => {
    const { client } = setUp();
    await client.apply(Website, { metadata: at('a'), spec: { image: 'a' } });
    await client.subresource(Website, at('a'), 'scale', { spec: { replicas: 4 } }, { fieldManager: 'hpa' });
    expect(owners(await client.get(Website, at('a')))).toEqual({
      'keelson Apply': ['spec.image'],
      'hpa Update/scale': ['spec.replicas'],
    });
  });

  it('takes the manager from the client, and refuses one that is no name', async () => {
    const { client } = setUp();
    const mine = namespaced(withFieldManager(client, 'me'), 'default');
    const site = await mine.apply(Website, { metadata: { name: 'a' }, spec: { image: 'a' } });
    expect(Object.keys(owners(site))).toEqual(['me Apply']);
    const wanted = { metadata: keyOf(site), spec: { image: 'a' } };
    for (const fieldManager of ['', 'x'.repeat(129), 'a\nb', 7 as unknown as string]) {
      const error = await failure(client.apply(Website, wanted, { fieldManager }), 'BadRequest');
      expect(fieldsOf(error)).toEqual(['fieldManager']);
    }
  });
});

describe('a strategic merge patch', () => {
  it('merges lists by the rules of the kind', async () => {
    const { client } = setUp({}, Deployment);
    const created = await client.create(Deployment, {
      metadata: at('web'),
      spec: {
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: {
            containers: [
              { name: 'web', image: 'web:1' },
              { name: 'side', image: 'side:1' },
            ],
          },
        },
      },
    });
    const patch = { spec: { template: { spec: { containers: [{ name: 'side', image: 'side:2' }] } } } };
    const next = await client.patch(Deployment, at('web'), { type: 'strategic', patch });
    expect(next.spec.template.spec?.containers.find(({ name }) => name === 'side')?.image).toBe('side:2');
    expect(next.spec.template.spec?.containers).toHaveLength(2);
    expect(next.spec.selector).toBe(created.spec.selector);
    expect(await client.patch(Deployment, at('web'), { type: 'strategic', patch: {} })).toBe(next);
  });

  it('is refused with the field at fault, and stores nothing', async () => {
    const { client } = setUp({}, Deployment);
    const site = await client.create(Website, website('a'));
    for (const patch of [null, [], 7, 'x', { spec: { $patch: 'bogus' } }]) {
      await failure(client.patch(Website, at('a'), { type: 'strategic', patch }), 'BadRequest');
    }
    const bad = client.patch(Website, at('a'), { type: 'strategic', patch: { spec: { image: 7 } } });
    expect(fieldsOf(await failure(bad, 'Invalid'))).toEqual(['spec.image']);
    expect(await client.get(Website, at('a'))).toBe(site);
  });
});

describe('the option managedFields', () => {
  it('is checked', () => {
    const make = (): ObjectStore => new ObjectStore({ resources: [], managedFields: 'never' as 'always' });
    expect(make).toThrow("managedFields: expected 'on-apply' or 'always', got \"never\"");
  });
});
