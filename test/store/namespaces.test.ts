import { describe, expect, it } from 'vitest';
import { Namespace } from '../../src/resources/kinds/index.js';
import { at, expectDeeplyFrozen, failure, lines, Note, Region, setUp, Website, website } from './kit.js';

async function namespaces(client: ReturnType<typeof setUp>['client']): Promise<string[]> {
  return (await client.list(Namespace)).items.map(({ metadata }) => metadata.name);
}

describe('a store without the kind Namespace', () => {
  it('lets objects live in any namespace', async () => {
    const { client } = setUp();
    await client.create(Website, { ...website('a'), metadata: at('a', 'anywhere') });
    await failure(client.list(Namespace), 'NotFound');
  });
});

describe('a store with the kind Namespace', () => {
  it('has default and kube-system from the start, which cannot be deleted', async () => {
    const { client } = setUp({}, Namespace);
    expect(await namespaces(client)).toEqual(['default', 'kube-system']);
    for (const name of ['default', 'kube-system']) {
      await failure(client.delete(Namespace, { name }), 'Forbidden');
      await failure(client.delete(Namespace, { name }, { dryRun: true }), 'Forbidden');
    }
    await failure(client.deleteCollection(Namespace), 'Forbidden');
    expect(await namespaces(client)).toEqual(['default', 'kube-system']);
  });

  it('refuses to create in a namespace that is missing', async () => {
    const { client } = setUp({}, Namespace);
    await client.create(Website, website('a'));
    await client.create(Region, { metadata: { name: 'eu' } });
    const error = await failure(client.create(Note, { metadata: at('a', 'none') }), 'NotFound');
    expect(error.message).toBe('namespaces "none" not found');
    await client.create(Namespace, { metadata: { name: 'none' } });
    await client.create(Note, { metadata: at('a', 'none') });
  });

  it('takes only a DNS label for the name of a namespace', async () => {
    const { client } = setUp({}, Namespace);
    await failure(client.create(Namespace, { metadata: { name: 'a.b' } }), 'Invalid');
    await failure(client.create(Note, { metadata: at('a', 'a.b') }), 'Invalid');
  });

  it('says in the status of a namespace whether it is there to stay', async () => {
    const { client, store } = setUp({}, Namespace);
    const created = await client.create(Namespace, { metadata: { name: 'team' } });
    expect(created.status).toEqual({ phase: 'Active' });
    await client.create(Note, { metadata: { ...at('n', 'team'), finalizers: ['example.com/hold'] } });
    const { object } = await client.delete(Namespace, { name: 'team' });
    expect(object.status).toEqual({ phase: 'Terminating' });
    expectDeeplyFrozen(object);
    await store.idle();
    const terminating = await client.list(Namespace, { fieldSelector: 'status.phase=Terminating' });
    expect(terminating.items).toEqual([object]);
  });

  it('deletes an empty namespace at once', async () => {
    const { client } = setUp({}, Namespace);
    await client.create(Namespace, { metadata: { name: 'team' } });
    expect((await client.delete(Namespace, { name: 'team' })).deleted).toBe(true);
    expect(await namespaces(client)).toEqual(['default', 'kube-system']);
  });

  it('empties a namespace in the background, and removes it when that is done', async () => {
    const { client, store } = setUp({}, Namespace);
    await client.create(Namespace, { metadata: { name: 'team' } });
    for (const name of ['a', 'b']) {
      await client.create(Website, { ...website(name), metadata: at(name, 'team') });
      await client.create(Note, { metadata: at(name, 'team') });
      await client.create(Note, { metadata: at(name) });
    }
    const watch = client.watch(Namespace, { resourceVersion: '10' });
    const result = await client.delete(Namespace, { name: 'team' });
    expect(result).toMatchObject({
      deleted: false,
      object: { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } },
    });
    await store.idle();
    expect(await namespaces(client)).toEqual(['default', 'kube-system']);
    expect((await client.list(Website)).items).toEqual([]);
    expect((await client.list(Note)).items.map(({ metadata }) => metadata.namespace)).toEqual([
      'default',
      'default',
    ]);
    expect(await lines(client, watch)).toEqual(['MODIFIED team @11', 'DELETED team @16']);
  });

  it('refuses to create in a namespace that is being deleted', async () => {
    const { client, store } = setUp({}, Namespace);
    await client.create(Namespace, { metadata: { name: 'team' } });
    await client.create(Note, { metadata: { ...at('a', 'team'), finalizers: ['example.com/hold'] } });
    await client.delete(Namespace, { name: 'team' });
    await store.idle();
    const error = await failure(client.create(Note, { metadata: at('b', 'team') }), 'Forbidden');
    expect(error.message).toContain('namespace team because it is being terminated');
    // what is there may still change, and its end is the end of the namespace
    expect((await client.get(Note, at('a', 'team'))).metadata.deletionTimestamp).toBeDefined();
    expect((await client.delete(Namespace, { name: 'team' })).deleted).toBe(false);
    await client.patch(Note, at('a', 'team'), { type: 'merge', patch: { metadata: { finalizers: null } } });
    await store.idle();
    await failure(client.get(Namespace, { name: 'team' }), 'NotFound');
    await client.create(Namespace, { metadata: { name: 'team' } });
    await client.create(Note, { metadata: at('b', 'team') });
  });

  it('respects the finalizers of the namespace itself, whichever goes first', async () => {
    for (const first of ['content', 'finalizer'] as const) {
      const { client, store } = setUp({}, Namespace);
      const finalizers = ['example.com/hold'];
      await client.create(Namespace, { metadata: { name: 'team', finalizers } });
      await client.create(Note, { metadata: { ...at('a', 'team'), finalizers } });
      await client.delete(Namespace, { name: 'team' });
      await store.idle();
      const patch = { type: 'merge', patch: { metadata: { finalizers: null } } } as const;
      const release = {
        content: () => client.patch(Note, at('a', 'team'), patch),
        finalizer: () => client.patch(Namespace, { name: 'team' }, patch),
      };
      await release[first]();
      await store.idle();
      expect(await namespaces(client)).toContain('team');
      await release[first === 'content' ? 'finalizer' : 'content']();
      await store.idle();
      expect(await namespaces(client)).toEqual(['default', 'kube-system']);
    }
  });

  it('says in a dry run what a deletion would do', async () => {
    const { client, store } = setUp({}, Namespace);
    await client.create(Namespace, { metadata: { name: 'team' } });
    await client.create(Note, { metadata: at('a', 'team') });
    expect((await client.delete(Namespace, { name: 'team' }, { dryRun: true })).deleted).toBe(false);
    await store.idle();
    expect(await client.list(Note)).toMatchObject({
      resourceVersion: '5',
      items: [{ metadata: at('a', 'team') }],
    });
  });

  it('empties a namespace of thousands', async () => {
    const { client, store } = setUp({}, Namespace);
    await client.create(Namespace, { metadata: { name: 'team' } });
    for (let index = 0; index < 3_000; index += 1)
      await client.create(Note, { metadata: at(`n-${index}`, 'team') });
    await client.delete(Namespace, { name: 'team' });
    await store.idle();
    expect(await namespaces(client)).toEqual(['default', 'kube-system']);
  });
});
