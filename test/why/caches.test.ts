import { describe, expect, it } from 'vitest';
import { keyOf } from '../../src/core/index.js';
import { InformerFactory } from '../../src/informer/index.js';
import { metadataOnly } from '../../src/resources/index.js';
import { at, setUp, Website, website } from '../store/kit.js';
import { onStorage } from '../store/storage-kit.js';

describe('a cache', () => {
  it('begins with nothing older than what was there before, though the server that it asks is behind', () =>
    onStorage(async ({ storage, open, clock }) => {
      const one = await open();
      const two = await open();
      storage.setLatency('changed', { least: 60_000, most: 60_000 });
      const write = one.client.create(Website, website('a'));
      await clock.advance(1_000);
      // what a list of "0" would begin with
      expect((await two.client.list(Website, { resourceVersion: '0' })).items).toEqual([]);
      await write;
      await using informers = new InformerFactory({ client: two.client });
      const websites = informers.for(Website);
      await informers.start();
      expect(websites.lister.get(at('a'))).toBeDefined();
    }));

  it('of the metadata alone shares it with the cache of the whole objects', async () => {
    const { store, client } = setUp();
    const created = await client.create(Website, website('a'));
    await using informers = new InformerFactory({ client });
    const whole = informers.for(Website);
    const alone = informers.for(metadataOnly(Website));
    await informers.start();
    const object = alone.lister.get(keyOf(created));
    expect(object).not.toHaveProperty('spec');
    expect(object?.metadata).toBe(whole.lister.get(keyOf(created))?.metadata);
    await informers.stop();
    await store.close();
  });
});
