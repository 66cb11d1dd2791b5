import { ObjectStore, SeededRandom, VirtualClock } from 'keelson';
import {
  builtinKinds,
  ConfigMap,
  Deployment,
  Job,
  Namespace,
  Pod,
  ReplicaSet,
  Secret,
  Service,
} from 'keelson/kinds';
import { describe, expect, it } from 'vitest';
import { shop } from '../../examples/shop.js';
import { isReady } from '../../examples/shop/pods.js';

interface Run {
  readonly store: ObjectStore;
  readonly lines: readonly string[];
}

/** Runs the shop on virtual time. */
async function run(seed: number): Promise<Run> {
  const clock = new VirtualClock();
  const store = new ObjectStore({ resources: builtinKinds, clock, random: new SeededRandom(seed) });
  const lines: string[] = [];
  const state = { ended: false };
  const running = shop(store.client(), (line) => lines.push(line)).finally(() => {
    state.ended = true;
  });
  while (!state.ended && clock.monotonic() < 60_000) await clock.next();
  expect(state.ended, `the shop stands still after ${lines.at(-1)}`).toBe(true);
  await running;
  return { store, lines };
}

describe('the shop', () => {
  it('ends with every Deployment rolled out, every Pod running, and the migration done', async () => {
    const { store } = await run(1);
    const client = store.client();
    const inShop = { namespace: 'shop' };

    const pods = (await client.list(Pod, inShop)).items;
    const ready = pods.filter(isReady).map(({ spec }) => spec.containers[0]?.image ?? '');
    expect(ready.sort()).toEqual([
      'postgres:17.2',
      'redis:7.4',
      ...Array.from({ length: 4 }, () => 'shop/api:1.4.0'),
      ...Array.from({ length: 4 }, () => 'shop/web:2.1.0'),
    ]);
    const others = pods
      .filter((pod) => !isReady(pod))
      .map(({ metadata, status }) => [metadata.name, status?.phase]);
    expect(others).toEqual([['migrate-database-0', 'Succeeded']]);
    expect(pods.find(({ metadata }) => metadata.name.startsWith('database-'))?.spec.nodeName).toBe('oak');

    const deployments = (await client.list(Deployment, inShop)).items;
    expect(
      deployments.map(({ metadata, spec, status }) => [
        metadata.name,
        spec.replicas,
        status?.availableReplicas,
        status?.replicas,
      ]),
    ).toEqual([
      ['api', 4, 4, 4],
      ['cache', 1, 1, 1],
      ['database', 1, 1, 1],
      ['web', 4, 4, 4],
    ]);
    expect((await client.list(ReplicaSet, inShop)).items).toHaveLength(5);
    expect((await client.list(Job, inShop)).items.map(({ status }) => status?.conditions?.[0]?.type)).toEqual(
      ['Complete'],
    );
    await store.close();
  });

  it('stores the manifests as they are', async () => {
    const { store } = await run(1);
    const client = store.client();
    const namesOf = async (
      kind: typeof ConfigMap | typeof Secret | typeof Service,
    ): Promise<readonly string[]> =>
      (await client.list<typeof ConfigMap>(kind as typeof ConfigMap, { namespace: 'shop' })).items.map(
        ({ metadata }) => metadata.name,
      );
    expect(await namesOf(ConfigMap)).toEqual(['shop-config', 'web-nginx']);
    expect(await namesOf(Secret)).toEqual(['api-keys', 'database-credentials']);
    expect(await namesOf(Service)).toEqual(['api', 'cache', 'database', 'web']);
    expect((await client.get(Namespace, { name: 'shop' })).metadata.labels).toMatchObject({
      environment: 'demo',
    });
    const web = await client.get(Deployment, { namespace: 'shop', name: 'web' });
    expect(web.spec.template.spec?.containers[0]).toMatchObject({
      ports: [{ name: 'http', containerPort: 8080 }],
      resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '128Mi' } },
      readinessProbe: { httpGet: { path: '/', port: 'http' }, initialDelaySeconds: 2 },
    });
    await store.close();
  });

  it('tells what happens, and what runs where in the end', async () => {
    const { store, lines } = await run(1);
    expect(lines[0]).toBe('    0 ms  you         add the nodes oak, birch, maple');
    expect(lines).toContain('    0 ms  you         created Namespace shop');
    expect(lines.filter((line) => line.includes('roll web to shop/web:2.1.0'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('failed'))).toEqual([]);
    const table = lines.slice(lines.indexOf('') + 1);
    expect(table[0]).toMatch(/^NODE +POD +IMAGE +STATE$/);
    expect(table).toHaveLength(1 + 11);
    await store.close();
  });

  it('goes the same way twice where clock and randomness are the same, and another way where they are not', async () => {
    const [first, second, other] = [await run(7), await run(7), await run(8)];
    expect(second.lines).toEqual(first.lines);
    expect(other.lines).not.toEqual(first.lines);
    for (const { store } of [first, second, other]) await store.close();
  });
});
