import { keyOf, type New, SeededRandom } from 'keelson';
import { Job, Pod } from 'keelson/kinds';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endOf } from '../../../examples/shop/job-controller.js';
import { type Cluster, flaky, podsIn, startCluster } from './cluster.js';

const KEY = { namespace: 'shop', name: 'migrate' };

function migrate(spec: Partial<Job['spec']> = {}): New<typeof Job> {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'migrate', image: 'api:1' }] } };
  return { metadata: KEY, spec: { template, ...spec } };
}

async function fail(cluster: Cluster, pod: Pod): Promise<void> {
  const patch = { status: { phase: 'Failed' } };
  await cluster.client.patch(Pod, keyOf(pod), { type: 'merge', patch }, { subresource: 'status' });
}

describe('jobController', () => {
  let cluster: Cluster;
  beforeEach(async () => {
    cluster = await startCluster();
  });
  afterEach(() => cluster.stop());

  it('runs one Pod to its end', async () => {
    await cluster.client.create(Job, migrate());
    await cluster.settle();
    expect((await podsIn(cluster.client)).map(({ status }) => status?.phase)).toEqual(['Succeeded']);
    const job = await cluster.client.get(Job, KEY);
    expect(endOf(job)?.type).toBe('Complete');
    expect(job.status).toMatchObject({ active: 0, succeeded: 1, failed: 0 });
    expect(job.status?.completionTime).toBeDefined();
  });

  it('runs as many at a time as parallelism says, until as many as completions says have succeeded', async () => {
    await cluster.client.create(Job, migrate({ completions: 5, parallelism: 2 }));
    await cluster.manager.idle();
    expect(await podsIn(cluster.client)).toHaveLength(2);
    await cluster.settle();
    expect((await podsIn(cluster.client)).map(({ status }) => status?.phase)).toEqual(
      Array.from({ length: 5 }, () => 'Succeeded'),
    );
  });

  it('tries again after a failure, and gives up after more than backoffLimit', async () => {
    await cluster.client.create(Job, migrate({ backoffLimit: 2 }));
    for (let failures = 1; failures <= 3; failures += 1) {
      await cluster.manager.idle();
      const active = (await podsIn(cluster.client)).filter(({ status }) => status?.phase !== 'Failed');
      expect(active).toHaveLength(1);
      for (const pod of active) await fail(cluster, pod);
    }
    await cluster.settle();
    expect(await podsIn(cluster.client)).toHaveLength(3);
    const job = await cluster.client.get(Job, KEY);
    expect(endOf(job)?.type).toBe('Failed');
    expect(job.status).toMatchObject({ active: 0, succeeded: 0, failed: 3 });
  });

  it('never touches a finished Job again', async () => {
    await cluster.client.create(Job, migrate());
    await cluster.settle();
    for (const pod of await podsIn(cluster.client)) await cluster.client.delete(Pod, keyOf(pod));
    await cluster.settle();
    expect(await podsIn(cluster.client)).toEqual([]);
  });
});

describe('jobController where one write in four fails or loses its answer', () => {
  it.each([1, 2, 3, 4, 5])(
    'has as many successes as asked for, and no Pod too many (seed %i)',
    async (seed) => {
      const random = new SeededRandom(seed);
      const cluster = await startCluster({ seed, faults: (client) => flaky(client, random, 4) });
      await cluster.client.create(Job, migrate({ completions: 3, parallelism: 3 }));
      await cluster.settle();
      expect((await podsIn(cluster.client)).map(({ status }) => status?.phase)).toEqual(
        Array.from({ length: 3 }, () => 'Succeeded'),
      );
      expect(endOf(await cluster.client.get(Job, KEY))?.type).toBe('Complete');
      await cluster.stop();
    },
  );
});
