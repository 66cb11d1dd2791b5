import { keyOf } from 'keelson';
import { Node, Pod } from 'keelson/kinds';
import { afterEach, describe, expect, it } from 'vitest';
import { addNode, type Cluster, podsIn, startCluster } from './cluster.js';

let cluster: Cluster;
afterEach(() => cluster.stop());

async function addPod(name: string, cpu: string, spec: Partial<Pod['spec']> = {}): Promise<void> {
  const container = { name: 'main', image: 'app:1', resources: { requests: { cpu, memory: '1Gi' } } };
  await cluster.client.create(Pod, {
    metadata: { namespace: 'shop', name },
    spec: { containers: [container], ...spec },
  });
}

async function places(): Promise<Readonly<Record<string, string | undefined>>> {
  return Object.fromEntries(
    (await podsIn(cluster.client)).map((pod) => [pod.metadata.name, pod.spec.nodeName]),
  );
}

describe('scheduler', () => {
  it('spreads Pods so that each goes where the largest share is left', async () => {
    cluster = await startCluster({ nodes: { birch: '2', oak: '4' } });
    for (const name of ['a', 'b', 'c']) await addPod(name, '1');
    await cluster.settle();
    expect(await places()).toEqual({ a: 'oak', b: 'birch', c: 'oak' });
  });

  it('gives no room away twice, however many Pods come at once', async () => {
    cluster = await startCluster({ nodes: { birch: '2', oak: '2' } });
    await Promise.all(Array.from({ length: 10 }, (_, index) => addPod(`pod-${index}`, '500m')));
    await cluster.settle();
    const taken = Object.values(await places());
    expect(taken.filter((node) => node === 'birch')).toHaveLength(4);
    expect(taken.filter((node) => node === 'oak')).toHaveLength(4);
    expect(taken.filter((node) => node === undefined)).toHaveLength(2);
  });

  it('says why a Pod has to wait, and places it once a Node comes', async () => {
    cluster = await startCluster({ nodes: { oak: '1' } });
    await addPod('big', '8');
    await cluster.manager.idle();
    const [waiting] = await podsIn(cluster.client);
    expect(waiting?.status?.conditions).toMatchObject([
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'Unschedulable',
        message: 'none of 1 nodes has 8000m cpu and 1024 MiB of memory to spare',
      },
    ]);
    await addNode(cluster.client, 'sequoia', '16');
    await cluster.manager.idle();
    expect(await places()).toEqual({ big: 'sequoia' });
  });

  it('places a Pod that has to wait once another one goes', async () => {
    cluster = await startCluster({ nodes: { oak: '1' } });
    await addPod('first', '1');
    await cluster.settle();
    await addPod('second', '1');
    await cluster.settle();
    expect(await places()).toEqual({ first: 'oak', second: undefined });
    await cluster.client.delete(Pod, { namespace: 'shop', name: 'first' });
    await cluster.manager.idle();
    expect(await places()).toEqual({ second: 'oak' });
  });

  it('respects nodeSelector and Nodes that take no Pods', async () => {
    cluster = await startCluster({ nodes: { birch: '8', maple: '2', oak: '4' } });
    const birch = await cluster.client.get(Node, { name: 'birch' });
    await cluster.client.patch(Node, keyOf(birch), {
      type: 'merge',
      patch: { spec: { unschedulable: true } },
    });
    const labels = { disktype: 'ssd' };
    await cluster.client.patch(Node, { name: 'maple' }, { type: 'merge', patch: { metadata: { labels } } });
    await addPod('database', '1', { nodeSelector: labels });
    await addPod('web', '1');
    await cluster.settle();
    expect(await places()).toEqual({ database: 'maple', web: 'oak' });
  });
});
