import { describe, expect, it } from 'vitest';
import {
  type Container,
  LimitRange,
  type LimitRangeItem,
  PersistentVolumeClaim,
  Pod,
} from '../../../src/resources/kinds/index.js';
import { limitRanges } from '../../../src/store/admission/limit-ranges.js';
import type { StoredObject } from '../../../src/store/stored-object.js';
import { at, failure, setUp } from '../kit.js';
import { FakeStore, mutate, requestOf, stored } from './kit.js';

type Resources = NonNullable<Container['resources']>;

/** The containers of a Pod, created in a namespace with one LimitRange for each list of limits. */
async function admitted(
  ranges: readonly (readonly LimitRangeItem[])[],
  ...containers: readonly (Resources | undefined)[]
): Promise<Pod> {
  const { client } = setUp({ admission: [limitRanges()] }, LimitRange, Pod);
  for (const [index, limits] of ranges.entries()) {
    await client.create(LimitRange, { metadata: at(`range-${index}`), spec: { limits } });
  }
  return client.create(Pod, { metadata: at('a'), spec: { containers: containers.map(container) } });
}

function container(resources: Resources | undefined, index: number): Container {
  return { name: `c${index}`, image: 'nginx', ...(resources === undefined ? undefined : { resources }) };
}

/** Why such a Pod is refused. */
async function refusal(
  limit: LimitRangeItem | readonly LimitRangeItem[],
  ...containers: readonly (Resources | undefined)[]
): Promise<string> {
  const ranges = [Array.isArray(limit) ? (limit as readonly LimitRangeItem[]) : [limit as LimitRangeItem]];
  const error = await failure(admitted(ranges, ...containers), 'Forbidden');
  const prefix = 'pods "a" is forbidden: ';
  expect(error.message.startsWith(prefix)).toBe(true);
  return error.message.slice(prefix.length);
}

const both = { limits: { cpu: '1' }, requests: { cpu: '1' } };

