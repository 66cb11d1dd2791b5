import { describe, expect, it } from 'vitest';
import type { Container, PodSpec } from '../../../../src/resources/kinds/index.js';
import { podAmounts, podAmountsWithOverhead } from '../../../../src/store/admission/quota/pod-amounts.js';

function container(cpu: string, more: Partial<Container> = {}): Container {
  return { name: `c${cpu}`, resources: { requests: { cpu } }, ...more };
}

function cpuOf(spec: Partial<PodSpec>): string | undefined {
  return podAmounts({ containers: [], ...spec }, 'requests')
    .get('cpu')
    ?.toString();
}

describe('what the containers of a Pod take together', () => {
  it('is their sum', () => {
    expect(cpuOf({ containers: [container('1'), container('500m')] })).toBe('1500m');
    expect(cpuOf({})).toBeUndefined();
    const limits = podAmounts(
      { containers: [{ name: 'a', resources: { limits: { memory: '1Gi' } } }] },
      'limits',
    );
    expect([...limits.keys()]).toEqual(['memory']);
  });

  it('is what one init container takes where that is more', () => {
    const containers = [container('1')];
    expect(cpuOf({ containers, initContainers: [container('3'), container('2')] })).toBe('3');
    expect(cpuOf({ containers, initContainers: [container('500m')] })).toBe('1');
  });

  it('counts init containers that go on running with the others, and with those that start after them', () => {
    const sidecar = container('1', { restartPolicy: 'Always' });
    const containers = [container('2')];
    expect(cpuOf({ containers, initContainers: [sidecar] })).toBe('3');
    expect(cpuOf({ containers, initContainers: [sidecar, container('5'), sidecar] })).toBe('6');
    expect(cpuOf({ containers, initContainers: [container('5'), sidecar] })).toBe('5');
  });

  it('is what the Pod says as a whole, where it does', () => {
    const resources = { requests: { cpu: '4', 'example.com/gpu': '1' } };
    const spec = { containers: [container('1')], resources };
    expect(cpuOf(spec)).toBe('4');
    expect(podAmounts(spec, 'requests').has('example.com/gpu')).toBe(false);
  });

  it('includes the overhead where that is asked for, in limits only of what is limited', () => {
    const spec: PodSpec = {
      containers: [{ name: 'a', resources: { requests: { cpu: '1' }, limits: { cpu: '2', memory: '0' } } }],
      overhead: { cpu: '250m', memory: '1Mi' },
    };
    const texts = (side: 'requests' | 'limits'): unknown =>
      Object.fromEntries(
        [...podAmountsWithOverhead(spec, side)].map(([name, amount]) => [name, amount.toString()]),
      );
    expect(texts('requests')).toEqual({ cpu: '1250m', memory: '1Mi' });
    expect(texts('limits')).toEqual({ cpu: '2250m', memory: '0' });
  });
});
