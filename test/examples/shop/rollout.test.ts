import { edit, formatKey, keyOf, type New, SeededRandom } from 'keelson';
import { Deployment, Pod, ReplicaSet } from 'keelson/kinds';
import { afterEach, describe, expect, it } from 'vitest';
import { isReady } from '../../../examples/shop/pods.js';
import { type Cluster, type ClusterOptions, flaky, podsIn, startCluster } from './cluster.js';

const KEY = { namespace: 'shop', name: 'web' };

type Strategy = NonNullable<Deployment['spec']['strategy']>;

function web(replicas: number, strategy: Strategy = {}): New<typeof Deployment> {
  const labels = { app: 'web' };
  return {
    metadata: { ...KEY, labels },
    spec: {
      replicas,
      strategy,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name: 'web',
              image: 'web:1',
              readinessProbe: { initialDelaySeconds: 2, tcpSocket: { port: 80 } },
            },
          ],
        },
      },
    },
  };
}

/** What could be seen of the Pods at one moment. */
interface Moment {
  readonly total: number;
  readonly ready: number;
  readonly images: ReadonlySet<string>;
}

/** Watches the Pods; the function that comes back tells of every state that they went through since. */
async function recordPods({ client }: Cluster): Promise<() => Promise<readonly Moment[]>> {
  const pods = new Map((await podsIn(client)).map((pod) => [formatKey(pod.metadata), pod]));
  const moments: Moment[] = [];
  const watch = client.watch(Pod, { namespace: 'shop', resourceVersion: await client.barrier() });
  const reading = (async () => {
    for await (const event of watch) {
      if (event.type === 'BOOKMARK') continue;
      if (event.type === 'DELETED') pods.delete(formatKey(event.object.metadata));
      else pods.set(formatKey(event.object.metadata), event.object);
      const now = [...pods.values()];
      moments.push({
        total: now.length,
        ready: now.filter(isReady).length,
        images: new Set(now.map(imageOf)),
      });
    }
  })();
  return async () => {
    await client.barrier();
    watch.stop();
    await reading;
    return moments;
  };
}

function imageOf(pod: Pod): string {
  return pod.spec.containers[0]?.image ?? '';
}

async function change({ client }: Cluster, recipe: Parameters<typeof edit<Deployment>>[1]): Promise<void> {
  await client.update(Deployment, edit(await client.get(Deployment, KEY), recipe));
}

async function roll(cluster: Cluster, image: string): Promise<void> {
  await change(cluster, ({ spec }) => {
    for (const container of spec.template.spec?.containers ?? []) container.image = image;
  });
}

let cluster: Cluster;

async function started(deployment: New<typeof Deployment>, options?: ClusterOptions): Promise<void> {
  cluster = await startCluster(options);
  await cluster.client.create(Deployment, deployment);
  await cluster.settle();
}

afterEach(() => cluster.stop());

