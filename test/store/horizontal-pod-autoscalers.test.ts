import { beforeEach, describe, expect, it } from 'vitest';
import { edit, SeededRandom, VirtualClock } from '../../src/core/index.js';
import type { AnyResource } from '../../src/resources/index.js';
import {
  builtinKinds,
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerV1,
} from '../../src/resources/kinds/index.js';
import { builtinDefaults, ObjectStore, type ObjectStoreOptions } from '../../src/store/index.js';
import { SimulatedStorage } from '../../src/testing/index.js';
import { Kinds } from '../../src/store/kinds.js';
import { at, failure, lines, type Setup } from './kit.js';

const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
const queue = {
  type: 'External',
  external: { metric: { name: 'queue' }, target: { type: 'Value', value: '30' } },
} as const;
const cpu = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
} as const;
const old = {
  metadata: at('a'),
  spec: { scaleTargetRef, minReplicas: 1, maxReplicas: 3, targetCPUUtilizationPercentage: 50 },
};
const current = {
  metadata: at('a'),
  spec: {
    scaleTargetRef,
    maxReplicas: 3,
    metrics: [queue, cpu],
    behavior: { scaleDown: { stabilizationWindowSeconds: 60 } },
  },
};

async function setUp(where: string, options: Partial<ObjectStoreOptions> = {}): Promise<Setup> {
  const clock = new VirtualClock();
  const storage = where === 'a storage' ? { storage: new SimulatedStorage({ clock }) } : {};
  const parts = { clock, random: new SeededRandom(1), ...storage, ...options };
  const store = new ObjectStore({ resources: builtinKinds, ...parts });
  await store.open();
  return { store, client: store.client(), clock };
}

