import { describe, expect, it } from 'vitest';
import { edit, ownerReference } from '../../src/core/index.js';
import { defineResource } from '../../src/resources/index.js';
import { Namespace, Pod } from '../../src/resources/kinds/index.js';
import type { ObjectStore } from '../../src/store/index.js';
import { at, Note, setUp, Website, website } from './kit.js';

const DAY = 86_400_000;

/** The reasons of an explanation as lines. */
async function why(
  store: ObjectStore,
  ...[resource, key]: Parameters<ObjectStore['explain']>
): Promise<string[]> {
  const { state, resourceVersion, reasons } = await store.explain(resource, key);
  return [`${state} @${resourceVersion}`, ...reasons.map(({ type, message }) => `${type}: ${message}`)];
}

describe('explain', () => {
  it('tells of an object that nothing is the matter with, and of one that never was', async () => {
    const { store, client } = setUp();
    await client.create(Website, website('a'));
    expect(await why(store, Website, at('a'))).toEqual([
      'present @2',
      'Request: nobody has asked for its deletion',
    ]);
    expect(await why(store, Website, at('b'))).toEqual([
      'unknown @1',
      'NotKept: there is none, and there was none since revision 1, the oldest that is kept',
    ]);
  });

  it('names the owners that keep an object, and those whose deletion took it along', async () => {
    const { store, client } = setUp();
    const owner = await client.create(Website, website('owner'));
    await client.create(Note, { metadata: { ...at('n'), ownerReferences: [ownerReference(owner)] } });
    expect(await why(store, Note, at('n'))).toEqual([
      'present @3',
      'OwnerPresent: its owner Website "owner" is there',
    ]);
    await client.delete(Website, at('owner'));
    await store.idle();
    expect(await why(store, Website, at('owner'))).toEqual([
      'deleted @4',
      'Request: its deletion was asked for at 2026-01-01T00:00:00Z, and nothing held it',
    ]);
    expect(await why(store, Note, at('n'))).toEqual([
      'deleted @5',
      'OwnerGone: its owner Website "owner" had been deleted at revision 4',
    ]);
    await store.compact();
    expect((await store.explain(Note, at('n'))).state).toBe('unknown');
  });

  it('names the finalizers and the dependents that hold an object', async () => {
    const { store, client } = setUp();
    const owner = await client.create(Website, website('owner', {}, { finalizers: ['example.com/cleanup'] }));
    const reference = { ...ownerReference(owner), blockOwnerDeletion: true };
    await client.create(Note, {
      metadata: { ...at('n'), ownerReferences: [reference], finalizers: ['example.com/archive'] },
    });
    await client.delete(Website, at('owner'), { propagationPolicy: 'Foreground' });
    await store.idle();
    expect(await why(store, Website, at('owner'))).toEqual([
      'terminating @4',
      'Finalizer: the finalizer example.com/cleanup has to be removed by whoever set it',
      'Dependents: 1 (Note "n") have to go before it',
    ]);
    const note = await client.get(Note, at('n'));
    await client.update(
      Note,
      edit(note, (draft) => void delete draft.metadata.finalizers),
    );
    await store.idle();
    const site = await client.get(Website, at('owner'));
    await client.update(
      Website,
      edit(site, (draft) => void delete draft.metadata.finalizers),
    );
    expect((await why(store, Website, at('owner'))).slice(1)).toEqual([
      'Request: its deletion had been asked for before 2026-01-01T00:00:00Z, and what held it was gone',
    ]);
  });

  it('tells what is left in a namespace, and what went with it', async () => {
    const { store, client } = setUp({}, Namespace);
    await client.create(Namespace, { metadata: { name: 'team' } });
    await client.create(Note, {
      metadata: { name: 'kept', namespace: 'team', finalizers: ['example.com/x'] },
    });
    await client.create(Note, { metadata: { name: 'gone', namespace: 'team' } });
    await client.delete(Namespace, { name: 'team' });
    await store.idle();
    expect(await why(store, Namespace, { name: 'team' })).toEqual([
      'terminating @7',
      'Content: the namespace is not empty: 1 (Note "kept") are still in it',
    ]);
    expect((await why(store, Note, { name: 'gone', namespace: 'team' })).slice(1)).toEqual([
      'NamespaceTerminating: the deletion of its namespace had been asked for at revision 7',
    ]);
  });

  it('tells of times to live and of grace', async () => {
    const Token = defineResource({ group: 'example.com', version: 'v1', kind: 'Token', ttl: DAY });
    const { store, client, clock } = setUp({}, Token, Pod);
    await client.create(Token, { metadata: at('t') });
    expect(await why(store, Token, at('t'))).toEqual([
      'present @2',
      `TimeToLive: it is deleted ${DAY} ms after its last change`,
    ]);
    await clock.advance(DAY);
    await store.idle();
    expect((await why(store, Token, at('t'))).slice(1)).toEqual([
      `TimeToLive: it had not changed for ${DAY} ms, which is its time to live`,
    ]);
    const containers = [{ name: 'c', image: 'i' }];
    await client.create(Pod, { metadata: at('p'), spec: { containers, nodeName: 'node' } });
    await client.delete(Pod, at('p'), { gracePeriodSeconds: 20 });
    expect((await why(store, Pod, at('p'))).slice(1)).toEqual([
      'GracePeriod: whoever runs it has 20 seconds to wind it up, until 2026-01-02T00:00:20Z, and removes it',
    ]);
  });
});
