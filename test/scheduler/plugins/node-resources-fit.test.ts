import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pod } from '../../../src/resources/kinds/index.js';
import {
  type NodeResourcesFitArgs,
  nodeResourcesFit,
} from '../../../src/scheduler/plugins/node-resources-fit.js';
import {
  clusterOf,
  containerOf,
  filterAll,
  isWokenBy,
  isWokenByRemoval,
  podOf,
  remedyFor,
  roomyNode,
  scoreAll,
} from './try-plugin.js';

function asking(requests: Record<string, string>): Pod {
  return podOf('p', { containers: [containerOf(requests)] });
}

function placed(name: string, nodeName: string, requests: Record<string, string>): Pod {
  return podOf(name, { nodeName, containers: [containerOf(requests)] });
}

describe('the filter of nodeResourcesFit', () => {
  const cluster = clusterOf(
    [
      roomyNode('big', { cpu: '4', memory: '4Gi', 'example.com/gpu': '2', 'other.com/fpga': '0' }),
      roomyNode('small', { cpu: '1', memory: '4Gi' }),
      roomyNode('full', { cpu: '4', memory: '4Gi', pods: '1' }),
      roomyNode('over', { cpu: '1', memory: '4Gi' }),
    ],
    [
      placed('a', 'big', { cpu: '3500m', 'example.com/gpu': '1' }),
      placed('b', 'full', { cpu: '1' }),
      placed('c', 'over', { cpu: '5' }),
    ],
  );

  it('compares what is left, and tells what no removal would help', () => {
    expect(filterAll(nodeResourcesFit(), cluster, asking({ cpu: '1' }))).toEqual({
      big: 'Unschedulable: Insufficient cpu',
      small: 'ok',
      full: 'Unschedulable: Too many pods',
      over: 'Unschedulable: Insufficient cpu',
    });
    expect(
      filterAll(nodeResourcesFit(), cluster, asking({ cpu: '2', memory: '5Gi', 'example.com/gpu': '1' })),
    ).toEqual({
      big: 'UnschedulableAndUnresolvable: Insufficient cpu, Insufficient memory',
      small:
        'UnschedulableAndUnresolvable: Insufficient cpu, Insufficient memory, Insufficient example.com/gpu',
      full: 'UnschedulableAndUnresolvable: Too many pods, Insufficient memory, Insufficient example.com/gpu',
      over: 'UnschedulableAndUnresolvable: Insufficient cpu, Insufficient memory, Insufficient example.com/gpu',
    });
  });

  it('lets a Pod that asks for nothing on a node that gives too much', () => {
    expect(filterAll(nodeResourcesFit(), cluster, podOf('p'))).toEqual({
      big: 'ok',
      small: 'ok',
      full: 'Unschedulable: Too many pods',
      over: 'ok',
    });
  });

  it('does not count what it is told to ignore', () => {
    const pod = asking({ 'example.com/gpu': '9', 'other.com/fpga': '9' });
    const ignoring = (args: NodeResourcesFitArgs): unknown =>
      (filterAll(nodeResourcesFit(args), cluster, pod) as Record<string, string>)['big'];
    const lacks = (what: string): string => `UnschedulableAndUnresolvable: ${what}`;
    expect(ignoring({ ignoredResources: ['example.com/gpu'] })).toBe(lacks('Insufficient other.com/fpga'));
    expect(ignoring({ ignoredResourceGroups: ['other.com'] })).toBe(lacks('Insufficient example.com/gpu'));
    expect(ignoring({ ignoredResources: ['cpu'], ignoredResourceGroups: ['example.com', 'other.com'] })).toBe(
      'ok',
    );
  });

  it('says no with the same object for the same reasons', () => {
    const plugin = nodeResourcesFit();
    const workload = cluster.describe(asking({ cpu: '1' }));
    const plan = plugin.preFilter?.(workload, cluster);
    if (plan === undefined || plan === 'skip' || 'code' in plan || plan.state === undefined)
      throw new Error('no state');
    const [big, over] = ['big', 'over'].map((name) => {
      const host = cluster.host(name);
      return host && plan.state && plugin.filter?.(workload, host, plan.state);
    });
    expect(big).toBeDefined();
    expect(big).toBe(over);
  });

  it('says how much is missing', () => {
    const remedy = (requests: Record<string, string>, node: string): unknown => {
      const found = remedyFor(nodeResourcesFit(), cluster, asking(requests), node);
      return found && [found.of, found.text, ...(found.missing ?? [])];
    };
    expect(remedy({ cpu: '800m' }, 'big')).toEqual(['host', 'free 300m cpu', ['cpu', 300]]);
    expect(remedy({ cpu: '800m', memory: '5Gi' }, 'big')).toEqual([
      'host',
      'free 300m cpu, add 1024Mi memory',
      ['cpu', 300],
      ['memory', 1024 ** 3],
    ]);
    expect(remedy({}, 'full')).toEqual(['host', 'free 1 pods', ['pods', 1]]);
    expect(remedy({ cpu: '1' }, 'small')).toBeUndefined();
  });

  it('wakes for room that was not there', () => {
    const pod = asking({ cpu: '2' });
    const node = (cpu: string, more: Record<string, string> = {}) => roomyNode('n', { cpu, ...more });
    expect(isWokenBy(nodeResourcesFit(), pod, node('1'))).toBe(false);
    expect(isWokenBy(nodeResourcesFit(), pod, node('2'))).toBe(true);
    expect(isWokenBy(nodeResourcesFit(), pod, node('3'), node('2'))).toBe(true);
    expect(isWokenBy(nodeResourcesFit(), pod, node('2'), node('3'))).toBe(false);
    expect(isWokenBy(nodeResourcesFit(), pod, node('2', { memory: '1' }), node('2'))).toBe(false);
    expect(isWokenByRemoval(nodeResourcesFit(), pod, asking({}))).toBe(true);
    const described = cluster.describe(pod);
    const shrunk = (cpu: string) => cluster.describe(asking({ cpu }));
    const wakes = (before: string, after: string): boolean | undefined =>
      nodeResourcesFit().wakes?.(
        { type: 'placed', workload: shrunk(after), before: shrunk(before), host: 'n' },
        described,
      );
    expect([wakes('2', '1'), wakes('1', '2')]).toEqual([true, false]);
  });
});

