import { describe, expect, it } from 'vitest';
import { ownerReference } from '../../src/core/index.js';
import { at, Note, Website, website } from './kit.js';
import { onStorage } from './storage-kit.js';

describe('the garbage collector on a storage', () => {
  it('strips a reference although the dependent is being changed', () =>
    onStorage(async ({ storage, open, clock }) => {
      const { client } = await open();
      const a = await client.create(Website, website('a'));
      const b = await client.create(Website, website('b'));
      await client.create(Note, {
        metadata: { ...at('n'), ownerReferences: [ownerReference(a), ownerReference(b)] },
      });
      storage.setLatency('commit', { least: 10, most: 10 });
      const deletion = client.delete(Website, at('a'));
      await clock.advance(15);
      const patch = client.patch(Note, at('n'), {
        type: 'merge',
        patch: { metadata: { labels: { x: 'y' } } },
      });
      await Promise.all([deletion, patch]);
      await client.barrier();
      const { metadata } = await client.get(Note, at('n'));
      expect(metadata.ownerReferences?.map(({ name }) => name)).toEqual(['b']);
    }));

  it('does not collect what was adopted meanwhile', () =>
    onStorage(
      async ({ storage, open }) => {
        const one = await open();
        const two = await open();
        const a = await one.client.create(Website, website('a'));
        const b = await one.client.create(Website, website('b'));
        const n = await one.client.create(Note, {
          metadata: { ...at('n'), ownerReferences: [ownerReference(a)] },
        });
        await two.client.list(Note);
        storage.setLatency('changed', { least: 100, most: 100 });
        const deletion = one.client.delete(Website, at('a'));
        const adopt = two.client.update(Note, {
          ...n,
          metadata: { ...n.metadata, ownerReferences: [ownerReference(b)] },
        });
        await Promise.all([deletion, adopt]);
        for (let i = 0; i < 3; i += 1) {
          await one.client.barrier();
          await two.client.barrier();
        }
        expect((await one.client.list(Note)).items).toHaveLength(1);
      },
      { seeds: [1, 2, 3, 4, 5, 6] },
    ));
});
