import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Container, PodSpec } from '../../../src/resources/kinds/index.js';
import { requestsOf } from '../../../src/scheduler/pods/pod-requests.js';
import { scoredRequestsOf } from '../../../src/scheduler/pods/scored-requests.js';

const MEBI = 1024 * 1024;

function asks(requests: Record<string, string>, rest: Partial<Container> = {}): Container {
  return { name: 'c', resources: { requests }, ...rest };
}

function amounts(spec: PodSpec): Record<string, number> {
  return Object.fromEntries(requestsOf(spec));
}

describe('requestsOf', () => {
  it('sums up containers exactly, then rounds up', () => {
    const spec = {
      containers: [asks({ cpu: '0.5m', memory: '100m' }), asks({ cpu: '0.5m', memory: '100m' })],
    };
    expect(amounts(spec)).toEqual({ pods: 1, cpu: 1, memory: 1, '~cpu': 1, '~memory': 1 });
  });

  it('counts 100m and 200Mi for scoring where a container says nothing, and an explicit 0 as 0', () => {
    const spec = { containers: [asks({}), asks({ cpu: '0', memory: '1Mi' })] };
    expect(amounts(spec)).toEqual({ pods: 1, memory: MEBI, '~cpu': 100, '~memory': 201 * MEBI });
  });

  it('takes the larger of the start and the run, sidecars counting from their turn on', () => {
    const spec = {
      initContainers: [
        asks({ cpu: '1' }),
        asks({ cpu: '200m' }, { restartPolicy: 'Always' }),
        asks({ cpu: '900m' }),
      ],
      containers: [asks({ cpu: '500m' })],
    };
    expect(requestsOf(spec).get('cpu')).toBe(1_100);
    expect(requestsOf({ ...spec, containers: [asks({ cpu: '950m' })] }).get('cpu')).toBe(1_150);
  });

  it('puts what the Pod requests as a whole in place of its containers, and adds overhead', () => {
    const spec = {
      containers: [asks({ cpu: '1', 'example.com/gpu': '1' })],
      resources: { requests: { cpu: '300m', 'example.com/gpu': '5', 'hugepages-2Mi': '4Mi' } },
      overhead: { cpu: '50m', memory: '1Mi' },
    };
    expect(amounts(spec)).toEqual({
      pods: 1,
      cpu: 350,
      memory: MEBI,
      'example.com/gpu': 1,
      'hugepages-2Mi': 4 * MEBI,
      '~cpu': 350,
      '~memory': MEBI,
    });
    expect(Object.fromEntries(scoredRequestsOf(spec))).toEqual({
      cpu: 1_050,
      memory: 201 * MEBI,
      'example.com/gpu': 1,
    });
  });

  it('counts for scoring what nobody speaks of although the Pod requests something as a whole', () => {
    const spec = { containers: [asks({})], resources: { requests: { cpu: '300m' } } };
    expect(amounts(spec)).toEqual({ pods: 1, cpu: 300, '~cpu': 300, '~memory': 200 * MEBI });
  });

  it('leaves out what the scheduler does not count', () => {
    const spec = {
      containers: [asks({ pods: '7', storage: '1Gi', 'requests.example.com/x': '1', cpu: '1' })],
    };
    expect([...requestsOf(spec).keys()]).toEqual(['pods', 'cpu', '~cpu', '~memory']);
  });

  it('takes negative amounts for 0, and cuts what is too large', () => {
    const spec = { containers: [asks({ cpu: '-499m', memory: '9E' })] };
    expect(amounts(spec)).toEqual({
      pods: 1,
      memory: Number.MAX_SAFE_INTEGER,
      '~memory': Number.MAX_SAFE_INTEGER,
    });
  });

  it('names the field of what is no quantity', () => {
    const expected = 'expected a quantity such as "100m" or "512Mi", got "lots"';
    const bad = asks({ cpu: 'lots' });
    expect(() => requestsOf({ containers: [asks({}), bad] })).toThrow(
      new TypeError(`spec.containers[1].resources.requests.cpu: ${expected}`),
    );
    expect(() => requestsOf({ containers: [asks({})], initContainers: [bad] })).toThrow(
      `spec.initContainers[0].resources.requests.cpu: ${expected}`,
    );
    expect(() => requestsOf({ containers: [], resources: { requests: { cpu: 'lots' } } })).toThrow(
      `spec.resources.requests.cpu: ${expected}`,
    );
    expect(() => requestsOf({ containers: [], overhead: { cpu: 'lots' } })).toThrow(
      `spec.overhead.cpu: ${expected}`,
    );
  });

  it('agrees with the need at each moment of the life of a Pod', () => {
    const cpu = fc.integer({ min: 0, max: 5_000 });
    const start = fc.array(fc.record({ cpu, isSidecar: fc.boolean() }), { maxLength: 6 });
    fc.assert(
      fc.property(start, fc.array(cpu, { minLength: 1, maxLength: 4 }), (inits, runs) => {
        let sidecars = 0;
        let most = 0;
        for (const init of inits) {
          most = Math.max(most, sidecars + init.cpu);
          if (init.isSidecar) sidecars += init.cpu;
        }
        most = Math.max(
          most,
          runs.reduce((sum, run) => sum + run, sidecars),
        );
        const spec = {
          containers: runs.map((run) => asks({ cpu: `${run}m` })),
          initContainers: inits.map((init) =>
            asks({ cpu: `${init.cpu}m` }, init.isSidecar ? { restartPolicy: 'Always' } : {}),
          ),
        };
        expect(requestsOf(spec).get('cpu') ?? 0).toBe(most);
        expect(requestsOf(spec).get('~cpu') ?? 0).toBe(most);
      }),
      { seed: 20_260_101 },
    );
  });
});
