import { type Client, formatKey, InformerFactory, keyOf, ObjectStore } from 'keelson';
import { DeltaFifo, Indexer, SharedInformer } from 'keelson/informer';
import { Pod } from 'keelson/kinds';
import { clientNodeRows } from './client-node.js';
import type { Row } from './harness.js';
import { allPods, PODS, PodSource, updatesOf } from './pod-source.js';
import { makePod } from './pods.js';

const QUEUED = 500_000;
const READS = 1_000_000;
const UPDATES = 200_000;
const WRITES = 20_000;

const INDEXERS = {
  namespace: (pod: Pod): string[] => [pod.metadata.namespace ?? ''],
  node: (pod: Pod): string[] => [pod.spec?.nodeName ?? ''],
};

/** Delta queue, indexer and informer, each goal what client-go reaches on a machine of this kind, unless a row says otherwise. */
export function informerRows(): readonly Row[] {
  return [...fifoRows(), ...indexerRows(), ...sharedInformerRows(), ...clientNodeRows(), ...storeRows()];
}

interface Queued {
  readonly metadata: { readonly namespace: string; readonly name: string };
}

function fifoRows(): readonly Row[] {
  let objects: readonly Queued[] = [];
  const fill = (): void => {
    objects = Array.from({ length: QUEUED }, (_, index) => ({
      metadata: { namespace: `ns-${index % 150}`, name: `p-${String(index).padStart(6, '0')}` },
    }));
  };
  const clear = (): void => {
    objects = [];
  };
  const key = ({ metadata }: Queued): string => formatKey(metadata);
  const ignore = (): void => undefined;
  return [
    {
      name: 'floor: Map, set and delete in turn, keys put together',
      operations: QUEUED,
      beforeAll: fill,
      run: () => {
        const map = new Map<string, Queued>();
        for (const object of objects) {
          map.set(key(object), object);
          map.delete(key(object));
        }
      },
    },
    {
      name: 'floor: Map, set all and then delete all, keys put together',
      operations: QUEUED,
      run: () => {
        const map = new Map<string, Queued>();
        for (const object of objects) map.set(key(object), object);
        for (const each of map.keys()) map.delete(each);
      },
    },
    {
      name: 'delta fifo: add and pop in turn',
      operations: QUEUED,
      goal: 4_000_000,
      floor: 'floor: Map, set and delete in turn, keys put together',
      run: () => {
        const fifo = new DeltaFifo<Queued>({ key });
        for (const object of objects) {
          fifo.add(object);
          fifo.pop(ignore);
        }
      },
    },
    {
      name: 'delta fifo: add all, then pop all one by one',
      operations: QUEUED,
      goal: 800_000,
      floor: 'floor: Map, set all and then delete all, keys put together',
      run: () => {
        const fifo = new DeltaFifo<Queued>({ key });
        for (const object of objects) fifo.add(object);
        while (fifo.pop(ignore));
      },
    },
    {
      name: 'delta fifo: add all, then pop all at once',
      operations: QUEUED,
      goal: 2_400_000,
      floor: 'floor: Map, set all and then delete all, keys put together',
      beforeAll: fill,
      run: () => {
        const fifo = new DeltaFifo<Queued>({ key });
        for (const object of objects) fifo.add(object);
        fifo.popAll(ignore);
      },
      afterAll: clear,
    },
  ];
}