describe.each(['memory', 'a storage'])('the HorizontalPodAutoscalers of a store in %s', (where) => {
  let setup: Setup;
  beforeEach(async () => {
    setup = await setUp(where);
  });

  it('are the same in both versions', async () => {
    const { client } = setup;
    const created = await client.create(HorizontalPodAutoscalerV1, old);
    expect(created).toMatchObject({ apiVersion: 'autoscaling/v1', spec: old.spec });
    const stored = await client.get(HorizontalPodAutoscaler, at('a'));
    const { targetCPUUtilizationPercentage: _, ...common } = old.spec;
    expect(stored).toEqual({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: created.metadata,
      spec: { ...common, metrics: [cpu] },
    });
    await failure(client.create(HorizontalPodAutoscaler, current), 'AlreadyExists');
    await client.create(HorizontalPodAutoscaler, { ...current, metadata: at('b') });
    for (const resource of [HorizontalPodAutoscaler, HorizontalPodAutoscalerV1] as readonly AnyResource[]) {
      const { items } = await client.list(resource);
      expect(items.map(({ apiVersion, metadata }) => [apiVersion, metadata.name])).toEqual([
        [resource.apiVersion, 'a'],
        [resource.apiVersion, 'b'],
      ]);
    }
    await client.delete(HorizontalPodAutoscalerV1, at('b'));
    await failure(client.get(HorizontalPodAutoscaler, at('b')), 'NotFound');
  });

  it('keep what version 1 does not know when they are updated there', async () => {
    const { client } = setup;
    await client.create(HorizontalPodAutoscaler, current);
    const shown = await client.get(HorizontalPodAutoscalerV1, at('a'));
    expect(shown.spec).toEqual({ scaleTargetRef, maxReplicas: 3, targetCPUUtilizationPercentage: 50 });
    const updated = await client.update(
      HorizontalPodAutoscalerV1,
      edit(shown, (draft) => {
        draft.spec.maxReplicas = 7;
        draft.spec.targetCPUUtilizationPercentage = 60;
      }),
    );
    expect(updated.metadata.generation).toBe(2);
    const wanted = structuredClone(cpu.resource);
    const patched = { ...cpu, resource: { ...wanted, target: { ...wanted.target, averageUtilization: 60 } } };
    const { spec } = await client.get(HorizontalPodAutoscaler, at('a'));
    expect(spec).toEqual({ ...current.spec, maxReplicas: 7, metrics: [queue, patched] });
    const patch = { spec: { targetCPUUtilizationPercentage: null } };
    await client.patch(HorizontalPodAutoscalerV1, at('a'), { type: 'merge', patch });
    const { metrics } = (await client.get(HorizontalPodAutoscaler, at('a'))).spec;
    expect(metrics).toEqual([queue]);
  });

  it('have one status', async () => {
    const { client } = setup;
    const created = await client.create(HorizontalPodAutoscaler, current);
    const currentMetrics = [
      {
        type: 'External',
        external: { metric: { name: 'queue' }, current: { value: '3' } },
      },
    ];
    const conditions = [{ type: 'AbleToScale', status: 'True' }];
    const status = { currentReplicas: 1, desiredReplicas: 2, currentMetrics, conditions };
    await client.update(HorizontalPodAutoscaler, { ...created, status }, { subresource: 'status' });
    const shown = await client.get(HorizontalPodAutoscalerV1, at('a'));
    expect(shown.status).toEqual({ currentReplicas: 1, desiredReplicas: 2 });
    const wanted = { ...shown, status: { ...shown.status, currentCPUUtilizationPercentage: 33 } };
    await client.update(HorizontalPodAutoscalerV1, wanted as typeof shown, { subresource: 'status' });
    const after = await client.get(HorizontalPodAutoscaler, at('a'));
    const measured = {
      type: 'Resource',
      resource: { name: 'cpu', current: { averageUtilization: 33 } },
    };
    expect(after.status).toEqual({ ...status, currentMetrics: [...currentMetrics, measured] });
    expect(after.spec).toEqual(created.spec);
  });

  it('are watched in any version, and applied in the one that is stored', async () => {
    const { client } = setup;
    const watch = client.watch(HorizontalPodAutoscalerV1, { resourceVersion: '1' });
    const options = { fieldManager: 'me' };
    await failure(client.apply(HorizontalPodAutoscalerV1, old, options), 'MethodNotAllowed');
    await client.apply(HorizontalPodAutoscaler, current, options);
    const patch = { spec: { minReplicas: 2, targetCPUUtilizationPercentage: 70 } };
    await client.patch(HorizontalPodAutoscalerV1, at('a'), { type: 'merge', patch });
    expect((await lines(client, watch)).map((each) => each.split(' @')[0])).toEqual([
      'ADDED a',
      'MODIFIED a',
    ]);
    const again = { ...current, spec: { ...current.spec, maxReplicas: 4 } };
    const error = await failure(client.apply(HorizontalPodAutoscaler, again, options), 'Conflict');
    expect(error.message).toContain('.spec.metrics');
    await client.apply(HorizontalPodAutoscaler, again, { ...options, force: true });
    const { spec } = await client.get(HorizontalPodAutoscalerV1, at('a'));
    expect(spec).toEqual({ ...old.spec, minReplicas: 2, maxReplicas: 4 });
  });

  it('have the defaults of Kubernetes in both versions', async () => {
    const { client } = await setUp(where, { admission: [builtinDefaults()] });
    const spec = { scaleTargetRef, maxReplicas: 3 };
    const created = await client.create(HorizontalPodAutoscalerV1, { metadata: at('a'), spec });
    expect(created.spec).toEqual({ ...spec, minReplicas: 1, targetCPUUtilizationPercentage: 80 });
    const updated = await client.update(HorizontalPodAutoscalerV1, created);
    expect(updated).toEqual(created);
  });

  it.each([HorizontalPodAutoscaler, HorizontalPodAutoscalerV1] as readonly AnyResource[])(
    'are what they are where a store serves one version alone: $apiVersion',
    async (resource) => {
      const { client } = await setUp(where, { resources: [resource] });
      const spec = { scaleTargetRef, maxReplicas: 3 };
      const created = await client.create(resource, { metadata: at('a'), spec });
      expect(created).toMatchObject({ apiVersion: resource.apiVersion, spec });
      const other =
        resource === HorizontalPodAutoscaler ? HorizontalPodAutoscalerV1 : HorizontalPodAutoscaler;
      await failure(client.get(other as AnyResource, at('a')), 'NotFound');
    },
  );
});

describe('the HorizontalPodAutoscalers in a storage', () => {
  it('are of one kind, in two versions', () => {
    const kinds = new Kinds(builtinKinds);
    expect(kinds.of(HorizontalPodAutoscalerV1)).toBe(kinds.of(HorizontalPodAutoscaler));
    expect(kinds.of(HorizontalPodAutoscalerV1).resource).toBe(HorizontalPodAutoscaler);
    expect(kinds.resources).toEqual(builtinKinds.filter(({ virtual }) => virtual !== true));
    expect(kinds.all()).toHaveLength(kinds.resources.length - 1);
  });

  it('are served in both versions though a store of the old one alone has stored them', async () => {
    const clock = new VirtualClock();
    const storage = new SimulatedStorage({ clock });
    const before = await setUp('', { clock, storage, resources: [HorizontalPodAutoscalerV1] });
    await before.client.create(HorizontalPodAutoscalerV1, old);
    await before.store.close();
    const { client } = await setUp('', { clock, storage });
    expect((await client.get(HorizontalPodAutoscaler, at('a'))).spec.metrics).toEqual([cpu]);
    expect((await client.get(HorizontalPodAutoscalerV1, at('a'))).spec).toEqual(old.spec);
  });
});
