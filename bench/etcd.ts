import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { ConfigMap } from '../src/resources/kinds/index.js';
import { ObjectStore } from '../src/store/index.js';
import { noopLogger, systemClock, systemRandom } from '../src/core/index.js';
import { etcdStorage } from '../src/store/storage/etcd/index.js';
import { TXN, type TxnRequest } from '../src/store/storage/etcd/txn.js';
import { ProtobufWriter } from '../src/store/storage/etcd/protobuf-writer.js';
import type { StorageSession } from '../src/store/storage/storage.js';
import { RealEtcd } from '../test/store/storage/etcd/real-etcd.js';

// what a session makes of an etcd, against nothing but puts of the same bytes through the same gRPC client:
// `node --expose-gc --import tsx bench/etcd.ts [rounds]`
const IN_FLIGHT = 100;
const WRITES = 2_000;
const VALUE = JSON.stringify({ metadata: { name: 'a' }, data: { text: 'x'.repeat(1_000) } }).slice(0, 1_024);
const rounds = Number(process.argv[2] ?? 10);

const etcd = await RealEtcd.start();
const raw = new Client(`127.0.0.1:${etcd.port}`, credentials.createInsecure(), {
  'grpc.use_local_subchannel_pool': 1,
});

function call(path: string, body: Buffer): Promise<unknown> {
  return new Promise((resolve, reject) => {
    raw.makeUnaryRequest(path, asIs, asIs, body, new Metadata(), (error, value) =>
      error === null ? resolve(value) : reject(error),
    );
  });
}

function asIs(bytes: Buffer): Buffer {
  return bytes;
}

/** etcd's plain put. */
function rawPut(key: string): Promise<unknown> {
  const writer = new ProtobufWriter();
  writer.text(1, key);
  writer.text(2, VALUE);
  return call('/etcdserverpb.KV/Put', writer.finish());
}

/** What a session without heads would send. */
function rawTxn(key: string, operations: TxnRequest['success']): Promise<unknown> {
  const compares = [{ key, target: 'modRevision', is: 'equal', to: 0 }] as const;
  return call(TXN.path, TXN.encode({ compares, success: [{ put: { key, value: VALUE } }, ...operations] }));
}

async function openSession(load: boolean): Promise<StorageSession> {
  const listener = { changed: () => undefined, lost: () => undefined, failed: () => undefined };
  const storage = etcdStorage({ endpoints: [etcd.endpoint], prefix: `/${load}`, compactionInterval: 0 });
  const context = { clock: systemClock, random: systemRandom, logger: noopLogger, listener };
  const session = await storage.open?.(context);
  if (session === undefined) throw new Error('Expected a storage that can be opened');
  if (load) await session.load(() => undefined);
  return session;
}

function commit(session: StorageSession, key: string): Promise<unknown> {
  return session.commit({
    compares: [{ collection: 'pods', key, revision: 0 }],
    writes: [{ collection: 'pods', key, value: VALUE }],
  });
}

const store = new ObjectStore({
  resources: [ConfigMap],
  storage: etcdStorage({ endpoints: [etcd.endpoint], prefix: '/store', compactionInterval: 0 }),
});
const client = store.client();

/** As many bytes, with the metadata that a store adds. */
function create(key: string): Promise<unknown> {
  const metadata = { namespace: 'default', name: key.slice('default/'.length) };
  return client.create(ConfigMap, { metadata, data: { text: 'x'.repeat(750) } });
}

const watching = await openSession(true);
const silent = await openSession(false);
const ways: Readonly<Record<string, (key: string) => Promise<unknown>>> = {
  'raw put': rawPut,
  'raw put, once more': rawPut,
  'raw transaction: 1 compare, 1 put': (key) => rawTxn(`/raw/o/pods/${key}`, []),
  'raw transaction: 1 compare, 2 puts': (key) =>
    rawTxn(`/raw/o/pods/${key}`, [{ put: { key: '/raw/1/h/pods', value: '' } }]),
  'session.commit, before it watches': (key) => commit(silent, key),
  'session.commit, while it watches': (key) => commit(watching, key),
  'store.create of a ConfigMap as long': create,
};

let count = 0;

interface Measured {
  readonly perSecond: number;
  /** Microseconds of this process that a write took: says more than the rate where the machine has other work too. */
  readonly cpu: number;
}

/** Writes, with so many on their way at any time. */
async function measure(write: (key: string) => Promise<unknown>): Promise<Measured> {
  globalThis.gc?.();
  let left = WRITES;
  const cpu = process.cpuUsage();
  const start = performance.now();
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await write(`default/object-${(count += 1)}`);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  const perSecond = (WRITES / (performance.now() - start)) * 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond, cpu: (user + system) / WRITES };
}

try {
  const names = Object.keys(ways);
  const measured = new Map(names.map((name) => [name, [] as Measured[]]));
  for (let round = -1; round < rounds; round += 1) {
    // another way is first each time; the round before the first warms up
    for (let turn = 0; turn < names.length; turn += 1) {
      const name = names[(turn + round + 1) % names.length] as string;
      const result = await measure(ways[name] as (key: string) => Promise<unknown>);
      if (round >= 0) measured.get(name)?.push(result);
    }
  }
  const floor = measured.get('raw put') ?? [];
  for (const [name, results] of measured) {
    const row = {
      name,
      perSecond: Math.round(median(results.map(({ perSecond }) => perSecond))),
      best: Math.round(Math.max(...results.map(({ perSecond }) => perSecond))),
      // round by round, as the machine's other work comes and goes
      ofRawPut: Number(
        median(results.map(({ perSecond }, round) => perSecond / (floor[round]?.perSecond ?? 0))).toFixed(2),
      ),
      cpuMicroseconds: Math.round(median(results.map(({ cpu }) => cpu))),
    };
    console.log(JSON.stringify(row));
  }
} finally {
  raw.close();
  await Promise.all([watching.close(), silent.close(), store.close()]);
  await etcd.remove();
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
