import { describe, expect, it } from 'vitest';
import { ObjectStore } from '../../src/store/index.js';
import { SimulatedStorage } from '../../src/testing/index.js';
import { at, failure } from './kit.js';
import { MODE, WidgetV1, WidgetV2, Widgets } from './versioned-kit.js';

describe('objects that were stored in another version', () => {
  it('are read in the storage version of today, and written in it', async () => {
    const storage = new SimulatedStorage();
    const before = new ObjectStore({ resources: [WidgetV1], storage });
    const spec = { size: '3x4', mode: 'quiet' };
    const old = await before.client().create(WidgetV1, { metadata: at('a'), spec });
    await before.close();

    const store = new ObjectStore({ resources: [Widgets], storage });
    const client = store.client();
    const now = await client.get(WidgetV2, at('a'));
    expect(now).toMatchObject({
      apiVersion: 'example.com/v2',
      metadata: { ...old.metadata, annotations: { [MODE]: 'quiet' } },
      spec: { width: 3, height: 4, replicas: 1 },
    });
    expect(await client.get(WidgetV1, at('a'))).toEqual(old);
    await client.patch(WidgetV1, at('a'), { type: 'merge', patch: { spec: { size: '5x6' } } });
    await store.close();
    expect(JSON.parse(storage.entries.find(({ key }) => key === 'default/a')?.value ?? '')).toMatchObject({
      apiVersion: 'example.com/v2',
      spec: { width: 5, height: 6 },
    });
  });

  it('keep a store that does not know the version from opening', async () => {
    const storage = new SimulatedStorage();
    const before = new ObjectStore({ resources: [WidgetV1], storage });
    await before.client().create(WidgetV1, { metadata: at('a'), spec: { size: '3x4' } });
    await before.close();
    const store = new ObjectStore({ resources: [WidgetV2], storage });
    const error = await failure(store.open(), 'InternalError');
    expect(error.message).toContain('expected a Widget in example.com/v2');
    await store.close();
  });
});