describe('the score of nodeResourcesFit', () => {
  const cluster = clusterOf(
    [
      roomyNode('half', { cpu: '4', memory: '1000Mi', 'example.com/gpu': '4' }),
      roomyNode('empty', { cpu: '4', memory: '1000Mi' }),
      roomyNode('over', { cpu: '1', memory: '1000Mi' }),
      roomyNode('nothing', {}),
    ],
    [
      placed('a', 'half', { cpu: '2', memory: '500Mi', 'example.com/gpu': '1' }),
      placed('b', 'over', { cpu: '2', memory: '0' }),
    ],
  );
  const pod = asking({ cpu: '1', memory: '100Mi', 'example.com/gpu': '1' });

  it('likes nodes that have more left, by default', () => {
    // cpu and memory: (25 + 40) / 2, (75 + 90) / 2, (0 + 90) / 2
    expect(scoreAll(nodeResourcesFit(), cluster, pod)).toEqual([32, 82, 45, 0]);
  });

  it('counts 100m and 200Mi for containers that ask for none', () => {
    // cpu and memory: (4000 - 2100) / 4000 and 300 / 1000, ...
    expect(scoreAll(nodeResourcesFit(), cluster, podOf('p'))).toEqual([38, 88, 40, 0]);
  });

  it('likes nodes that have less left, if told so', () => {
    const resources = [{ name: 'cpu', weight: 3 }, { name: 'memory' }];
    const plugin = nodeResourcesFit({ scoringStrategy: { type: 'MostAllocated', resources } });
    // (3 * 75 + 60) / 4, (3 * 25 + 10) / 4, (3 * 100 + 10) / 4
    expect(scoreAll(plugin, cluster, pod)).toEqual([71, 21, 77, 0]);
  });

  it('counts what comes in pieces only for Pods that ask for it, where nodes have it', () => {
    const resources = [{ name: 'cpu' }, { name: 'example.com/gpu' }];
    const plugin = nodeResourcesFit({ scoringStrategy: { type: 'LeastAllocated', resources } });
    expect(scoreAll(plugin, cluster, pod)).toEqual([37, 75, 0, 0]);
    expect(scoreAll(plugin, cluster, asking({ cpu: '1' }))).toEqual([25, 75, 0, 0]);
  });

  it('follows a shape, and leaves out what scores 0', () => {
    const shape = [
      { utilization: 0, score: 0 },
      { utilization: 50, score: 10 },
      { utilization: 100, score: 0 },
    ];
    const plugin = nodeResourcesFit({ scoringStrategy: { type: 'RequestedToCapacityRatio', shape } });
    // cpu 75 % and memory 60 %: 50 and 80; 25 % and 10 %: 50 and 20; 300 % and 10 %: nothing and 20
    expect(scoreAll(plugin, cluster, pod)).toEqual([65, 35, 20, 0]);
  });

  it('divides as integers do, however large they are', () => {
    const amount = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(amount, amount, (one, other) => {
        const [used, capacity] = [Math.min(one, other), Math.max(one, other)];
        const resources = [{ name: 'memory' }];
        const score = (type: 'LeastAllocated' | 'MostAllocated'): unknown =>
          scoreAll(
            nodeResourcesFit({ scoringStrategy: { type, resources } }),
            clusterOf([roomyNode('n', { memory: String(capacity) })]),
            asking({ memory: String(used) }),
          );
        const [least, most] = [BigInt(capacity - used), BigInt(used)].map(
          (part) => (part * 100n) / BigInt(capacity),
        );
        expect(score('LeastAllocated')).toEqual([Number(least)]);
        expect(score('MostAllocated')).toEqual([Number(most)]);
      }),
      { seed: 20_260_103 },
    );
  });
});

