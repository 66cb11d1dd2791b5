import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noopLogger, VirtualClock } from '../../../../src/core/index.js';
import { Compactor } from '../../../../src/store/storage/etcd/compactor.js';
import type { EtcdClient } from '../../../../src/store/storage/etcd/etcd-client.js';
import { EtcdError } from '../../../../src/store/storage/etcd/etcd-error.js';
import { Keyspace } from '../../../../src/store/storage/etcd/keyspace.js';
import { RANGE } from '../../../../src/store/storage/etcd/range.js';
import { eventually, rawClient, rawPut } from './kit.js';
import { hasEtcd, RealEtcd } from './real-etcd.js';

const INTERVAL = 300_000;

describe.skipIf(!hasEtcd())('the compactor', () => {
  let etcd: RealEtcd;
  let client: EtcdClient;

  beforeAll(async () => {
    etcd = await RealEtcd.start();
    client = rawClient(etcd);
  });
  afterAll(async () => {
    client.close();
    await etcd.remove();
  });

  const canRead = (revision: number): Promise<boolean> =>
    client.call(RANGE, { key: '/a', revision }, false).then(
      () => true,
      (error: unknown) => {
        if (error instanceof EtcdError && error.isCompacted) return false;
        throw error;
      },
    );

  it('lets etcd forget what is older than an interval, once for all who have it', async () => {
    const clock = new VirtualClock();
    const options = { client, clock, logger: noopLogger, keyspace: new Keyspace('/k'), interval: INTERVAL };
    const compactors = Array.from({ length: 3 }, () => new Compactor(options));
    for (const compactor of compactors) compactor.start();
    const turn = async (): Promise<void> => {
      await clock.advance(INTERVAL);
      // each has done its turn when it waits for the next
      await eventually(
        async () => clock.timers,
        (timers) => timers === 3,
      );
    };
    const first = await rawPut(client, '/a', '1');
    await turn();
    expect(await canRead(first)).toBe(true);
    const second = await rawPut(client, '/a', '2');
    await turn();
    expect(await canRead(first)).toBe(false);
    expect(await canRead(second)).toBe(true);
    const third = await rawPut(client, '/a', '3');
    await turn();
    expect(await canRead(second)).toBe(false);
    expect(await canRead(third)).toBe(true);
    await turn();
    await turn();
    const shared = await client.call(RANGE, { key: '/k/compacted' }, false);
    // one write in each turn
    expect(shared.items[0]?.version).toBe(5);
    for (const compactor of compactors) compactor.stop();
    expect(clock.timers).toBe(0);
  });
});