function indexerRows(): readonly Row[] {
  let pods: readonly Pod[] = [];
  let keys: readonly string[] = [];
  let objectKeys: readonly ReturnType<typeof keyOf>[] = [];
  let indexer = new Indexer<Pod, keyof typeof INDEXERS>(INDEXERS);
  let map = new Map<string, Pod>();
  let found = 0;
  const fill = (): void => {
    pods = allPods();
    keys = pods.map(({ metadata }) => formatKey(metadata));
    objectKeys = pods.map((pod) => keyOf(pod));
  };
  const fresh = (): void => {
    indexer = new Indexer<Pod, keyof typeof INDEXERS>(INDEXERS);
  };
  const full = (): void => {
    fill();
    fresh();
    indexer.replace(pods);
  };
  const nodes = Array.from({ length: 5_000 }, (_, index) => `node-${String(index).padStart(4, '0')}`);
  return [
    {
      name: 'floor: a Map by key and two Maps of Sets, add 150,000',
      operations: PODS,
      beforeAll: fill,
      run: () => {
        const objects = new Map<string, Pod>();
        const postings = [new Map<string, Set<Pod>>(), new Map<string, Set<Pod>>()];
        for (const pod of pods) {
          objects.set(formatKey(pod.metadata), pod);
          for (const [index, find] of [INDEXERS.namespace, INDEXERS.node].entries()) {
            for (const value of find(pod)) {
              const posting = postings[index]?.get(value);
              if (posting === undefined) postings[index]?.set(value, new Set([pod]));
              else posting.add(pod);
            }
          }
        }
        found += objects.size;
      },
    },
    {
      name: 'indexer: add 150,000 with two indexes',
      operations: PODS,
      goal: 700_000,
      floor: 'floor: a Map by key and two Maps of Sets, add 150,000',
      beforeAll: fill,
      before: fresh,
      run: () => {
        for (const pod of pods) indexer.set(pod);
      },
    },
    {
      name: 'indexer: update 150,000 with two indexes',
      operations: PODS,
      goal: 1_500_000,
      run: () => {
        for (const pod of pods) indexer.set(pod);
      },
    },
    {
      name: 'indexer: replace 150,000 by as many with the same keys',
      operations: PODS,
      goal: 500_000,
      run: () => indexer.replace(pods),
    },
    {
      name: 'indexer: replace nothing by 150,000',
      operations: PODS,
      goal: 500_000,
      before: fresh,
      run: () => indexer.replace(pods),
    },
    {
      name: 'floor: Map, get by a ready-made key',
      operations: READS,
      beforeAll: () => {
        map = new Map(pods.map((pod, index) => [keys[index] as string, pod]));
      },
      run: () => {
        found = 0;
        for (let turn = 0; turn < READS; turn += 1) {
          if (map.get(keys[turn % PODS] as string) !== undefined) found += 1;
        }
      },
    },
    {
      name: 'lister: get by a ready-made key (goal of this library)',
      operations: READS,
      goal: 7_000_000,
      floor: 'floor: Map, get by a ready-made key',
      beforeAll: full,
      run: () => {
        found = 0;
        for (let turn = 0; turn < READS; turn += 1) {
          if (indexer.getByKey(keys[turn % PODS] as string) !== undefined) found += 1;
        }
      },
    },
    {
      name: 'lister: get by ObjectKey (goal of this library)',
      operations: READS,
      goal: 2_000_000,
      run: () => {
        for (let turn = 0; turn < READS; turn += 1) {
          if (indexer.get(objectKeys[turn % PODS] as (typeof objectKeys)[number]) === undefined) found = 0;
        }
      },
    },
    {
      name: 'indexer: by index, 30 results each',
      operations: 100_000,
      goal: 250_000,
      run: () => {
        for (let turn = 0; turn < 100_000; turn += 1) {
          found += indexer.byIndex('node', nodes[turn % nodes.length] as string).length;
        }
      },
    },
    {
      name: 'indexer: by index, 30 results each, one of them changed since',
      operations: 100_000,
      goal: 250_000,
      run: () => {
        for (let turn = 0; turn < 100_000; turn += 1) {
          const pod = pods[turn % PODS] as Pod;
          indexer.set(pod);
          found += indexer.byIndex('node', pod.spec?.nodeName ?? '').length;
        }
      },
    },
    {
      name: 'indexer: list of 150,000, one of them changed since',
      operations: 20,
      goal: 555,
      run: () => {
        for (let turn = 0; turn < 20; turn += 1) {
          indexer.set(pods[turn * 7_000] as Pod);
          found += indexer.list().length;
        }
      },
    },
    {
      name: 'indexer: list of 150,000, one of them new since',
      operations: 20,
      goal: 555,
      beforeAll: full,
      run: () => {
        for (let turn = 0; turn < 20; turn += 1) {
          const pod = pods[turn * 7_000] as Pod;
          indexer.delete(keyOf(pod));
          indexer.set(pod);
          found += indexer.list().length;
        }
      },
      afterAll: () => {
        if (found === 0) throw new Error('the cache is not full');
        fresh();
        map = new Map();
        pods = [];
        keys = [];
        objectKeys = [];
      },
    },
  ];
}

