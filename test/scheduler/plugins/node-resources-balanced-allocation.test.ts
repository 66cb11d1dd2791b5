import { describe, expect, it } from 'vitest';
import { nodeResourcesBalancedAllocation } from '../../../src/scheduler/plugins/node-resources-balanced-allocation.js';
import { clusterOf, containerOf, podOf, roomyNode, scoreAll } from './try-plugin.js';

describe('nodeResourcesBalancedAllocation', () => {
  const cluster = clusterOf(
    [
      roomyNode('even', { cpu: '4', memory: '4Gi' }),
      roomyNode('busy', { cpu: '4', memory: '4Gi' }),
      roomyNode('over', { cpu: '1', memory: '4Gi' }),
      roomyNode('nothing', { cpu: '4' }),
    ],
    [podOf('a', { nodeName: 'busy', containers: [containerOf({ cpu: '2' })] })],
  );

  it('likes nodes that a Pod makes more even', () => {
    const memory = podOf('p', { containers: [containerOf({ memory: '1Gi' })] });
    // from 100 to 87, from 75 to 87
    expect(scoreAll(nodeResourcesBalancedAllocation(), cluster, memory)).toEqual([68, 81, 68, 75]);
    const cpu = podOf('p', { containers: [containerOf({ cpu: '2' })] });
    // from 100 to 75, from 75 to 50, from 100 to 50
    expect(scoreAll(nodeResourcesBalancedAllocation(), cluster, cpu)).toEqual([62, 62, 50, 75]);
  });

  it('has nothing to say of Pods that ask for neither CPU nor memory', () => {
    expect(scoreAll(nodeResourcesBalancedAllocation(), cluster, podOf('p'))).toBe('skipped');
    const pod = podOf('p', { containers: [containerOf({ cpu: '0', 'example.com/gpu': '1' })] });
    expect(scoreAll(nodeResourcesBalancedAllocation(), cluster, pod)).toBe('skipped');
  });
});
