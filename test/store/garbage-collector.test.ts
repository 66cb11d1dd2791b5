import { describe, expect, it } from 'vitest';
import {
  type ApiObject,
  controllerReference,
  type OwnerReference,
  keyOf,
  ownerReference,
} from '../../src/core/index.js';
import { defineResource } from '../../src/resources/index.js';
import { at, failure, lines, Note, Region, setUp, type Setup, Website, website } from './kit.js';

const WebsiteV2 = defineResource<ApiObject<'Namespaced'> & { readonly spec: object }>({
  group: 'example.com',
  version: 'v2',
  kind: 'Website',
});

/** A Note that names its owners. */
function owned(
  name: string,
  ownerReferences: readonly OwnerReference[],
  namespace = 'default',
): { metadata: object } {
  return { metadata: { name, namespace, ownerReferences } };
}

async function names({ client, store }: Setup): Promise<string[]> {
  await store.idle();
  return (await client.list(Note)).items.map(({ metadata }) => metadata.name);
}

describe('the garbage collector', () => {
  it('deletes what a deleted object owned, and what that owned', async () => {
    const setup = setUp();
    const { client } = setup;
    const site = await client.create(Website, website('a'));
    const child = await client.create(Note, owned('child', [controllerReference(site)]));
    await client.create(Note, owned('grandchild', [ownerReference(child)]));
    await client.create(Note, owned('stranger', []));
    expect(await names(setup)).toEqual(['child', 'grandchild', 'stranger']);
    await client.delete(Website, at('a'));
    expect(await names(setup)).toEqual(['stranger']);
  });

  it('works in the background: the deletion does not wait for it, idle and barrier do', async () => {
    const { client } = setUp();
    const site = await client.create(Website, website('a'));
    await client.create(Note, owned('child', [ownerReference(site)]));
    const watch = client.watch(Note, { resourceVersion: '3' });
    expect((await client.delete(Website, at('a'))).resourceVersion).toBe('4');
    expect(await client.barrier()).toBe('5');
    expect(await lines(client, watch)).toEqual(['DELETED child @5']);
  });

  it('respects the finalizers of what it deletes', async () => {
    const setup = setUp();
    const { client } = setup;
    const site = await client.create(Website, website('a'));
    const finalizers = ['example.com/hold'];
    await client.create(Note, {
      metadata: { ...at('child'), finalizers, ownerReferences: [ownerReference(site)] },
    });
    await client.delete(Website, at('a'));
    expect(await names(setup)).toEqual(['child']);
    expect((await client.get(Note, at('child'))).metadata.deletionTimestamp).toBe('2026-01-01T00:00:00Z');
    await client.patch(Note, at('child'), { type: 'merge', patch: { metadata: { finalizers: null } } });
    expect(await names(setup)).toEqual([]);
  });

  it('waits until the owner is really gone', async () => {
    const setup = setUp();
    const { client } = setup;
    const site = await client.create(Website, website('a', {}, { finalizers: ['example.com/hold'] }));
    await client.create(Note, owned('child', [ownerReference(site)]));
    await client.delete(Website, at('a'));
    expect(await names(setup)).toEqual(['child']);
    await client.patch(Website, at('a'), { type: 'merge', patch: { metadata: { finalizers: null } } });
    expect(await names(setup)).toEqual([]);
  });

  it('deletes what names an owner that never was', async () => {
    const setup = setUp();
    const site = await setup.client.create(Website, website('a'));
    const absent = { ...ownerReference(site), name: 'b' };
    await setup.client.create(Note, owned('child', [absent]));
    expect(await names(setup)).toEqual([]);
  });

  it('deletes what is given an absent owner later', async () => {
    const setup = setUp();
    const { client } = setup;
    const reference = ownerReference(await client.create(Website, website('a')));
    await client.create(Note, owned('child', []));
    const patch = { metadata: { ownerReferences: [{ ...reference, uid: 'other' }] } };
    await client.patch(Note, at('child'), { type: 'merge', patch });
    expect(await names(setup)).toEqual([]);
  });

  it('takes an owner that was deleted and created again for another one', async () => {
    const setup = setUp();
    const { client } = setup;
    const site = await client.create(Website, website('a'));
    await client.create(Note, owned('child', [ownerReference(site)]));
    // in one go: the collector finds the new one in its place
    const deleted = client.delete(Website, at('a'));
    const created = client.create(Website, website('a'));
    await Promise.all([deleted, created]);
    expect(await names(setup)).toEqual([]);
  });

  it('spares the namesake of an object that it was to delete', async () => {
    const setup = setUp();
    const { client } = setup;
    const site = await client.create(Website, website('a'));
    await client.create(Note, owned('child', [ownerReference(site)]));
    const writes = [
      client.delete(Website, at('a')),
      client.delete(Note, at('child')),
      client.create(Note, owned('child', [])),
    ];
    await Promise.all(writes);
    expect(await names(setup)).toEqual(['child']);
  });

  it('keeps an object while one of its owners is there, and takes away the references to the others', async () => {
    const setup = setUp();
    const { client } = setup;
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((name) => client.create(Website, website(name))));
    if (a === undefined || b === undefined || c === undefined) throw new Error('three websites');
    await client.create(Note, owned('child', [ownerReference(a), controllerReference(b), ownerReference(c)]));
    await client.delete(Website, at('a'));
    expect(await names(setup)).toEqual(['child']);
    const { metadata } = await client.get(Note, at('child'));
    expect(metadata.ownerReferences).toEqual([controllerReference(b), ownerReference(c)]);
    expect(metadata.generation).toBe(1);
    await client.delete(Website, at('b'));
    await client.delete(Website, at('c'));
    expect(await names(setup)).toEqual([]);
  });

  it('looks for a namespaced owner in the namespace of the object alone', async () => {
    const setup = setUp();
    const { client } = setup;
    const site = await client.create(Website, website('a'));
    await client.create(Note, owned('child', [ownerReference(site)], 'other'));
    expect(await names(setup)).toEqual([]);
  });

  it('knows owners of the whole cluster', async () => {
    const setup = setUp();
    const { client } = setup;
    const region = await client.create(Region, { metadata: { name: 'eu' } });
    await client.create(Note, owned('child', [ownerReference(region)]));
    await client.create(Region, { metadata: { name: 'part', ownerReferences: [ownerReference(region)] } });
    expect(await names(setup)).toEqual(['child']);
    await client.delete(Region, { name: 'eu' });
    expect(await names(setup)).toEqual([]);
    await failure(client.get(Region, { name: 'part' }), 'NotFound');
  });

  it('keeps a cluster object that names a namespaced owner, which nobody can find', async () => {
    const setup = setUp();
    const { client } = setup;
    const site = await client.create(Website, website('a'));
    await client.create(Region, { metadata: { name: 'part', ownerReferences: [ownerReference(site)] } });
    await client.delete(Website, keyOf(site));
    await client.barrier();
    expect((await client.get(Region, { name: 'part' })).metadata.name).toBe('part');
  });

  it('finds an owner under any served version of its kind', async () => {
    const setup = setUp({}, WebsiteV2);
    const { client } = setup;
    const site = await client.create(Website, website('a'));
    await client.create(Note, owned('child', [{ ...ownerReference(site), apiVersion: 'example.com/v2' }]));
    await client.create(Note, owned('elder', [{ ...ownerReference(site), apiVersion: 'example.com/v9' }]));
    expect(await names(setup)).toEqual(['child', 'elder']);
  });

  it('takes an owner of a kind that is not served to be there', async () => {
    const setup = setUp();
    const foreign = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a', uid: 'x' };
    await setup.client.create(Note, owned('child', [foreign]));
    expect(await names(setup)).toEqual(['child']);
  });

  it('ends for owners in a circle, when one of them is deleted', async () => {
    const setup = setUp();
    const { client } = setup;
    const a = await client.create(Note, owned('a', []));
    const b = await client.create(Note, owned('b', [ownerReference(a)]));
    await client.create(Note, owned('c', [ownerReference(b)]));
    await client.patch(Note, at('a'), {
      type: 'merge',
      patch: { metadata: { ownerReferences: [ownerReference(await client.get(Note, at('c')))] } },
    });
    expect(await names(setup)).toEqual(['a', 'b', 'c']);
    await client.delete(Note, at('b'));
    expect(await names(setup)).toEqual([]);
  });

  it('leaves an object that owns itself alone', async () => {
    const setup = setUp();
    const { client } = setup;
    const a = await client.create(Note, owned('a', []));
    const patch = { metadata: { ownerReferences: [ownerReference(a)] } };
    await client.patch(Note, at('a'), { type: 'merge', patch });
    expect(await names(setup)).toEqual(['a']);
    await client.delete(Note, at('a'));
    expect(await names(setup)).toEqual([]);
  });

  it('deletes thousands that one object owns', async () => {
    const setup = setUp();
    const { client } = setup;
    const site = await client.create(Website, website('a'));
    for (let index = 0; index < 2_000; index += 1) {
      await client.create(Note, owned(`child-${index}`, [ownerReference(site)]));
    }
    await client.delete(Website, at('a'));
    expect(await names(setup)).toEqual([]);
  });

  it('does nothing more once the store is closed', async () => {
    const { client, store } = setUp();
    const site = await client.create(Website, website('a'));
    await client.create(Note, owned('child', [ownerReference(site)]));
    const deleted = client.delete(Website, at('a'));
    await store.close();
    await deleted;
    await store.idle();
  });
});
