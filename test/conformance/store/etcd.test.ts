import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { etcdStorage } from '../../../src/store/storage/etcd/index.js';
import { type StorageUnderTest, storeConformance } from '../../../src/testing/index.js';
import { CuttableProxy } from '../../store/storage/etcd/cuttable-proxy.js';
import { hasEtcd, RealEtcd } from '../../store/storage/etcd/real-etcd.js';

const TIMEOUT = 60_000;

describe.skipIf(!hasEtcd())('on a real etcd', () => {
  let etcd: RealEtcd;
  let prefixes = 0;
  beforeAll(async () => {
    etcd = await RealEtcd.start();
  });
  afterAll(() => etcd.remove());

  /** A storage under a prefix of its own. */
  const create = async (): Promise<StorageUnderTest> => {
    prefixes += 1;
    const options = { endpoints: [etcd.endpoint], prefix: `/conformance/${prefixes}`, compactionInterval: 0 };
    return { storage: etcdStorage(options), reopen: () => etcdStorage(options) };
  };

  /** The same, over connections that break now and then. */
  const createCuttable = async (): Promise<StorageUnderTest> => {
    prefixes += 1;
    const proxy = await CuttableProxy.to(etcd.port);
    const options = {
      endpoints: [proxy.endpoint],
      prefix: `/conformance/${prefixes}`,
      compactionInterval: 0,
      requestTimeout: 1_000,
    };
    return {
      storage: etcdStorage(options),
      pace: 20,
      disturb: (choice) => {
        if (choice < 0.4) proxy.cut();
        else proxy.mend();
      },
      heal: () => proxy.mend(),
      dispose: () => proxy.close(),
    };
  };
  const disturbed = { runs: 8, steps: 60, shrinks: false };

  describe('a store on an etcd storage whose connections break', () => {
    const cases = storeConformance({ create: createCuttable, shared: true, disturbs: true, ...disturbed });
    const random = cases.at(-1);
    if (random !== undefined) it(random.name, () => expect(random.run()).resolves.toBeUndefined(), TIMEOUT);
  });

  describe('a store on an etcd storage', () => {
    const cases = storeConformance({ create, shared: true, durable: true, runs: 20 });
    for (const { name, run } of cases) it(name, () => expect(run()).resolves.toBeUndefined(), TIMEOUT);
  });
});
