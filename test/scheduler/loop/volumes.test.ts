import { expect, test } from 'vitest';
import type { Client } from '../../../src/client/index.js';
import { edit, keyOf } from '../../../src/core/index.js';
import {
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  StorageClass,
} from '../../../src/resources/kinds/index.js';
import { defaultPlugins } from '../../../src/scheduler/index.js';
import { volumeBinding } from '../../../src/scheduler/plugins/volume-binding.js';
import { createNode, createPod, key, placesOf, podOf, schedulerOf, testCluster } from './cluster.js';

const NODE = 'volume.kubernetes.io/selected-node';
const REACHABLE = {
  required: {
    nodeSelectorTerms: [
      { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['a'] }] },
    ],
  },
};

async function createClaim(client: Client, name: string): Promise<void> {
  const spec = { storageClassName: 'wait', resources: { requests: { storage: '1Gi' } } };
  await client.create(PersistentVolumeClaim, { metadata: { name, namespace: 'default' }, spec });
}

/** A volume that the node `a` can reach. */
async function createVolume(client: Client, name: string): Promise<void> {
  const csi = { driver: 'csi.example.com', volumeHandle: name };
  const spec = { capacity: { storage: '1Gi' }, storageClassName: 'wait', csi, nodeAffinity: REACHABLE };
  const volume = await client.create(PersistentVolume, { metadata: { name }, spec });
  await client.update(
    PersistentVolume,
    { ...volume, status: { phase: 'Available' } },
    { subresource: 'status' },
  );
}

function createClass(client: Client, provisioner: string): Promise<unknown> {
  return client.create(StorageClass, {
    metadata: { name: 'wait' },
    provisioner,
    volumeBindingMode: 'WaitForFirstConsumer',
  });
}

function using(claim: string): Partial<Pod['spec']> {
  return { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: claim } }] };
}

/** What the controllers of a cluster do: makes the volumes that are asked for, and binds claims to what is kept for them. */
async function provisionAll(client: Client): Promise<void> {
  for (const claim of (await client.list(PersistentVolumeClaim)).items) {
    if (claim.spec?.volumeName !== undefined) continue;
    const { name, uid } = claim.metadata;
    if (claim.metadata.annotations?.[NODE] !== undefined) {
      const csi = { driver: 'csi.example.com', volumeHandle: name };
      const claimRef = { name, namespace: 'default', uid };
      await client.create(PersistentVolume, { metadata: { name: `made-${name}` }, spec: { csi, claimRef } });
    }
    const volumes = (await client.list(PersistentVolume)).items;
    const volume = volumes.find(({ spec }) => spec?.claimRef?.uid === uid);
    if (volume === undefined) continue;
    await client.update(
      PersistentVolumeClaim,
      edit(await client.get(PersistentVolumeClaim, keyOf(claim)), (draft) => {
        draft.spec = { ...draft.spec, volumeName: volume.metadata.name };
        draft.status = { phase: 'Bound' };
        draft.metadata.annotations = {
          ...draft.metadata.annotations,
          'pv.kubernetes.io/bind-completed': 'yes',
        };
      }),
    );
  }
}

test('a Pod is bound once the volumes that were chosen for it are', async () => {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  await createNode(client, 'a');
  await createClass(client, 'csi.example.com');
  await createClaim(client, 'made');
  await using scheduler = schedulerOf(client);
  await scheduler.start();
  await createPod(client, podOf('p', '1', using('made')));
  await clock.advance(1_000);
  expect(await placesOf(client)).toEqual({ p: '' });
  const claim = await client.get(PersistentVolumeClaim, key('made'));
  expect(claim.metadata.annotations).toEqual({ [NODE]: 'a' });
  await provisionAll(client);
  await clock.advance(1_000);
  await scheduler.idle();
  expect(await placesOf(client)).toEqual({ p: 'a' });
});

test('a volume is chosen for one Pod only, and the next one waits for another', async () => {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  await createNode(client, 'a');
  await createNode(client, 'b');
  await createClass(client, 'kubernetes.io/no-provisioner');
  await createVolume(client, 'v-1');
  for (const name of ['c', 'd']) await createClaim(client, name);
  // two schedulers with one object for each plugin: what is reserved is not in the plugin
  const plugins = defaultPlugins();
  const profiles = [{ schedulerName: 'default-scheduler', plugins }];
  await using scheduler = schedulerOf(client, { profiles });
  await using other = schedulerOf(client, { profiles: [{ schedulerName: 'other', plugins }] });
  await Promise.all([scheduler.start(), other.start()]);
  await createPod(client, podOf('p', '1', using('c')));
  await createPod(client, podOf('q', '1', using('d')));
  await clock.advance(1_000);
  expect(scheduler.counts()).toMatchObject({ 'in hand': 1, unschedulable: 1 });
  const evaluated = scheduler.evaluate(key('q'));
  expect(evaluated?.feasible).toEqual([]);
  await provisionAll(client);
  await clock.advance(1_000);
  await scheduler.idle();
  expect(await placesOf(client)).toEqual({ p: 'a', q: '' });
  await createVolume(client, 'v-2');
  await clock.advance(1_000);
  await provisionAll(client);
  await clock.advance(1_000);
  await scheduler.idle();
  expect(await placesOf(client)).toEqual({ p: 'a', q: 'a' });
});

test('what was chosen is given back where it cannot be had in time, and the next Pod gets it', async () => {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  await createNode(client, 'a');
  await createClass(client, 'kubernetes.io/no-provisioner');
  await createVolume(client, 'v');
  for (const name of ['c', 'd']) await createClaim(client, name);
  let isHeld = true;
  const plugins = [
    ...defaultPlugins().map((plugin) =>
      plugin.name === 'VolumeBinding' ? volumeBinding({ bindTimeout: 5_000 }) : plugin,
    ),
    {
      name: 'Holds',
      permit: (pod: { key: string }) => (isHeld && pod.key === 'default/p' ? { wait: 5_000 } : undefined),
    },
  ];
  await using scheduler = schedulerOf(client, {
    profiles: [{ schedulerName: 'default-scheduler', plugins }],
  });
  await scheduler.start();
  await createPod(client, podOf('p', '1', using('c')));
  await createPod(client, podOf('q', '1', using('d')));
  await clock.advance(1_000);
  expect(scheduler.counts()).toMatchObject({ 'in hand': 1, unschedulable: 1 });
  isHeld = false;
  await client.delete(Pod, key('p'), { gracePeriodSeconds: 0 });
  await clock.advance(2_000);
  expect((await client.get(PersistentVolume, { name: 'v' })).spec?.claimRef?.name).toBe('d');
  // nobody binds it: it is tried again
  await clock.advance(5_000);
  const pod = await client.get(Pod, key('q'));
  expect(pod.status?.conditions?.[0]).toMatchObject({ reason: 'SchedulerError' });
  expect(pod.status?.conditions?.[0]?.message).toContain('5000 ms');
  await clock.advance(4_000);
  await provisionAll(client);
  await clock.advance(20_000);
  await scheduler.idle();
  expect(await placesOf(client)).toEqual({ q: 'a' });
});
