import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Difference } from '../../src/store/index.js';
import { at, failure, fieldsOf, Note, Region, setUp, Website, website } from './kit.js';

function lineOf({ type, kind, key }: Difference): string {
  return `${type} ${kind} ${key.namespace === undefined ? '' : `${key.namespace}/`}${key.name}`;
}

describe('the past of a store', () => {
  it('is read by object and by list', async () => {
    const { client, store } = setUp();
    const first = await client.create(Website, website('a'));
    const second = await client.update(Website, { ...first, spec: { ...first.spec, replicas: 2 } });
    await client.create(Website, website('b', {}, { labels: { tier: 'web' } }));
    await client.delete(Website, at('a'));
    expect(await store.getAt(Website, at('a'), '2')).toBe(first);
    expect(await store.getAt(Website, at('a'), '3')).toBe(second);
    expect(await store.getAt(Website, at('a'), '4')).toBe(second);
    await failure(store.getAt(Website, at('a'), '5'), 'NotFound');
    await failure(store.getAt(Website, at('b'), '3'), 'NotFound');
    expect((await store.listAt(Website, '4')).items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    const labelSelector = 'tier=web';
    expect((await store.listAt(Website, '4', { labelSelector })).items).toHaveLength(1);
    expect((await store.listAt(Website, '5')).resourceVersion).toBe('5');
  });

  it('is compared between two revisions, the second of which is the newest unless given', async () => {
    const { client, store } = setUp();
    const a = await client.create(Website, website('a'));
    await client.create(Note, { metadata: at('n') });
    await client.create(Region, { metadata: { name: 'eu' } });
    const changed = await client.update(Website, { ...a, spec: { ...a.spec, replicas: 2 } });
    await client.delete(Note, at('n'));
    await client.create(Note, { metadata: at('n') });
    await client.create(Note, { metadata: at('brief') });
    await client.delete(Note, at('brief'));
    await client.delete(Region, { name: 'eu' });
    const differences = await store.diff('4');
    expect(differences.map(lineOf)).toEqual([
      'MODIFIED Website default/a',
      'DELETED Note default/n',
      'ADDED Note default/n',
      'DELETED Region eu',
    ]);
    expect(differences[0]).toEqual({
      type: 'MODIFIED',
      apiVersion: 'example.com/v1',
      kind: 'Website',
      key: at('a'),
      before: a,
      after: changed,
    });
    expect((await store.diff('1', '4')).map(lineOf)).toEqual([
      'ADDED Website default/a',
      'ADDED Note default/n',
      'ADDED Region eu',
    ]);
    expect(await store.diff('5', '5')).toEqual([]);
    expect(await store.diff('10')).toEqual([]);
  });

  it('ends where it is compacted: older reads and watches are Expired, newer ones go on', async () => {
    const { client, store } = setUp();
    for (const name of ['a', 'b', 'c']) await client.create(Note, { metadata: at(name) });
    await store.compact('3');
    await failure(store.getAt(Note, at('a'), '2'), 'Expired');
    await failure(store.diff('2'), 'Expired');
    await failure(client.watch(Note, { resourceVersion: '2' }).next(), 'Expired');
    expect((await store.listAt(Note, '3')).items).toHaveLength(2);
    expect((await store.diff('3')).map(lineOf)).toEqual(['ADDED Note default/c']);
    await store.compact();
    expect((await store.listAt(Note, '4')).items).toHaveLength(3);
    await failure(store.compact('3'), 'Expired');
  });

  it('is kept for as long as the store is told', async () => {
    const { client, store, clock } = setUp({ historyAge: 60_000 });
    await client.create(Note, { metadata: at('a') });
    await clock.advance(40_000);
    await client.create(Note, { metadata: at('b') });
    await clock.advance(30_000);
    await client.create(Note, { metadata: at('c') });
    await failure(store.getAt(Note, at('a'), '1'), 'Expired');
    expect((await store.getAt(Note, at('a'), '2')).metadata.name).toBe('a');
  });

  it('takes revisions that there were, in order', async () => {
    const { client, store } = setUp();
    await client.create(Note, { metadata: at('a') });
    for (const revision of ['', '0', 'x', '-1', 2 as unknown as string]) {
      await failure(store.getAt(Note, at('a'), revision), 'BadRequest');
      await failure(store.diff(revision), 'BadRequest');
    }
    await failure(store.getAt(Note, at('a'), '9'), 'Timeout');
    await failure(store.listAt(Note, '9'), 'Timeout');
    expect(fieldsOf(await failure(store.diff('2', '1'), 'BadRequest'))).toEqual(['to']);
    await failure(store.getAt(Note, { name: 'a' }, '2'), 'BadRequest');
    await store.close();
    await failure(store.getAt(Note, at('a'), '2'), 'ServiceUnavailable');
  });

  it('must be given a sensible age', () => {
    for (const historyAge of [-1, Number.NaN]) expect(() => setUp({ historyAge })).toThrow('historyAge');
  });

  it('agrees with lists that were taken at the time, whatever happened', async () => {
    const action = fc.record({ name: fc.constantFrom('a', 'b', 'c'), act: fc.constantFrom('put', 'delete') });
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 25 }), async (actions) => {
        const { client, store } = setUp();
        const taken = [await client.list(Note)];
        for (const [index, { name, act }] of actions.entries()) {
          if (act === 'put') await client.apply(Note, { metadata: at(name), index });
          else await client.delete(Note, at(name)).catch(() => undefined);
          taken.push(await client.list(Note));
        }
        for (const { items, resourceVersion } of taken) {
          expect((await store.listAt(Note, resourceVersion)).items).toEqual(items);
        }
        const [before] = taken;
        const after = taken.at(-1);
        const differences = await store.diff(before?.resourceVersion ?? '', after?.resourceVersion);
        const rebuilt = new Map(before?.items.map((item) => [item.metadata.name, item]));
        for (const { type, key, after: next } of differences) {
          if (type === 'DELETED') rebuilt.delete(key.name);
          else rebuilt.set(key.name, next as never);
        }
        expect([...rebuilt.keys()].sort().map((name) => rebuilt.get(name))).toEqual(after?.items);
      }),
    );
  });
});