describe('the rollout of a Deployment', () => {
  it('runs as many Pods as it asks for, all of them ready, and says so', async () => {
    await started(web(3));
    const pods = await podsIn(cluster.client);
    expect(pods.map((pod) => [pod.status?.phase, isReady(pod), pod.spec.nodeName])).toEqual(
      Array.from({ length: 3 }, () => ['Running', true, 'oak']),
    );
    expect((await cluster.client.get(Deployment, KEY)).status).toEqual({
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      unavailableReplicas: 0,
      observedGeneration: 1,
    });
  });

  it('runs one Pod where it does not say how many', async () => {
    const { spec, ...rest } = web(1);
    const { replicas: _replicas, ...silent } = spec;
    await started({ ...rest, spec: silent });
    expect(await podsIn(cluster.client)).toHaveLength(1);
  });

  it.each([
    [4, '25%', '25%', 5, 3],
    [4, 1, 0, 5, 4],
    [4, 0, 1, 4, 3],
    [4, 0, 0, 4, 3],
    [5, 2, 2, 7, 3],
    [3, '100%', 0, 6, 3],
    [3, 0, '100%', 3, 0],
    [1, '25%', '25%', 2, 1],
    [10, '30%', '20%', 13, 8],
  ])(
    'of %i replicas with maxSurge %s and maxUnavailable %s never has more than %i Pods nor fewer than %i ready ones',
    async (replicas, maxSurge, maxUnavailable, most, least) => {
      await started(web(replicas, { rollingUpdate: { maxSurge, maxUnavailable } }));
      const recorded = await recordPods(cluster);
      await roll(cluster, 'web:2');
      await cluster.settle();
      const moments = await recorded();
      expect(moments.length).toBeGreaterThan(replicas);
      expect(Math.max(...moments.map(({ total }) => total))).toBeLessThanOrEqual(most);
      expect(Math.min(...moments.map(({ ready }) => ready))).toBeGreaterThanOrEqual(least);
      expect((await podsIn(cluster.client)).map(imageOf)).toEqual(
        Array.from({ length: replicas }, () => 'web:2'),
      );
    },
  );

  it('with Recreate never runs two versions at the same time', async () => {
    await started(web(3, { type: 'Recreate' }));
    const recorded = await recordPods(cluster);
    await roll(cluster, 'web:2');
    await cluster.settle();
    const moments = await recorded();
    expect(moments.filter(({ images }) => images.size > 1)).toEqual([]);
    expect((await podsIn(cluster.client)).map(imageOf)).toEqual(['web:2', 'web:2', 'web:2']);
  });

  it('takes up the new template and the new number where both change in the middle of it', async () => {
    await started(web(4));
    await roll(cluster, 'web:2');
    await cluster.clock.advance(150);
    await change(cluster, ({ spec }) => {
      spec.replicas = 6;
    });
    await cluster.clock.advance(50);
    await roll(cluster, 'web:3');
    await cluster.settle();
    expect((await podsIn(cluster.client)).map(imageOf)).toEqual(Array.from({ length: 6 }, () => 'web:3'));
  });

  it('makes no new ReplicaSet for a template that is the same but for the order of its keys', async () => {
    await started(web(1));
    const [before] = (await cluster.client.list(ReplicaSet)).items;
    const deployment = await cluster.client.get(Deployment, KEY);
    const { spec: podSpec, metadata } = deployment.spec.template;
    const patch = [{ op: 'replace' as const, path: '/spec/template', value: { spec: podSpec, metadata } }];
    await cluster.client.patch(Deployment, KEY, { type: 'json', patch });
    await cluster.settle();
    const sets = (await cluster.client.list(ReplicaSet)).items;
    expect(sets.map(({ metadata: { uid } }) => uid)).toEqual([before?.metadata.uid]);
  });

  it('goes back to the ReplicaSet of a template that it had before', async () => {
    await started(web(2));
    const [first] = (await cluster.client.list(ReplicaSet)).items;
    await roll(cluster, 'web:2');
    await cluster.settle();
    await roll(cluster, 'web:1');
    await cluster.settle();
    const sets = (await cluster.client.list(ReplicaSet)).items;
    expect(sets).toHaveLength(2);
    expect(sets.find((set) => set.metadata.uid === first?.metadata.uid)?.status?.availableReplicas).toBe(2);
  });

  it('keeps as many empty ReplicaSets as revisionHistoryLimit says', async () => {
    await started({ ...web(1), spec: { ...web(1).spec, revisionHistoryLimit: 2 } });
    for (let version = 2; version <= 6; version += 1) {
      await cluster.clock.advance(1_000);
      await roll(cluster, `web:${version}`);
      await cluster.settle();
    }
    const sets = (await cluster.client.list(ReplicaSet)).items;
    const images = sets.map((set) => set.spec.template?.spec?.containers[0]?.image ?? '').sort();
    expect(images).toEqual(['web:4', 'web:5', 'web:6']);
  });

  it('stops at a percentage that is none, and goes on once it is one', async () => {
    await started(web(2, { rollingUpdate: { maxSurge: 'some' } }));
    expect(await podsIn(cluster.client)).toEqual([]);
    await change(cluster, ({ spec }) => {
      spec.strategy = { rollingUpdate: { maxSurge: '50%' } };
    });
    await cluster.settle();
    expect(await podsIn(cluster.client)).toHaveLength(2);
  });

  it('takes everything along when it is deleted', async () => {
    await started(web(3));
    await cluster.client.delete(Deployment, KEY);
    await cluster.settle();
    expect(await podsIn(cluster.client)).toEqual([]);
    expect((await cluster.client.list(ReplicaSet)).items).toEqual([]);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'ends as it should where one write in five fails or loses its answer (seed %i)',
    async (seed) => {
      const random = new SeededRandom(seed);
      await started(web(4), { seed, faults: (client) => flaky(client, random, 5) });
      await roll(cluster, 'web:2');
      await cluster.settle();
      await change(cluster, ({ spec }) => {
        spec.replicas = 3;
      });
      await cluster.settle();
      const pods = await podsIn(cluster.client);
      expect(pods.map((pod) => [imageOf(pod), isReady(pod)])).toEqual(
        Array.from({ length: 3 }, () => ['web:2', true]),
      );
      expect((await cluster.client.get(Deployment, KEY)).status).toMatchObject({
        replicas: 3,
        availableReplicas: 3,
      });
    },
  );
});

describe('a ReplicaSet', () => {
  it('replaces a Pod that was deleted and one that failed', async () => {
    await started(web(3));
    const [first, second] = await podsIn(cluster.client);
    if (first === undefined || second === undefined) throw new Error('expected two Pods');
    await cluster.client.delete(Pod, keyOf(first));
    const failed = { type: 'merge' as const, patch: { status: { phase: 'Failed' } } };
    await cluster.client.patch(Pod, keyOf(second), failed, { subresource: 'status' });
    await cluster.settle();
    const pods = await podsIn(cluster.client);
    expect(pods.filter(isReady).map(({ status }) => status?.phase)).toEqual([
      'Running',
      'Running',
      'Running',
    ]);
  });

  it('parts with Pods that are not ready before it parts with ready ones', async () => {
    await started(web(3));
    const ready = (await podsIn(cluster.client)).map(({ metadata }) => metadata.name);
    await change(cluster, ({ spec }) => {
      spec.replicas = 5;
    });
    await cluster.manager.idle();
    await change(cluster, ({ spec }) => {
      spec.replicas = 3;
    });
    await cluster.settle();
    expect((await podsIn(cluster.client)).map(({ metadata }) => metadata.name)).toEqual(ready);
  });

  it('leaves the Pods of others alone', async () => {
    await started(web(1));
    const labels = { app: 'web' };
    await cluster.client.create(Pod, {
      metadata: { namespace: 'shop', name: 'stranger', labels },
      spec: { containers: [{ name: 'web', image: 'other' }] },
    });
    await cluster.settle();
    expect((await podsIn(cluster.client)).map(imageOf).sort()).toEqual(['other', 'web:1']);
  });
});
