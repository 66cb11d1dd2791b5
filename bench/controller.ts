import { type Client, controller, defineResource, Manager, ObjectStore } from 'keelson';
import * as z from 'zod';
import type { Row } from './harness.js';

const OBJECTS = 10_000;

const Job = defineResource({
  group: 'bench.example.com',
  version: 'v1',
  kind: 'Job',
  spec: z.object({ turn: z.number() }),
  status: z.object({ seen: z.number() }),
});

/** The whole circle: store, watch, informer, queue, reconcile, store. */
export function controllerRows(): readonly Row[] {
  let store: ObjectStore;
  let client: Client;
  let manager: Manager;
  const start = async (
    reconciler: Parameters<ReturnType<ReturnType<typeof forJobs>['options']>['reconcile']>[0],
  ): Promise<void> => {
    store = new ObjectStore({ resources: [Job], history: 50_000, watchBuffer: 50_000 });
    client = store.client();
    manager = new Manager({ client, controllers: [forJobs().options({}).reconcile(reconciler)] });
    await manager.start();
  };
  const stop = async (): Promise<void> => {
    await manager.stop();
    await store.close();
  };
  const createAll = async (): Promise<void> => {
    for (let index = 0; index < OBJECTS; index += 1) {
      await client.create(Job, { metadata: { name: `job-${index}`, namespace: 'bench' }, spec: { turn: 1 } });
    }
    await manager.idle();
  };
  return [
    {
      name: 'circle: create an object and reconcile it, doing nothing',
      operations: OBJECTS,
      before: () => start(async () => undefined),
      run: createAll,
      after: stop,
    },
    {
      name: 'circle: create an object and report its status',
      operations: OBJECTS,
      before: () =>
        start(async ({ key, object, client: own }) => {
          if (object === undefined || object.status?.seen === object.spec.turn) return;
          const patch = { status: { seen: object.spec.turn } };
          await own.patch(Job, key, { type: 'merge', patch }, { subresource: 'status' });
        }),
      run: createAll,
      after: stop,
    },
  ];
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- the builder's type is inferred
function forJobs() {
  return controller('bench').for(Job);
}
