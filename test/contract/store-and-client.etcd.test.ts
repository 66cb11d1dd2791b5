import { etcdStorage } from 'keelson/storage/etcd';
import { afterAll, beforeAll, describe } from 'vitest';
import { systemClock } from '../../src/core/index.js';
import { hasEtcd, RealEtcd } from '../store/storage/etcd/real-etcd.js';
import { storeAndClientContract } from './store-and-client.js';

describe.skipIf(!hasEtcd())('the contract of store and client, on a real etcd,', () => {
  let etcd: RealEtcd;
  let prefixes = 0;
  beforeAll(async () => {
    etcd = await RealEtcd.start();
  });
  afterAll(() => etcd.remove());

  storeAndClientContract(async () => {
    prefixes += 1;
    const options = { endpoints: [etcd.endpoint], prefix: `/contract/${prefixes}`, compactionInterval: 0 };
    return { clock: systemClock, storage: etcdStorage(options), reopen: () => etcdStorage(options) };
  });
});
