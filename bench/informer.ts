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
  return [
    {
      name: 'informer: list and cache 150,000 Pods, tell one handler',
      operations: PODS,
      goal: 150_000,
      before: async () => {
        await fill();
      },
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
      before: started,
      run: () => {
        const { lister } = (informers as InformerFactory).for(Pod);
        for (let turn = 0; turn < READS; turn += 1) {
          lister.get({ namespace: `team-${turn % 10}`, name: `web-${turn % PODS}` });
        }
      },
      after: stop,
    },
    {
      name: 'informer: updates from write to handler',
      operations: UPDATES,
      before: started,
      run: async () => {
        const pods = (informers as InformerFactory).for(Pod);
        let updated = 0;
        let finished = (): void => undefined;
        const all = new Promise<void>((resolve) => {
          finished = resolve;
        });
        const registration = pods.addEventHandler({
          onUpdate: () => {
            updated += 1;
            if (updated === UPDATES) finished();
          },
        });
        await registration.synced();
        const write = client as Client;
        for (let turn = 0; turn < UPDATES; turn += 1) {
          const pod = await write.get(Pod, { namespace: `team-${turn % 10}`, name: `web-${turn}` });
          const turns = Number(pod.metadata.labels?.['turn'] ?? 0) + 1;
          const labels = { ...pod.metadata.labels, turn: String(turns) };
          await write.update(Pod, { ...pod, metadata: { ...pod.metadata, labels } });
        }
        await all;
        registration.remove();
      },
      after: stop,
    },
  ];
}
