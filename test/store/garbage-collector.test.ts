import fc from 'fast-check';
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

/** A Note that names one owner and blocks it. */
function blocking(name: string, owner: Parameters<typeof ownerReference>[0]): { metadata: object } {
  return owned(name, [{ ...ownerReference(owner), blockOwnerDeletion: true }]);
}

describe('a deletion in the foreground', () => {
  it('keeps the owner, marked, until the dependents that block it are gone', async () => {
    const setup = setUp();
    const { client } = setup;
    const finalizers = ['example.com/hold'];
    const owner = await client.create(Note, owned('owner', []));
    const held = blocking('held', owner);
    await client.create(Note, { metadata: { ...held.metadata, finalizers } });
    await client.create(Note, blocking('loose', owner));
    const result = await client.delete(Note, at('owner'), { propagationPolicy: 'Foreground' });
    expect(result.deleted).toBe(false);
    expect(result.object.metadata).toMatchObject({
      finalizers: ['foregroundDeletion'],
      deletionTimestamp: '2026-01-01T00:00:00Z',
      deletionGracePeriodSeconds: 0,
      generation: 2,
    });
    expect(await names(setup)).toEqual(['held', 'owner']);
    await client.patch(Note, at('held'), { type: 'merge', patch: { metadata: { finalizers: null } } });
    expect(await names(setup)).toEqual([]);
  });

  it('deletes dependents that do not block as well, and does not wait for them', async () => {
    const setup = setUp();
    const { client } = setup;
    const owner = await client.create(Note, owned('owner', []));
    const finalizers = ['example.com/hold'];
    await client.create(Note, {
      metadata: { ...at('free'), finalizers, ownerReferences: [ownerReference(owner)] },
    });
    await client.delete(Note, at('owner'), { propagationPolicy: 'Foreground' });
    expect(await names(setup)).toEqual(['free']);
    expect((await client.get(Note, at('free'))).metadata.deletionTimestamp).toBeDefined();
  });

  it('goes down to the dependents of dependents, and comes back from the leaves', async () => {
    const setup = setUp();
    const { client } = setup;
    const a = await client.create(Note, owned('a', []));
    const b = await client.create(Note, blocking('b', a));
    await client.create(Note, blocking('c', b));
    const watch = client.watch(Note, { resourceVersion: '4' });
    await client.delete(Note, at('a'), { propagationPolicy: 'Foreground' });
    expect(await names(setup)).toEqual([]);
    const deleted = (await lines(client, watch)).filter((line) => line.startsWith('DELETED'));
    expect(deleted.map((line) => line.split(' ')[1])).toEqual(['c', 'b', 'a']);
  });

  it('ends where the owners go round in a circle', async () => {
    const setup = setUp();
    const { client } = setup;
    const a = await client.create(Note, owned('a', []));
    const b = await client.create(Note, blocking('b', a));
    const { metadata } = blocking('a', b);
    await client.patch(Note, at('a'), { type: 'merge', patch: { metadata } });
    await client.delete(Note, at('a'), { propagationPolicy: 'Foreground' });
    expect(await names(setup)).toEqual([]);
  });

  it('keeps a dependent that another owner keeps, without the reference to the one that goes', async () => {
    const setup = setUp();
    const { client } = setup;
    const going = await client.create(Note, owned('going', []));
    const staying = await client.create(Note, owned('staying', []));
    const both = [{ ...ownerReference(going), blockOwnerDeletion: true }, ownerReference(staying)];
    await client.create(Note, owned('child', both));
    await client.delete(Note, at('going'), { propagationPolicy: 'Foreground' });
    expect(await names(setup)).toEqual(['child', 'staying']);
    expect((await client.get(Note, at('child'))).metadata.ownerReferences).toEqual([ownerReference(staying)]);
  });

  it('lets the owner go when a dependent gives up blocking', async () => {
    const setup = setUp();
    const { client } = setup;
    const owner = await client.create(Note, owned('owner', []));
    const finalizers = ['example.com/hold'];
    const { metadata } = blocking('child', owner);
    await client.create(Note, { metadata: { ...metadata, finalizers } });
    await client.delete(Note, at('owner'), { propagationPolicy: 'Foreground' });
    expect(await names(setup)).toEqual(['child', 'owner']);
    const ownerReferences = [ownerReference(owner)];
    await client.patch(Note, at('child'), { type: 'merge', patch: { metadata: { ownerReferences } } });
    expect(await names(setup)).toEqual(['child']);
  });

  it('keeps other finalizers, and takes one that is there for the policy', async () => {
    const setup = setUp();
    const { client } = setup;
    const finalizers = ['example.com/hold', 'foregroundDeletion'];
    const owner = await client.create(Note, { metadata: { ...at('owner'), finalizers } });
    await client.create(Note, blocking('child', owner));
    await client.delete(Note, at('owner'));
    expect(await names(setup)).toEqual(['owner']);
    expect((await client.get(Note, at('owner'))).metadata.finalizers).toEqual(['example.com/hold']);
  });
});

