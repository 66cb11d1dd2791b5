import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { etcdStorage } from '../../../../src/store/storage/etcd/index.js';
import { storageConformance, type StorageUnderTest } from '../../../../src/testing/index.js';
import type { StorageSession } from '../../../../src/store/storage/storage.js';
import { CuttableProxy } from './cuttable-proxy.js';
import { loaded, open } from './kit.js';
import { hasEtcd, RealEtcd } from './real-etcd.js';

const TIMEOUT = 120_000;

describe.skipIf(!hasEtcd())('the etcd storage', () => {
  let etcd: RealEtcd;
  let spaces = 0;

  beforeAll(async () => {
    etcd = await RealEtcd.start();
  });
  afterAll(() => etcd.remove());

  const options = { compactionInterval: 0, requestTimeout: 10_000 };
  const create = async (): Promise<StorageUnderTest> => {
    const own = { ...options, endpoints: [etcd.endpoint], prefix: `/test/${(spaces += 1)}` };
    return { storage: etcdStorage(own), reopen: () => etcdStorage(own) };
  };
  for (const { name, run } of storageConformance({ create, shared: true, shrinks: false }))
    it(name, () => expect(run()).resolves.toBeUndefined(), TIMEOUT);

  /** Its connections end now and then, and etcd stands still for a while; one who is not disturbed knows what really happened. */
  const createDisturbed = async (): Promise<StorageUnderTest> => {
    const prefix = `/test/${(spaces += 1)}`;
    const proxy = await CuttableProxy.to(etcd.port);
    const witness = await open({ ...options, endpoints: [etcd.endpoint], prefix });
    const { revision: start } = await loaded(witness.session);
    const heal = (): void => {
      etcd.unpause();
      proxy.mend();
    };
    const storage = etcdStorage({ ...options, endpoints: [proxy.endpoint], prefix });
    return {
      storage: {
        name: storage.name,
        open: async (context) => {
          const session = await storage.open?.(context);
          if (session === undefined) throw new Error('Expected a storage that can be opened');
          const load: StorageSession['load'] = async (take) => {
            // histories end with a load, and by then the witness has been told of everything
            const newest = (await witness.session.newest?.()) ?? 0;
            if (newest > start) await witness.recorder.reached(newest);
            return session.load(take);
          };
          return {
            load,
            commit: (transaction) => session.commit(transaction),
            newest: async (collection) => (await session.newest?.(collection)) ?? 0,
            replace: (entries, revision) => session.replace(entries, revision),
            compact: (revision) => session.compact(revision),
            close: () => session.close(),
          };
        },
      },
      disturb: (choice) => {
        heal();
        if (choice < 0.4) {
          proxy.cut();
          proxy.mend();
        } else if (choice < 0.6) {
          proxy.cut();
        } else {
          etcd.pause();
        }
      },
      heal,
      log: () => witness.recorder.changes,
      dispose: async () => {
        await witness.session.close();
        await proxy.close();
      },
    };
  };
  const disturbed = { create: createDisturbed, shared: true, shrinks: false, patience: 60_000 };
  const random = storageConformance(disturbed).at(-1);
  it(
    `${random?.name}, while its connections end and etcd stands still`,
    () => expect(random?.run()).resolves.toBeUndefined(),
    TIMEOUT,
  );
});
