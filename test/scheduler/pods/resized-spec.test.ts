import { describe, expect, it } from 'vitest';
import type { Container, ContainerStatus, Pod } from '../../../src/resources/kinds/index.js';
import { requestsOf } from '../../../src/scheduler/pods/pod-requests.js';
import { resizedSpec } from '../../../src/scheduler/pods/resized-spec.js';
import { podOf } from '../plugins/try-plugin.js';

function statusOf(name: string, used: string, promised?: string): ContainerStatus {
  return {
    name,
    resources: { requests: { cpu: used } },
    ...(promised === undefined ? {} : { allocatedResources: { cpu: promised } }),
  } as unknown as ContainerStatus;
}

function cpuOf(pod: Pod): number | undefined {
  return requestsOf(resizedSpec(pod)).get('cpu');
}

const main: Container = { name: 'main', resources: { requests: { cpu: '500m' } } };

describe('resizedSpec', () => {
  it('counts the largest of what is asked for, promised and in use', () => {
    const pod = (used: string, promised: string): Pod =>
      podOf('p', { containers: [main] }, { containerStatuses: [statusOf('main', used, promised)] });
    expect([cpuOf(pod('1', '100m')), cpuOf(pod('100m', '2')), cpuOf(pod('100m', '100m'))]).toEqual([
      1_000, 2_000, 500,
    ]);
  });

  it('leaves out what is asked for where the kubelet has said that it cannot be', () => {
    const conditions = [{ type: 'PodResizePending', status: 'True', reason: 'Infeasible' }];
    const status = { conditions, containerStatuses: [statusOf('main', '200m', '0.3')] };
    expect(cpuOf(podOf('p', { containers: [main] }, status))).toBe(300);
  });

  it('is the spec itself where nothing is resized', () => {
    const statuses = [undefined, [statusOf('main', '0.5', '500m')], [statusOf('other', '2')]];
    for (const containerStatuses of statuses) {
      const pod = podOf('p', { containers: [main] }, containerStatuses && { containerStatuses });
      expect(resizedSpec(pod)).toBe(pod.spec);
    }
  });

  it('looks at sidecars among the init containers, and at no others', () => {
    const initContainers: Container[] = [
      { ...main, name: 'once' },
      { ...main, name: 'sidecar', restartPolicy: 'Always' },
    ];
    const initContainerStatuses = [statusOf('once', '9'), statusOf('sidecar', '1')];
    const pod = podOf('p', { containers: [main], initContainers }, { initContainerStatuses });
    expect(cpuOf(pod)).toBe(1_500);
  });
});