describe('a deletion that orphans', () => {
  it('takes the references off the dependents, and then deletes the owner alone', async () => {
    const setup = setUp();
    const { client } = setup;
    const owner = await client.create(Note, owned('owner', []));
    const other = await client.create(Note, owned('other', []));
    await client.create(Note, blocking('one', owner));
    await client.create(Note, owned('two', [ownerReference(owner), ownerReference(other)]));
    const result = await client.delete(Note, at('owner'), { propagationPolicy: 'Orphan' });
    expect(result).toMatchObject({ deleted: false, object: { metadata: { finalizers: ['orphan'] } } });
    expect(await names(setup)).toEqual(['one', 'other', 'two']);
    expect((await client.get(Note, at('one'))).metadata.ownerReferences).toBeUndefined();
    expect((await client.get(Note, at('two'))).metadata.ownerReferences).toEqual([ownerReference(other)]);
  });

  it('overrides a finalizer that says otherwise, as Background does', async () => {
    const setup = setUp();
    const { client } = setup;
    for (const [name, propagationPolicy] of [
      ['a', 'Orphan'],
      ['b', 'Background'],
      ['c', 'Foreground'],
    ] as const) {
      const finalizers = [name === 'a' ? 'foregroundDeletion' : 'orphan'];
      const owner = await client.create(Note, { metadata: { ...at(name), finalizers } });
      await client.create(Note, blocking(`${name}-child`, owner));
      await client.delete(Note, at(name), { propagationPolicy });
    }
    expect(await names(setup)).toEqual(['a-child']);
  });

  it('keeps its policy: a second deletion changes nothing', async () => {
    const { client } = setUp();
    const finalizers = ['example.com/hold'];
    await client.create(Note, { metadata: { ...at('a'), finalizers } });
    const first = await client.delete(Note, at('a'));
    const second = await client.delete(Note, at('a'), { propagationPolicy: 'Orphan', gracePeriodSeconds: 0 });
    expect(second).toEqual({ ...first, object: first.object });
    expect(second.object).toBe(first.object);
  });
});

describe('any graph of owners', () => {
  const policies = ['Background', 'Foreground', 'Orphan'] as const;
  const reference = fc.record({ to: fc.nat(5), blocks: fc.boolean() });
  const graph = fc.array(fc.array(reference, { maxLength: 3 }), { minLength: 1, maxLength: 6 });

  it('keeps what an owner that stays reaches, and nothing that only those owned that went', async () => {
    await fc.assert(
      fc.asyncProperty(graph, fc.nat(5), fc.constantFrom(...policies), async (edges, root, policy) => {
        const setup = setUp();
        const { client } = setup;
        const notes: Parameters<typeof ownerReference>[0][] = [];
        for (const [index] of edges.entries()) notes.push(await client.create(Note, owned(`n${index}`, [])));
        const owners = edges.map((references, index) =>
          references
            .filter(({ to }) => to < edges.length && to !== index)
            .filter(({ to }, place, all) => all.findIndex((other) => other.to === to) === place),
        );
        for (const [index, references] of owners.entries()) {
          const ownerReferences = references.map(({ to, blocks }) => ({
            ...ownerReference(notes[to] as (typeof notes)[0]),
            blockOwnerDeletion: blocks,
          }));
          const patch = { metadata: { ownerReferences } };
          await client.patch(Note, at(`n${index}`), { type: 'merge', patch });
        }
        const target = root % edges.length;
        await client.delete(Note, at(`n${target}`), { propagationPolicy: policy });
        const left = await names(setup);

        // the model: an object goes when the deletion named it, or when it had owners and all of them went
        const gone = new Set([target]);
        const survives = owners.map((references) =>
          references.filter(({ to }) => policy !== 'Orphan' || to !== target),
        );
        for (let changed = true; changed; ) {
          changed = false;
          for (const [index, references] of survives.entries()) {
            if (gone.has(index) || references.length === 0) continue;
            if (!references.every(({ to }) => gone.has(to))) continue;
            gone.add(index);
            changed = true;
          }
        }
        const expected = edges.map((_, index) => `n${index}`).filter((_, index) => !gone.has(index));
        expect(left).toEqual(expected);
        for (const item of (await client.list(Note)).items) {
          expect(item.metadata.deletionTimestamp).toBeUndefined();
          for (const { name } of item.metadata.ownerReferences ?? []) expect(left).toContain(name);
        }
      }),
    );
  });
});
