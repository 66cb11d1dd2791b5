import {
  type Client,
  controller,
  defineResource,
  Manager,
  ObjectStore,
  type Reconciler,
  setControllerReference,
} from 'keelson';
import { ConfigMap } from 'keelson/kinds';
import * as z from 'zod';
import type { Row } from './harness.js';

const OBJECTS = 10_000;

export const Job = defineResource({
  group: 'bench.example.com',
  version: 'v1',
  kind: 'Job',
  spec: z.object({ turn: z.number() }),
  status: z.object({ seen: z.number() }),
});

/** A store, and a manager with one controller of concurrency 1. */
export interface Circle {
  readonly store: ObjectStore;
  readonly client: Client;
  readonly manager: Manager;
}

export async function startCircle(
  reconcile: Parameters<ReturnType<typeof forJobs>['reconcile']>[0],
): Promise<Circle> {
  const resources = [Job, ConfigMap];
  const store = new ObjectStore({ resources, history: 50_000, watchBuffer: 50_000 });
  const client = store.client();
  const manager = new Manager({ client, controllers: [forJobs().owns(ConfigMap).reconcile(reconcile)] });
  await manager.start();
  return { store, client, manager };
}

export async function stopCircle({ store, manager }: Circle): Promise<void> {
  await manager.stop();
  await store.close();
}

export const jobKey = (index: number) => ({ name: `job-${index}`, namespace: 'bench' });

export async function createJobs({ client, manager }: Circle, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await client.create(Job, { metadata: jobKey(index), spec: { turn: 0 } });
  }
  await manager.idle();
}

/** The whole circle: store, watch, informer, queue, reconcile, store. */
export function controllerRows(): readonly Row[] {
  let circle: Circle;
  let turn = 0;
  const stop = (): Promise<void> => stopCircle(circle);
  const start = (reconcile: Parameters<typeof startCircle>[0]) => async (): Promise<void> => {
    circle = await startCircle(reconcile);
    await createJobs(circle, OBJECTS);
  };
  const changeAll = async (): Promise<void> => {
    turn += 1;
    for (let index = 0; index < OBJECTS; index += 1) {
      await circle.client.patch(Job, jobKey(index), { type: 'merge', patch: { spec: { turn } } });
    }
    await circle.manager.idle();
  };
  return [
    {
      name: 'floor: change an object, with a controller elsewhere',
      operations: OBJECTS,
      before: async () => {
        const store = new ObjectStore({ resources: [Job, ConfigMap], history: 50_000 });
        const client = store.client();
        circle = { store, client, manager: new Manager({ client }) };
        await createJobs(circle, OBJECTS);
      },
      run: changeAll,
      after: stop,
    },
    {
      name: 'circle: change an object and reconcile it, doing nothing',
      operations: OBJECTS,
      goal: 100_000,
      before: start(async () => undefined),
      run: changeAll,
      after: stop,
    },
    {
      name: 'circle: change an object and reconcile it: get, modify, write',
      operations: OBJECTS,
      goal: 25_000,
      before: start(async ({ key, object, client }) => {
        if (object === undefined) return;
        const job = await client.get(Job, key);
        await client.update(Job, { ...job, status: { seen: job.spec.turn } }, { subresource: 'status' });
      }),
      run: changeAll,
      after: stop,
    },
    {
      name: 'converge: a child and a status for each of 10,000 objects',
      operations: OBJECTS,
      goal: OBJECTS / 2,
      before: async () => {
        circle = await startCircle(makeChild);
      },
      run: () => createJobs(circle, OBJECTS),
      after: stop,
    },
  ];
}

/** Makes the child of a job and says so in its status. */
const makeChild: Reconciler<
  Parameters<Parameters<ReturnType<typeof forJobs>['reconcileObject']>[0]>[0]
> = async ({ key, object, client, cache }) => {
  if (object === undefined) return;
  if (cache.get(ConfigMap, key) === undefined) {
    const metadata = { name: key.name, namespace: 'bench' };
    await client.create(ConfigMap, setControllerReference(object, { metadata, data: { turn: '1' } }));
  }
  if (object.status?.seen === 1) return;
  const patch = { status: { seen: 1 } };
  await client.patch(Job, key, { type: 'merge', patch }, { subresource: 'status' });
};

// oxlint-disable-next-line typescript/explicit-function-return-type -- the builder's type is inferred
function forJobs() {
  return controller('bench').for(Job);
}