describe('the defaults of LimitRanges', () => {
  it('are given to containers that say nothing, and told in an annotation', async () => {
    const limit = {
      type: 'Container',
      default: { cpu: '1', memory: '1Gi' },
      defaultRequest: { cpu: '500m' },
    };
    const pod = await admitted([[limit]], undefined, { requests: { cpu: '2' }, limits: { cpu: '3' } });
    expect(pod.spec.containers.map(({ resources }) => resources)).toEqual([
      { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m', memory: '1Gi' } },
      { limits: { cpu: '3', memory: '1Gi' }, requests: { cpu: '2', memory: '1Gi' } },
    ]);
    expect(pod.metadata.annotations).toEqual({
      'kubernetes.io/limit-ranger':
        'LimitRanger plugin set: cpu, memory request for container c0; cpu, memory limit for container c0; memory request for container c1; memory limit for container c1',
    });
  });

  it('are given to init containers too', async () => {
    const store = new FakeStore(LimitRange, Pod);
    store.put(LimitRange, {
      metadata: at('a'),
      spec: { limits: [{ type: 'Container', defaultRequest: { cpu: '1' } }] },
    });
    const object = stored(Pod, {
      metadata: at('p'),
      spec: { containers: [], initContainers: [{ name: 'i' }] },
    });
    const pod = mutate([limitRanges()], requestOf(Pod, { object }, { store })) as StoredObject;
    expect(pod['spec']).toMatchObject({ initContainers: [{ resources: { requests: { cpu: '1' } } }] });
    expect(pod.metadata.annotations).toEqual({
      'kubernetes.io/limit-ranger': 'LimitRanger plugin set: cpu request for init container i',
    });
  });

  it('do not raise a request above what the container limits itself to', async () => {
    const limit = { type: 'Container', default: { cpu: '4' }, defaultRequest: { cpu: '2' } };
    const pod = await admitted([[limit]], { limits: { cpu: '1' } });
    expect(pod.spec.containers[0]?.resources).toEqual({ limits: { cpu: '1' }, requests: { cpu: '1' } });
    expect(pod.metadata.annotations).toBeUndefined();
  });

  it('come from minima and maxima where nothing else is said', async () => {
    const limit = { type: 'Container', max: { cpu: '2' }, min: { memory: '1Mi' } };
    const pod = await admitted([[limit]], undefined);
    expect(pod.spec.containers[0]?.resources).toEqual({
      limits: { cpu: '2' },
      requests: { cpu: '2', memory: '1Mi' },
    });
  });

  it('come from the first LimitRange that has one', async () => {
    const ranges = ['1', '2'].map((cpu) => [{ type: 'Container', default: { cpu } }]);
    ranges[1]?.push({ type: 'Container', default: { memory: '1Gi' } } as never);
    const pod = await admitted(ranges, undefined);
    expect(pod.spec.containers[0]?.resources?.limits).toEqual({ cpu: '1', memory: '1Gi' });
  });

  it('leave alone what is complete, what is in no namespace with limits, and what is there already', async () => {
    expect((await admitted([], undefined)).spec.containers).toEqual([{ name: 'c0', image: 'nginx' }]);
    const { client } = setUp({ admission: [limitRanges()] }, LimitRange, Pod);
    const pod = await client.create(Pod, { metadata: at('a'), spec: { containers: [container(both, 0)] } });
    const limits = [{ type: 'Container', default: { memory: '1Gi' }, min: { cpu: '5' } }];
    await client.create(LimitRange, { metadata: at('late'), spec: { limits } });
    const updated = await client.update(Pod, { ...pod, metadata: { ...pod.metadata, labels: { a: 'b' } } });
    expect(updated.spec).toBe(pod.spec);
    await client.create(Pod, {
      metadata: at('a', 'elsewhere'),
      spec: { containers: [container(undefined, 0)] },
    });
  });
});

describe('the limits of LimitRanges', () => {
  it.each([
    [
      { type: 'Container', min: { cpu: '100m' } },
      { requests: { cpu: '50m' } },
      'minimum cpu usage per Container is 100m, but request is 50m',
    ],
    [
      { type: 'Container', min: { cpu: '100m' } },
      { requests: { cpu: '100m' }, limits: { cpu: '50m' } },
      'minimum cpu usage per Container is 100m, but limit is 50m',
    ],
    [
      { type: 'Container', max: { cpu: '2' } },
      { limits: { cpu: '3' } },
      'maximum cpu usage per Container is 2, but limit is 3',
    ],
    [
      { type: 'Container', max: { cpu: '2' } },
      { limits: { cpu: '1' }, requests: { cpu: '2500m' } },
      'maximum cpu usage per Container is 2, but request is 2500m',
    ],
    [
      { type: 'Container', maxLimitRequestRatio: { cpu: '2' } },
      { limits: { cpu: '3' }, requests: { cpu: '1' } },
      'cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000',
    ],
    [
      { type: 'Container', maxLimitRequestRatio: { cpu: '2' } },
      { limits: { cpu: '3' }, requests: { cpu: '0' } },
      'cpu max limit to request ratio per Container is 2, but no request is specified or request is 0',
    ],
    [
      { type: 'Container', maxLimitRequestRatio: { cpu: '2' } },
      { requests: { cpu: '1' } },
      'cpu max limit to request ratio per Container is 2, but no limit is specified or limit is 0',
    ],
    [
      { type: 'Pod', min: { cpu: '1' } },
      undefined,
      'minimum cpu usage per Pod is 1.  No request is specified',
    ],
    [{ type: 'Pod', max: { cpu: '1' } }, undefined, 'maximum cpu usage per Pod is 1.  No limit is specified'],
  ] satisfies [LimitRangeItem, Resources | undefined, string][])(
    '%j refuses %j',
    async (limit, resources, why) => {
      expect(await refusal(limit, resources)).toBe(why);
    },
  );

  it('hold for all containers of a Pod together', async () => {
    const limit = { type: 'Pod', max: { cpu: '2' } };
    const half = { limits: { cpu: '1' }, requests: { cpu: '500m' } };
    await admitted([[limit]], half, half);
    expect(await refusal(limit, half, half, half)).toBe('maximum cpu usage per Pod is 2, but limit is 3');
    const ratio = { type: 'Pod', maxLimitRequestRatio: { cpu: '1500m' } };
    expect(await refusal(ratio, half)).toBe(
      'cpu max limit to request ratio per Pod is 1500m, but provided ratio is 2.000000',
    );
  });

  it('are told all at once, each once', async () => {
    const limit = { type: 'Container', max: { cpu: '1', memory: '1Gi' } };
    const much = { limits: { cpu: '2', memory: '2Gi' } };
    expect(await refusal(limit, much, much)).toBe(
      '[maximum cpu usage per Container is 1, but limit is 2, maximum memory usage per Container is 1Gi, but limit is 2Gi]',
    );
  });

  it('include what they limit exactly', async () => {
    await admitted(
      [[{ type: 'Container', min: { cpu: '1' }, max: { cpu: '1' }, maxLimitRequestRatio: { cpu: '1' } }]],
      both,
    );
  });

  it('hold for claims, also where they change, and only there where they speak of claims', async () => {
    const { client } = setUp({ admission: [limitRanges()] }, LimitRange, PersistentVolumeClaim);
    const limits = [
      { type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '10Gi' } },
      { type: 'Container', min: { storage: '100Gi' } },
    ];
    await client.create(LimitRange, { metadata: at('r'), spec: { limits } });
    const claim = (
      name: string,
      storage: string,
    ): Parameters<typeof client.create<typeof PersistentVolumeClaim>>[1] => ({
      metadata: at(name),
      spec: { resources: { requests: { storage } } },
    });
    const ok = await client.create(PersistentVolumeClaim, claim('a', '10Gi'));
    const small = await failure(client.create(PersistentVolumeClaim, claim('b', '1Mi')), 'Forbidden');
    expect(small.message).toBe(
      'persistentvolumeclaims "b" is forbidden: minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 1Mi',
    );
    const none = await failure(
      client.create(PersistentVolumeClaim, { metadata: at('c'), spec: {} }),
      'Forbidden',
    );
    expect(none.message).toBe(
      'persistentvolumeclaims "c" is forbidden: [minimum storage usage per PersistentVolumeClaim is 1Gi.  No request is specified, maximum storage usage per PersistentVolumeClaim is 10Gi.  No request is specified]',
    );
    const patch = { spec: { resources: { requests: { storage: '11Gi' } } } };
    const grown = await failure(
      client.patch(PersistentVolumeClaim, at('a'), { type: 'merge', patch }),
      'Forbidden',
    );
    expect(grown.message).toContain(
      'maximum storage usage per PersistentVolumeClaim is 10Gi, but request is 11Gi',
    );
    await client.patch(
      PersistentVolumeClaim,
      at('a'),
      { type: 'merge', patch: { status: { phase: 'Bound' } } },
      { subresource: 'status' },
    );
    await client.delete(PersistentVolumeClaim, ok.metadata);
  });
});
