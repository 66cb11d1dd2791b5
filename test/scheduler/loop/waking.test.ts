import { expect, test } from 'vitest';
import type { Client } from '../../../src/client/index.js';
import { edit } from '../../../src/core/index.js';
import { Namespace, Node, Pod } from '../../../src/resources/kinds/index.js';
import type { Scheduler } from '../../../src/scheduler/index.js';
import {
  createNode,
  createPod,
  key,
  placesOf,
  podOf,
  profileWith,
  schedulerOf,
  testCluster,
} from './cluster.js';

type Spec = Partial<Pod['spec']>;

async function changeNode(
  client: Client,
  change: (draft: { metadata: object; spec?: object }) => void,
): Promise<void> {
  const node = await client.get(Node, { name: 'a' });
  await client.update(
    Node,
    edit(node, (draft) => {
      change(draft);
    }),
  );
}

const antiAffinity: Spec = {
  affinity: {
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        {
          labelSelector: { matchLabels: { app: 'web' } },
          namespaceSelector: { matchLabels: { team: 'x' } },
          topologyKey: 'kubernetes.io/hostname',
        },
      ],
    },
  },
};

test.each<[string, Spec, (client: Client) => Promise<unknown>]>([
  ['a node comes', { nodeSelector: { 'kubernetes.io/hostname': 'b' } }, (client) => createNode(client, 'b')],
  [
    'a label of a node changes',
    { nodeSelector: { disk: 'ssd' }, tolerations: [{ operator: 'Exists' }] },
    (client) => changeNode(client, (draft) => Object.assign(draft.metadata, { labels: { disk: 'ssd' } })),
  ],
  [
    'a taint goes',
    { tolerations: [] },
    (client) => changeNode(client, (draft) => (draft.spec = { ...draft.spec, taints: [] })),
  ],
  [
    'a Pod goes',
    {
      containers: [{ name: 'main', resources: { requests: { cpu: '4' } } }],
      tolerations: [{ operator: 'Exists' }],
    },
    (client) => client.delete(Pod, key('there')),
  ],
  [
    'a label of a namespace changes',
    { ...antiAffinity, tolerations: [{ operator: 'Exists' }] },
    async (client) => {
      const namespace = await client.get(Namespace, { name: 'default' });
      await client.update(
        Namespace,
        edit(namespace, (draft) => {
          draft.metadata.labels = { ...draft.metadata.labels, team: 'x' };
        }),
      );
    },
  ],
])('what fits nowhere is placed when %s', async (_, spec, change) => {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  await createNode(client, 'a');
  await changeNode(client, (draft) => {
    draft.spec = { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] };
  });
  const there = podOf('there', '1', { nodeName: 'a' });
  await createPod(client, { ...there, metadata: { ...there.metadata, labels: { app: 'web' } } as never });
  await using scheduler = schedulerOf(client);
  await scheduler.start();
  await createPod(client, podOf('p', '1', { ...spec }));
  await scheduler.idle();
  expect(scheduler.counts()).toMatchObject({ unschedulable: 1 });
  await change(client);
  await scheduler.idle();
  await clock.advance(11_000);
  await scheduler.idle();
  expect((await placesOf(client))['p']).not.toBe('');
});

test('Pods wait for the first node without being tried over and over', async () => {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  await using scheduler = schedulerOf(client);
  await scheduler.start();
  await createPod(client, podOf('p'));
  await createPod(client, podOf('pinned', '1', { nodeSelector: { 'kubernetes.io/hostname': 'a' } }));
  await scheduler.idle();
  await clock.advance(100_000);
  await scheduler.idle();
  expect(scheduler.inspect(key('p'))).toMatchObject({ place: 'unschedulable', attempts: 1 });
  expect((await client.get(Pod, key('p'))).status?.conditions?.[0]?.message).toContain(
    'no nodes available to schedule pods',
  );
  await createNode(client, 'a');
  await scheduler.idle();
  expect(await placesOf(client)).toEqual({ p: 'a', pinned: 'a' });
});

test('a Pod that is pinned to a node which is not there waits for it', async () => {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  await createNode(client, 'a');
  await using scheduler = schedulerOf(client);
  await scheduler.start();
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: ['b'] }];
  const required = { nodeSelectorTerms: [{ matchFields }] };
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } };
  await createPod(client, podOf('p', '1', { affinity }));
  await scheduler.idle();
  await clock.advance(100_000);
  await scheduler.idle();
  expect(scheduler.inspect(key('p'))).toMatchObject({ place: 'unschedulable', attempts: 1 });
  await createNode(client, 'b');
  await scheduler.idle();
  expect(await placesOf(client)).toEqual({ p: 'b' });
});

test('what nothing wakes is tried again after five minutes', async () => {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  await createNode(client, 'a');
  let isOpen = false;
  const shut = profileWith({
    name: 'Shut',
    filter: () => (isOpen ? undefined : { code: 'Unschedulable', reasons: ['it is shut'] }),
    wakes: () => false,
  });
  await using scheduler = schedulerOf(client, { profiles: [shut] });
  await scheduler.start();
  await createPod(client, podOf('p'));
  await scheduler.idle();
  isOpen = true;
  await clock.advance(299_000);
  await scheduler.idle();
  expect(await placesOf(client)).toEqual({ p: '' });
  await clock.advance(2_000);
  await scheduler.idle();
  expect(await placesOf(client)).toEqual({ p: 'a' });
});

test('idle waits for what can be done, and for nothing else; it ends with the scheduler', async () => {
  await using cluster = testCluster();
  const { client } = cluster;
  await createNode(client, 'a', '1');
  const scheduler: Scheduler = schedulerOf(client);
  await scheduler.start();
  await scheduler.idle();
  await createPod(client, podOf('p'));
  await createPod(client, podOf('too-big', '10'));
  await createPod(client, podOf('gated', '1', { schedulingGates: [{ name: 'example.com/wait' }] }));
  await scheduler.idle();
  expect(scheduler.counts()).toEqual({ active: 0, backoff: 0, unschedulable: 1, gated: 1, 'in hand': 0 });
  const pod = await client.get(Pod, key('too-big'));
  expect(pod.status?.conditions?.[0]).toMatchObject({ type: 'PodScheduled', status: 'False' });
  await scheduler.stop();
  await scheduler.idle();
});
