import { type Client, InformerFactory, ObjectStore } from 'keelson';
import { Pod } from 'keelson/kinds';
import type { Row } from './harness.js';
import { makePod } from './pods.js';

const PODS = 150_000;
const READS = 200_000;
const UPDATES = 20_000;

/** An informer over a store of 150,000 Pods. */
export function informerRows(): readonly Row[] {
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
  const stop = async (): Promise<void> => informers?.stop();
  const started = async (): Promise<void> => {
    informers = new InformerFactory({ client: await fill() });
    informers.for(Pod);
    await informers.start();
  };
  const written = { updated: 0, finished: (): void => undefined };
  return [
    {
      name: 'informer: list and cache 150,000 Pods',
      operations: PODS,
      goal: 150_000,
      beforeAll: async () => {
        await fill();
      },
      run: async () => {
        informers = new InformerFactory({ client: client as Client });
        const pods = informers.for(Pod);
        await informers.start();
        if (pods.lister.get({ namespace: 'team-9', name: `web-${PODS - 1}` }) === undefined) {
          throw new Error('the cache is not full');
        }
      },
      after: stop,
    },
    {
      name: 'informer: the same with an index, and a handler told of all',
      operations: PODS,
      run: async () => {
        informers = new InformerFactory({ client: client as Client });
        const pods = informers.for(Pod, {
          indexers: { byApp: (pod) => [pod.metadata.labels?.['app'] ?? ''] },
        });
        let added = 0;
        const registration = pods.addEventHandler({ onAdd: () => void (added += 1) });
        await informers.start();
        await registration.synced();
        if (added !== PODS) throw new Error(`told of ${added}`);
      },
      after: stop,
    },
    {
      name: 'informer: get from the cache',
      operations: READS,
      beforeAll: started,
      run: () => {
        const { lister } = (informers as InformerFactory).for(Pod);
        for (let turn = 0; turn < READS; turn += 1) {
          lister.get({ namespace: `team-${turn % 10}`, name: `web-${turn % PODS}` });
        }
      },
      afterAll: stop,
    },
    {
      name: 'informer: updates from write to handler',
      operations: UPDATES,
      beforeAll: async () => {
        await started();
        const registration = (informers as InformerFactory).for(Pod).addEventHandler({
          onUpdate: () => {
            written.updated += 1;
            if (written.updated === UPDATES) written.finished();
          },
        });
        await registration.synced();
      },
      run: async () => {
        written.updated = 0;
        const all = new Promise<void>((resolve) => {
          written.finished = resolve;
        });
        const write = client as Client;
        for (let turn = 0; turn < UPDATES; turn += 1) {
          const pod = await write.get(Pod, { namespace: `team-${turn % 10}`, name: `web-${turn}` });
          const turns = Number(pod.metadata.labels?.['turn'] ?? 0) + 1;
          const labels = { ...pod.metadata.labels, turn: String(turns) };
          await write.update(Pod, { ...pod, metadata: { ...pod.metadata, labels } });
        }
        await all;
      },
      afterAll: stop,
    },
  ];
}
