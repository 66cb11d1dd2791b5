import * as grpc from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noopLogger, systemClock, systemRandom } from '../../../../src/core/index.js';
import { ChangeFeed } from '../../../../src/store/storage/etcd/change-feed.js';
import {
  EtcdClient,
  type WatchListener,
  type WatchStream,
} from '../../../../src/store/storage/etcd/etcd-client.js';
import { Keyspace } from '../../../../src/store/storage/etcd/keyspace.js';
import { Lineage } from '../../../../src/store/storage/etcd/lineage.js';
import { RANGE } from '../../../../src/store/storage/etcd/range.js';
import type { WatchResponse } from '../../../../src/store/storage/etcd/watch-messages.js';
import { loaded, open, Recorder } from './kit.js';
import { hasEtcd, RealEtcd } from './real-etcd.js';

/** A client that keeps what watches are told. */
class RecordingClient extends EtcdClient {
  readonly responses: WatchResponse[] = [];

  override watch(listener: WatchListener): Promise<WatchStream> {
    return super.watch({
      response: (response) => {
        this.responses.push(response);
        listener.response(response);
      },
      ended: (error) => listener.ended(error),
    });
  }
}

describe.skipIf(!hasEtcd())('the feed of changes', () => {
  let etcd: RealEtcd;

  beforeAll(async () => {
    etcd = await RealEtcd.start();
  });
  afterAll(() => etcd.remove());

  it('reads on from any revision, and puts together what etcd cuts up', async () => {
    const { session, recorder } = await open({ endpoints: [etcd.endpoint] });
    const { revision: start } = await loaded(session);
    // a transaction is smaller than what etcd sends at once, and several are not
    const writes = Array.from({ length: 100 }, (_, index) => ({
      collection: 'pods',
      key: `${index}`,
      value: index % 10 === 9 ? undefined : `${index}`.padEnd(12_000, '.'),
    }));
    for (let turn = 0; turn < 8; turn += 1) {
      const { revision } = await session.commit({
        compares: [],
        writes: turn === 5 ? writes.slice(0, 1) : writes,
      });
      await recorder.reached(revision);
    }
    await session.close();

    const channel = new grpc.Channel(`127.0.0.1:${etcd.port}`, grpc.credentials.createInsecure(), {
      'grpc.max_receive_message_length': -1,
    });
    const members = [{ endpoint: etcd.endpoint, channel }];
    const client = new RecordingClient({ grpc, clock: systemClock, members, timeout: 10_000 });
    const keyspace = new Keyspace('/keelson');
    const meta = await client.call(RANGE, { key: keyspace.meta }, false);
    const [item] = meta.items;
    if (item === undefined) throw new Error('Expected a meta key');
    const lineage = new Lineage(keyspace, meta.header, item);
    for (const revision of [start, ...recorder.changes.map((change) => change.revision)]) {
      const again = new Recorder();
      const feed = new ChangeFeed({
        client,
        clock: systemClock,
        random: systemRandom,
        logger: noopLogger,
        keyspace,
        lineage,
        listener: again.context.listener,
        revision: lineage.toEtcd(revision),
        timeout: 10_000,
      });
      const expected = recorder.changes.filter((change) => change.revision > revision);
      feed.start();
      await again.until(() => again.changes.length >= expected.length);
      feed.stop();
      expect(again.changes).toEqual(expected);
    }
    client.close();
    expect(client.responses.some(({ fragment }) => fragment)).toBe(true);
  });
});