describe('the arguments of nodeResourcesFit', () => {
  const point = { utilization: 0, score: 0 };
  it.each<[unknown, string]>([
    [{ ignoredResources: 'gpu' }, 'ignoredResources: expected a list of names, got "gpu"'],
    [{ ignoredResourceGroups: ['a/b'] }, 'ignoredResourceGroups: expected prefixes without a "/", got "a/b"'],
    [
      { scoringStrategy: { type: 'Best' } },
      'scoringStrategy.type: expected LeastAllocated, MostAllocated or RequestedToCapacityRatio, got "Best"',
    ],
    [
      { scoringStrategy: { type: 'LeastAllocated', resources: [] } },
      'scoringStrategy.resources: expected a list that is not empty, got []',
    ],
    [
      { scoringStrategy: { type: 'LeastAllocated', resources: [{ name: 'cpu', weight: 101 }] } },
      'scoringStrategy.resources[0].weight: expected a whole number from 1 to 100, got 101',
    ],
    [
      { scoringStrategy: { type: 'LeastAllocated', resources: [{ name: 'cpu' }, { name: 'cpu' }] } },
      'scoringStrategy.resources[1].name: expected a resource that is named once, got "cpu"',
    ],
    [
      { scoringStrategy: { type: 'MostAllocated', shape: [point] } },
      'scoringStrategy.shape: expected none for the type "MostAllocated", got an array of 1',
    ],
    [
      { scoringStrategy: { type: 'RequestedToCapacityRatio' } },
      'scoringStrategy.shape: expected a list that is not empty, got undefined',
    ],
    [
      { scoringStrategy: { type: 'RequestedToCapacityRatio', shape: [point, point] } },
      'scoringStrategy.shape[1].utilization: expected a whole number from 1 to 100, got 0',
    ],
    [
      { scoringStrategy: { type: 'RequestedToCapacityRatio', shape: [{ utilization: 0, score: 11 }] } },
      'scoringStrategy.shape[0].score: expected a whole number from 0 to 10, got 11',
    ],
  ])('%j: %s', (args, message) => {
    expect(() => nodeResourcesFit(args as NodeResourcesFitArgs)).toThrow(message);
  });
});