/** Over a list and a watch whose objects are there already, as client-go's figures are: no store, no decoding. */
function sharedInformerRows(): readonly Row[] {
  let pods: readonly Pod[] = [];
  let updates: readonly Pod[] = [];
  let source: PodSource | undefined;
  let informer: SharedInformer<Pod, keyof typeof INDEXERS> | undefined;
  const counts = { added: 0, updated: 0, finished: (): void => undefined };
  const start = async (): Promise<void> => {
    counts.added = 0;
    source = new PodSource(pods);
    informer = new SharedInformer(Pod, { client: source.client, indexers: INDEXERS });
    const registration = informer.addEventHandler({
      onAdd: () => void (counts.added += 1),
      onUpdate: () => {
        counts.updated += 1;
        if (counts.updated === UPDATES) counts.finished();
      },
    });
    informer.start();
    await registration.synced();
    if (counts.added !== PODS) throw new Error(`told of ${counts.added}`);
  };
  const stop = async (): Promise<void> => informer?.stop();
  return [
    {
      name: 'informer: first sync of 150,000 Pods to one handler, two indexes',
      operations: PODS,
      goal: 250_000,
      beforeAll: () => {
        pods = allPods();
      },
      run: start,
      after: stop,
      afterAll: async () => {
        informer = undefined;
        source = undefined;
        pods = allPods();
        const before = usedHeap();
        await start();
        const heapMb = Math.round((usedHeap() - before) / 1e5) / 10;
        console.log(JSON.stringify({ name: 'informer: heap over the objects', heapMb, goalMb: 227.2 }));
        await stop();
      },
    },
    {
      name: 'informer: updates to one handler',
      operations: UPDATES,
      goal: 470_000,
      beforeAll: () => {
        pods = allPods();
        updates = updatesOf(UPDATES);
      },
      before: start,
      run: async () => {
        counts.updated = 0;
        const all = new Promise<void>((resolve) => (counts.finished = resolve));
        source?.update(updates);
        await all;
      },
      after: stop,
      afterAll: () => {
        pods = [];
        updates = [];
        informer = undefined;
      },
    },
  ];
}

/** Over a store of 150,000 Pods of 45 leaves; what the store does for a write and a watch is in these. */
function storeRows(): readonly Row[] {
  let store: ObjectStore | undefined;
  let client: Client | undefined;
  let informers: InformerFactory | undefined;
  const fill = async (): Promise<Client> => {
    if (client !== undefined) return client;
    store = new ObjectStore({ resources: [Pod], history: 100_000, watchBuffer: 100_000 });
    client = store.client();
    for (let index = 0; index < PODS; index += 1) await client.create(Pod, makePod(index));
    return client;
  };
  const start = async (stream: boolean): Promise<void> => {
    informers = new InformerFactory({ client: await fill(), stream });
    const pods = informers.for(Pod);
    await informers.start();
    if (pods.lister.getByKey(`team-9/web-${PODS - 1}`) === undefined)
      throw new Error('the cache is not full');
  };
  const stop = async (): Promise<void> => informers?.stop();
  const written = { updated: 0, finished: (): void => undefined };
  return [
    {
      name: 'informer: list and cache 150,000 Pods of a store',
      operations: PODS,
      goal: 150_000,
      beforeAll: async () => {
        await fill();
      },
      run: async () => start(false),
      after: stop,
    },
    {
      name: 'informer: the same through a watch that begins with all',
      operations: PODS,
      run: async () => start(true),
      after: stop,
    },
    {
      name: 'informer: updates from write to handler',
      operations: WRITES,
      beforeAll: async () => {
        await start(false);
        const registration = (informers as InformerFactory).for(Pod).addEventHandler({
          onUpdate: () => {
            written.updated += 1;
            if (written.updated === WRITES) written.finished();
          },
        });
        await registration.synced();
      },
      run: async () => {
        written.updated = 0;
        const all = new Promise<void>((resolve) => (written.finished = resolve));
        const write = client as Client;
        for (let turn = 0; turn < WRITES; turn += 1) {
          const pod = await write.get(Pod, { namespace: `team-${turn % 10}`, name: `web-${turn}` });
          const turns = Number(pod.metadata.labels?.['turn'] ?? 0) + 1;
          const labels = { ...pod.metadata.labels, turn: String(turns) };
          await write.update(Pod, { ...pod, metadata: { ...pod.metadata, labels } });
        }
        await all;
      },
      afterAll: async () => {
        await stop();
        await store?.close();
        store = undefined;
        client = undefined;
      },
    },
  ];
}

/** Bytes in use once everything that can be freed is freed. */
function usedHeap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
