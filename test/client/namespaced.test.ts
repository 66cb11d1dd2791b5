import { describe, expect, it } from 'vitest';
import { namespaced } from '../../src/client/index.js';
import { ApiError, edit } from '../../src/core/index.js';
import { at, failure, fieldsOf, lines, Region, setUp, Website, website } from '../store/kit.js';

const site = { metadata: { name: 'a' }, spec: { image: 'nginx' } };
const key = { name: 'a' };

describe('namespaced', () => {
  it('fills in its namespace everywhere', async () => {
    const { client } = setUp();
    await client.create(Website, website('a', {}, { namespace: 'other' }));
    const own = namespaced(client, 'default');
    const created = await own.create(Website, site);
    expect(created.metadata.namespace).toBe('default');
    expect(await own.get(Website, key)).toBe(created);
    const updated = await own.update(
      Website,
      edit(created, (draft) => {
        draft.spec.replicas = 2;
      }),
    );
    const patched = await own.patch(Website, key, { type: 'merge', patch: { spec: { image: 'apache' } } });
    expect([updated.spec.replicas, patched.spec.image]).toEqual([2, 'apache']);
    expect(await own.subresource(Website, key, 'scale')).toMatchObject({ spec: { replicas: 2 } });
    expect((await own.list(Website)).items).toEqual([patched]);
    expect((await own.listAll(Website)).items).toEqual([patched]);
    expect(await lines(client, own.watch(Website))).toEqual([`ADDED a @${patched.metadata.resourceVersion}`]);
    expect((await own.delete(Website, key)).deleted).toBe(true);
    await own.create(Website, site);
    await own.deleteCollection(Website);
    expect((await client.list(Website)).items.map(({ metadata }) => metadata.namespace)).toEqual(['other']);
  });

  it('takes its own namespace where it is named', async () => {
    const own = namespaced(setUp().client, 'default');
    await own.create(Website, website('a'));
    expect((await own.get(Website, at('a'))).metadata.name).toBe('a');
    expect((await own.list(Website, { namespace: 'default' })).items).toHaveLength(1);
    expect((await own.list(Website, { namespace: '' })).items).toHaveLength(1);
  });

  it('refuses another namespace everywhere, naming the field', async () => {
    const { client } = setUp();
    const stored = await client.create(Website, website('a', {}, { namespace: 'other' }));
    const own = namespaced(client, 'default');
    const other = at('a', 'other');
    const watch = own.watch(Website, { namespace: 'other' });
    const attempts = [
      own.create(Website, website('b', {}, { namespace: 'other' })),
      own.get(Website, other),
      own.update(Website, stored),
      own.patch(Website, other, { type: 'merge', patch: {} }),
      own.delete(Website, other),
      own.deleteCollection(Website, { namespace: 'other' }),
      own.list(Website, { namespace: 'other' }),
      own.listAll(Website, { namespace: 'other' }),
      own.subresource(Website, other, 'scale'),
      watch.next(),
    ];
    for (const attempt of attempts) {
      const error = await failure(attempt, 'BadRequest');
      expect(error.message).toBe(
        'metadata.namespace: expected the client\'s own namespace "default", got "other"',
      );
      expect(fieldsOf(error)).toEqual(['metadata.namespace']);
    }
    expect((await client.list(Website)).items).toEqual([stored]);
  });

  it('reaches cluster kinds as before', async () => {
    const own = namespaced(setUp().client, 'default');
    const region = await own.create(Region, { metadata: { name: 'eu' } });
    expect(region.metadata.namespace).toBeUndefined();
    expect(await own.get(Region, { name: 'eu' })).toBe(region);
    expect((await own.list(Region)).items).toEqual([region]);
    await failure(own.get(Region, at('eu')), 'BadRequest');
  });

  it('changes neither the object nor the key it is given', async () => {
    const own = namespaced(setUp().client, 'default');
    const object = { metadata: { name: 'a' }, spec: { image: 'nginx' } };
    await own.create(Website, object);
    expect(object.metadata).toEqual({ name: 'a' });
  });

  it('leaves it to the client to refuse what is no object at all', async () => {
    const own = namespaced(setUp().client, 'default');
    await failure(own.create(Website, undefined as never), 'BadRequest');
    const error: unknown = await own
      .create(Website, { metadata: 'x', spec: { image: 'a' } } as never)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
  });

  it.each(['', 'Default', 'a/b', 'x'.repeat(64), undefined, 7])('refuses the namespace %s', (namespace) => {
    expect(() => namespaced(setUp().client, namespace as string)).toThrow(TypeError);
    expect(() => namespaced(setUp().client, namespace as string)).toThrow(
      'namespaced: expected the name of a namespace, got ',
    );
  });
});
