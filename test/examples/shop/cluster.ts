import {
  ApiError,
  type Client,
  type ClientHooks,
  intercept,
  Manager,
  ObjectStore,
  SeededRandom,
  VirtualClock,
} from 'keelson';
import { builtinKinds, Namespace, Node, Pod } from 'keelson/kinds';
import { deploymentController } from '../../../examples/shop/deployment-controller.js';
import { jobController } from '../../../examples/shop/job-controller.js';
import { podRunner } from '../../../examples/shop/pod-runner.js';
import { replicaSetController } from '../../../examples/shop/replica-set-controller.js';
import { scheduler } from '../../../examples/shop/scheduler.js';

/** A cluster with the namespace `shop`, the example's controllers, and a clock that stands still. */
export interface Cluster {
  readonly client: Client;
  readonly clock: VirtualClock;
  readonly manager: Manager;
  /** Moves the time on until everything is done that was to do. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

export interface ClusterOptions {
  readonly seed?: number;
  /** The Nodes' names and how many CPUs each has; one with plenty unless given. */
  readonly nodes?: Readonly<Record<string, string>>;
  /** Wraps the client of the controllers. */
  readonly faults?: (client: Client) => Client;
}

/** Milliseconds in which the cluster gets everything done, retries included. */
const LONG = 30_000;

export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const { seed = 1, nodes = { oak: '100' }, faults = (client) => client } = options;
  const clock = new VirtualClock();
  const store = new ObjectStore({ resources: builtinKinds, clock, random: new SeededRandom(seed) });
  const client = store.client();
  const manager = new Manager({
    client: faults(client),
    controllers: [
      deploymentController,
      replicaSetController,
      jobController,
      scheduler(),
      podRunner({ second: 20 }),
    ],
  });
  await client.create(Namespace, { metadata: { name: 'shop' } });
  for (const [name, cpu] of Object.entries(nodes)) await addNode(client, name, cpu);
  await manager.start();
  return {
    client,
    clock,
    manager,
    settle: async () => {
      await clock.advance(LONG);
      await manager.idle();
    },
    stop: async () => {
      await manager.stop();
      await store.close();
    },
  };
}

export async function addNode(client: Client, name: string, cpu: string): Promise<void> {
  await client.create(Node, { metadata: { name }, spec: {} });
  const status = { allocatable: { cpu, memory: '64Gi' } };
  await client.patch(Node, { name }, { type: 'merge', patch: { status } }, { subresource: 'status' });
}

export async function podsIn(client: Client): Promise<readonly Pod[]> {
  return (await client.listAll(Pod, { namespace: 'shop' })).items;
}

/** A client of which one write in `odds` fails: before it is done, or after, so that nobody knows. */
export function flaky(client: Client, random: SeededRandom, odds: number): Client {
  const failing = async <T>(write: () => Promise<T>): Promise<T> => {
    const fate = random.integer(odds * 2);
    if (fate === 0) throw new ApiError({ reason: 'Conflict', message: 'somebody else was faster' });
    const result = await write();
    if (fate === 1)
      throw new ApiError({ reason: 'ServerTimeout', message: 'the answer was lost', ambiguous: true });
    return result;
  };
  const hooks: ClientHooks = {
    create: (next, ...args) => failing(() => next(...args)),
    update: (next, ...args) => failing(() => next(...args)),
    patch: (next, ...args) => failing(() => next(...args)),
    delete: (next, ...args) => failing(() => next(...args)),
    subresource: (next, ...args) => failing(() => next(...args)),
  };
  return intercept(client, hooks);
}
