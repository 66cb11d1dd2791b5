import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiError } from '../../../../src/core/index.js';
import { ObjectStore, type Storage } from '../../../../src/store/index.js';
import { etcdStorage } from '../../../../src/store/storage/etcd/index.js';
import { describeHostile } from '../../../conformance/store/hostile.js';
import { at, Note } from '../../kit.js';
import { hasEtcd, RealEtcd } from './real-etcd.js';

function storageOn(etcd: RealEtcd, prefix: string): Storage {
  return etcdStorage({ endpoints: [etcd.endpoint], prefix, compactionInterval: 0, requestTimeout: 30_000 });
}

describe.skipIf(!hasEtcd())('with a real etcd', () => {
  describeHostile('on etcd', async () => {
    const etcd = await RealEtcd.start();
    return { open: () => storageOn(etcd, '/hostile'), isDurable: true, dispose: () => etcd.remove() };
  });

  describe('what is too large for etcd as a whole', () => {
    let etcd: RealEtcd;
    let store: ObjectStore;
    beforeAll(async () => {
      etcd = await RealEtcd.start();
      store = new ObjectStore({ resources: [Note], storage: storageOn(etcd, '/large') });
      await store.client().create(Note, { metadata: at('there'), text: 'x' });
    });
    afterAll(async () => {
      await store.close();
      await etcd.remove();
    });

    /** Expects a refusal of something that certainly has not happened, and that nothing of it is there. */
    async function refused(write: () => Promise<unknown>): Promise<void> {
      const client = store.client();
      const before = await client.list(Note);
      const error = (await write().catch((thrown: unknown) => thrown)) as ApiError;
      expect(error).toMatchObject({ reason: 'RequestEntityTooLarge', code: 413, ambiguous: false });
      expect(await client.list(Note)).toEqual(before);
      // and the store goes on
      await client.patch(Note, at('there'), { type: 'merge', patch: { text: `${before.resourceVersion}!` } });
    }

    it.each([2, 3, 10])('a transaction of %i objects of 1 MiB', (count) =>
      refused(() =>
        store.transaction(async (tx) => {
          for (let index = 0; index < count; index += 1) {
            await tx.create(Note, { metadata: at(`large-${index}`), text: 'x'.repeat(1024 * 1024) });
          }
        }),
      ),
    );

    it('an object that has no room left for the request around it', () =>
      refused(async () => {
        const client = store.client();
        const metadata = at('exact');
        const empty = await client.create(Note, { metadata, text: '' }, { dryRun: true });
        const text = 'x'.repeat(1_572_864 - JSON.stringify(empty).length);
        await client.create(Note, { metadata, text });
      }));
  });
});
