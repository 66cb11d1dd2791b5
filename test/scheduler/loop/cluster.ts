import { SeededRandom, VirtualClock } from '../../../src/core/index.js';
import {
  CSINode,
  CSIDriver,
  CSIStorageCapacity,
  Event,
  Lease,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodDisruptionBudget,
  PriorityClass,
  Service,
  StorageClass,
} from '../../../src/resources/kinds/index.js';
import { type Client, intercept } from '../../../src/client/index.js';
import {
  defaultPlugins,
  type Plugin,
  PodGroup,
  Scheduler,
  type SchedulerOptions,
  type SchedulerProfile,
} from '../../../src/scheduler/index.js';
import { ObjectStore } from '../../../src/store/index.js';

/** A store with Pods and Nodes, and its clock. */
export interface TestCluster extends AsyncDisposable {
  readonly store: ObjectStore;
  readonly client: Client;
  readonly clock: VirtualClock;
}

export function testCluster(): TestCluster {
  const clock = new VirtualClock();
  const store = new ObjectStore({
    resources: [
      CSIDriver,
      CSINode,
      CSIStorageCapacity,
      Lease,
      Namespace,
      Node,
      PersistentVolume,
      PersistentVolumeClaim,
      Pod,
      PodDisruptionBudget,
      PodGroup,
      PriorityClass,
      Service,
      StorageClass,
    ],
    clock,
    random: new SeededRandom(5),
  });
  return { store, client: store.client(), clock, [Symbol.asyncDispose]: () => store.close() };
}

export function schedulerOf(client: Client, options: Partial<SchedulerOptions<Pod, Node>> = {}): Scheduler {
  return new Scheduler({
    client,
    profiles: [{ schedulerName: 'default-scheduler', plugins: defaultPlugins() }],
    seed: 3,
    ...options,
  });
}

export async function createNode(
  client: Client,
  name: string,
  cpu = '4',
  labels: Readonly<Record<string, string>> = {},
): Promise<void> {
  const node = await client.create(Node, {
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
  });
  await client.update(
    Node,
    { ...node, status: { allocatable: { cpu, memory: '8Gi', pods: '110' } } },
    { subresource: 'status' },
  );
}

export function podOf(
  name: string,
  cpu = '1',
  spec: Partial<Pod['spec']> = {},
): Parameters<typeof createPod>[1] {
  return {
    metadata: { name, namespace: 'default' },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'main', image: 'app:1', resources: { requests: { cpu } } }],
      ...spec,
    },
  };
}

export function createPod(
  client: Client,
  pod: {
    readonly metadata: { readonly name: string; readonly namespace: string };
    readonly spec: Pod['spec'];
  },
): Promise<Pod> {
  return client.create(Pod, pod);
}

/** Where each Pod is, by name; `''` where it is nowhere. */
export async function placesOf(client: Client): Promise<Record<string, string>> {
  const { items } = await client.list(Pod);
  return Object.fromEntries(items.map(({ metadata, spec }) => [metadata.name, spec.nodeName ?? '']));
}

/** The key of an object in the default namespace. */
export function key(name: string): { readonly name: string; readonly namespace: string } {
  return { name, namespace: 'default' };
}

/** A profile of the default plugins and others, which come first. */
export function profileWith(...plugins: readonly Plugin<Pod, Node>[]): SchedulerProfile<Pod, Node> {
  return { schedulerName: 'default-scheduler', plugins: [...plugins, ...defaultPlugins()] };
}

/** A client whose bindings are done by `bind`, which may call `next`. */
export function bindingBy(client: Client, bind: (next: () => Promise<unknown>) => Promise<unknown>): Client {
  return intercept(client, {
    subresource(next, resource, name, subresource, ...rest) {
      const go = (): Promise<unknown> => next(resource, name, subresource, ...rest);
      return subresource === 'binding' ? bind(go) : go();
    },
  });
}

/** What was said of things, as `reason: name`, in order of the names. */
export async function eventsOf(client: Client): Promise<readonly string[]> {
  const { items } = await client.list(Event);
  return items.map(({ reason, regarding }) => `${reason ?? ''}: ${regarding?.name ?? ''}`).sort();
}
