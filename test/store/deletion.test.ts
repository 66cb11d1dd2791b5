import { describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/index.js';
import type { ObjectOf } from '../../src/resources/index.js';
import { Pod } from '../../src/resources/kinds/index.js';
import { at, failure, fieldsOf, lines, Note, setUp } from './kit.js';

async function pod(
  client: Client,
  spec: { readonly nodeName?: string; readonly terminationGracePeriodSeconds?: number } = {},
): Promise<ObjectOf<typeof Pod>> {
  return client.create(Pod, {
    metadata: at('a'),
    spec: { containers: [{ name: 'a', image: 'a' }], ...spec },
  });
}

describe('the deletion of a Pod', () => {
  it('is at once without a node', async () => {
    const { client } = setUp({}, Pod);
    await pod(client);
    expect((await client.delete(Pod, at('a'), { gracePeriodSeconds: 60 })).deleted).toBe(true);
  });

  it('gives a Pod on a node the time that it or the request says', async () => {
    for (const [own, asked, grace, time] of [
      [undefined, undefined, 30, '00:00:30'],
      [5, undefined, 5, '00:00:05'],
      [5, 90, 90, '00:01:30'],
      [5, -1, 1, '00:00:01'],
    ] as const) {
      const { client } = setUp({}, Pod);
      const spec = own === undefined ? {} : { terminationGracePeriodSeconds: own };
      await pod(client, { nodeName: 'n', ...spec });
      const { object, deleted } = await client.delete(Pod, at('a'), { gracePeriodSeconds: asked });
      expect(deleted).toBe(false);
      expect(object.metadata).toMatchObject({
        deletionGracePeriodSeconds: grace,
        deletionTimestamp: `2026-01-01T${time}Z`,
      });
      expect((await client.delete(Pod, at('a'), { gracePeriodSeconds: 0 })).deleted).toBe(true);
      await failure(client.get(Pod, at('a')), 'NotFound');
    }
  });

  it('takes no time where the request says so, or where the Pod has run', async () => {
    const { client } = setUp({}, Pod);
    await pod(client, { nodeName: 'n' });
    expect((await client.delete(Pod, at('a'), { gracePeriodSeconds: 0 })).deleted).toBe(true);
    await pod(client, { nodeName: 'n' });
    const patch = { type: 'merge', patch: { status: { phase: 'Succeeded' } } } as const;
    await client.patch(Pod, at('a'), patch, { subresource: 'status' });
    expect((await client.delete(Pod, at('a'))).deleted).toBe(true);
  });

  it('can be sped up and not put off, and never ends before now', async () => {
    const { client, clock } = setUp({}, Pod);
    await pod(client, { nodeName: 'n' });
    const first = await client.delete(Pod, at('a'));
    for (const gracePeriodSeconds of [undefined, 30, 60]) {
      expect((await client.delete(Pod, at('a'), { gracePeriodSeconds })).object).toBe(first.object);
    }
    await clock.advance(2_000);
    const sooner = await client.delete(Pod, at('a'), { gracePeriodSeconds: 10 });
    expect(sooner.object.metadata).toMatchObject({
      deletionGracePeriodSeconds: 10,
      deletionTimestamp: '2026-01-01T00:00:10Z',
      generation: first.object.metadata.generation,
    });
    const now = await client.delete(Pod, at('a'), { gracePeriodSeconds: 1 });
    expect(now.object.metadata.deletionTimestamp).toBe('2026-01-01T00:00:02Z');
  });

  it('waits for its finalizers after its time, and for its time after its finalizers', async () => {
    const { client } = setUp({}, Pod);
    await pod(client, { nodeName: 'n' });
    const hold = { type: 'merge', patch: { metadata: { finalizers: ['example.com/hold'] } } } as const;
    const release = { type: 'merge', patch: { metadata: { finalizers: null } } } as const;
    await client.patch(Pod, at('a'), hold);
    await client.delete(Pod, at('a'));
    const left = await client.patch(Pod, at('a'), release);
    expect(await client.get(Pod, at('a'))).toBe(left);
    expect((await client.delete(Pod, at('a'), { gracePeriodSeconds: 0 })).deleted).toBe(true);

    await pod(client, { nodeName: 'n' });
    await client.patch(Pod, at('a'), hold);
    await client.delete(Pod, at('a'));
    const over = await client.delete(Pod, at('a'), { gracePeriodSeconds: 0 });
    expect(over).toMatchObject({ deleted: false, object: { metadata: { deletionGracePeriodSeconds: 0 } } });
    await client.patch(Pod, at('a'), release);
    await failure(client.get(Pod, at('a')), 'NotFound');
  });
});

describe('the options of a deletion', () => {
  it('are checked, and grace is for Pods alone', async () => {
    const { client } = setUp();
    await client.create(Note, { metadata: at('a') });
    for (const gracePeriodSeconds of [1.5, Number.NaN, '1' as unknown as number]) {
      const error = await failure(client.delete(Note, at('a'), { gracePeriodSeconds }), 'BadRequest');
      expect(fieldsOf(error)).toEqual(['gracePeriodSeconds']);
    }
    expect((await client.delete(Note, at('a'), { gracePeriodSeconds: 60 })).deleted).toBe(true);
  });

  it('hold for each object of a collection', async () => {
    const { client } = setUp({}, Pod);
    await pod(client, { nodeName: 'n' });
    await client.deleteCollection(Pod, { namespace: 'default' }, { gracePeriodSeconds: 7 });
    expect((await client.get(Pod, at('a'))).metadata.deletionGracePeriodSeconds).toBe(7);
    const note = await client.create(Note, { metadata: at('n') });
    const { resourceVersion } = note.metadata;
    const watch = client.watch(Note, { resourceVersion });
    await client.deleteCollection(Note, { namespace: 'default' }, { propagationPolicy: 'Orphan' });
    expect(await lines(client, watch)).toEqual(['MODIFIED n @5', 'DELETED n @6']);
  });
});
