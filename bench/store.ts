import { type Client, deepFreeze, type New, type ObjectOf, ObjectStore } from 'keelson';
import { ConfigMap, Pod } from 'keelson/kinds';
import type { Row } from './harness.js';
import { makeLargeNewPod, makeLargePod, makePod } from './pods.js';

const CREATES = 10_000;
const LARGE_CREATES = 5_000;
const UPDATES = 10_000;
const APPLIES = 2_000;
const GETS = 100_000;
const WATCHERS = 10;

/** The store in memory, through its client. */
export function storeRows(): readonly Row[] {
  const pods = Array.from({ length: CREATES }, (_, index) => makePod(index));
  const largePods = Array.from({ length: LARGE_CREATES }, (_, index) => makeLargePod(index));
  const largeNewPods = Array.from({ length: LARGE_CREATES }, (_, index) => makeLargeNewPod(index));
  const first = makePod(0);
  const wanted = { ...first, metadata: { ...first.metadata, name: 'web-0' } };
  let store = new ObjectStore({ resources: [Pod, ConfigMap] });
  let client: Client = store.client();
  let pod: ObjectOf<typeof Pod>;
  let config: ObjectOf<typeof ConfigMap>;
  let count = 0;
  let readers: Promise<void>[] = [];
  let delivered = 0;

  const fresh = (): void => {
    store = new ObjectStore({ resources: [Pod, ConfigMap] });
    client = store.client();
  };
  const filled = async (): Promise<void> => {
    fresh();
    for (const object of pods) await client.create(Pod, object);
    pod = await client.get(Pod, { namespace: 'team-0', name: 'web-0' });
  };
  const close = (): Promise<void> => store.close();

  return [
    ...createRows('of 45 leaves', pods, 60_000),
    ...createRows('of 4 kB, its status dropped', largePods, 20_000),
    ...createRows('of 4 kB, sent without status', largeNewPods, 20_000),
    {
      name: 'store: update a label of a Pod, the rest shared',
      operations: UPDATES,
      goal: 120_000,
      beforeAll: filled,
      run: async () => {
        for (let turn = 0; turn < UPDATES; turn += 1) {
          const labels = { ...pod.metadata.labels, turn: String((count += 1)) };
          pod = await client.update(Pod, { ...pod, metadata: { ...pod.metadata, labels } });
        }
      },
      afterAll: close,
    },
    {
      name: 'store: patch the status of a Pod',
      operations: UPDATES,
      beforeAll: filled,
      run: async () => {
        for (let turn = 0; turn < UPDATES; turn += 1) {
          const patch = { status: { message: String((count += 1)) } };
          await client.patch(Pod, pod.metadata, { type: 'merge', patch }, { subresource: 'status' });
        }
      },
      afterAll: close,
    },
    {
      name: 'store: apply a ConfigMap of two values, one changed',
      operations: UPDATES,
      before: fresh,
      run: async () => {
        const metadata = { name: 'a', namespace: 'team-0' };
        for (let turn = 0; turn < UPDATES; turn += 1) {
          await client.apply(ConfigMap, { metadata, data: { turn: String(turn), kept: 'a' } });
        }
      },
      after: close,
    },
    {
      name: 'store: apply a Pod that is as it should be',
      operations: APPLIES,
      before: async () => {
        fresh();
        await client.apply(Pod, wanted);
      },
      run: async () => {
        for (let turn = 0; turn < APPLIES; turn += 1) await client.apply(Pod, wanted);
      },
      after: close,
    },
    {
      name: 'store: get',
      operations: GETS,
      goal: 1_000_000,
      beforeAll: filled,
      run: async () => {
        const key = { namespace: 'team-0', name: 'web-0' };
        for (let turn = 0; turn < GETS; turn += 1) await client.get(Pod, key);
      },
      afterAll: close,
    },
    {
      name: 'store: list 10,000 Pods',
      operations: 1,
      goal: 500,
      beforeAll: filled,
      run: async () => {
        await client.list(Pod);
      },
      afterAll: close,
    },
    {
      name: 'store: list 1,000 of 10,000 Pods by namespace and label',
      operations: 1,
      beforeAll: filled,
      run: async () => {
        await client.list(Pod, { namespace: 'team-1', labelSelector: 'app=web,track!=canary' });
      },
      afterAll: close,
    },
    {
      name: `watch: deliver an update to ${WATCHERS} watchers`,
      operations: UPDATES * WATCHERS,
      goal: 1_000_000,
      before: async () => {
        fresh();
        config = await client.create(ConfigMap, {
          metadata: { name: 'a', namespace: 'team-0' },
          data: { turn: '0' },
        });
        delivered = 0;
        const { resourceVersion } = config.metadata;
        readers = Array.from({ length: WATCHERS }, async () => {
          let left = UPDATES;
          for await (const _event of client.watch(ConfigMap, { resourceVersion })) {
            delivered += 1;
            left -= 1;
            if (left === 0) return;
          }
        });
      },
      run: async () => {
        for (let turn = 0; turn < UPDATES; turn += 1) {
          config = await client.update(ConfigMap, { ...config, data: { turn: String((count += 1)) } });
        }
        await Promise.all(readers);
        if (delivered !== UPDATES * WATCHERS) throw new Error(`delivered ${delivered}`);
      },
      after: close,
    },
  ];
}

/** What creating these Pods costs, after the least that any store has to do with them. */
function createRows(what: string, pods: readonly New<typeof Pod>[], goal: number): readonly Row[] {
  const floor = `floor: copy, freeze and keep in a Map a Pod ${what}`;
  const kept = new Map<string, unknown>();
  let store: ObjectStore;
  return [
    {
      name: floor,
      operations: pods.length,
      before: () => kept.clear(),
      run: () => {
        for (const pod of pods) {
          kept.set(`${pod.metadata.namespace}/${pod.metadata.name}`, deepFreeze(bareCopy(pod)));
        }
      },
    },
    {
      name: `store: create a Pod ${what}`,
      operations: pods.length,
      goal,
      floor,
      before: () => {
        store = new ObjectStore({ resources: [Pod] });
      },
      run: async () => {
        const client = store.client();
        for (const pod of pods) await client.create(Pod, pod);
      },
      after: () => store.close(),
    },
  ];
}

/** The least that a store could do: a copy by hand. */
function bareCopy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(bareCopy);
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) copy[key] = bareCopy((value as Record<string, unknown>)[key]);
  return copy;
}
