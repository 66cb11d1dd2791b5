import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Node, Pod } from '../../../src/resources/kinds/index.js';
import { SchedulingEngine } from '../../../src/scheduler/engine/scheduling-engine.js';
import type { Plugin, Rejection } from '../../../src/scheduler/framework/index.js';
import { defaultPlugins } from '../../../src/scheduler/plugins/default-plugins.js';
import { nodeResourcesBalancedAllocation } from '../../../src/scheduler/plugins/node-resources-balanced-allocation.js';
import { nodeResourcesFit } from '../../../src/scheduler/plugins/node-resources-fit.js';
import { clusterOf, containerOf, nodeOf, podOf } from './try-plugin.js';

const SEED = 20_261_126;

const GPU = 'example.com/gpu';
const allocatable = fc.record(
  {
    cpu: fc.constantFrom('0', '1', '2', '4'),
    memory: fc.constantFrom('0', '2Gi', '4Gi', '9Pi'),
    pods: fc.constantFrom('0', '1', '10'),
    [GPU]: fc.constantFrom('0', '1', '2'),
  },
  { requiredKeys: [] },
);
const requests = fc.record(
  {
    cpu: fc.constantFrom('100m', '900m', '3'),
    memory: fc.constantFrom('100Mi', '3Gi', '8Pi'),
    [GPU]: fc.constantFrom('1', '2'),
  },
  { requiredKeys: [] },
);
const nodes = fc
  .array(allocatable, { minLength: 1, maxLength: 8 })
  .map((list) => list.map((amounts, at) => nodeOf(`n${at}`, { status: { allocatable: amounts } })));
const pods = fc
  .array(fc.tuple(requests, fc.nat({ max: 8 })), { maxLength: 12 })
  .map((list) =>
    list.map(([amounts, at], which) =>
      podOf(`p${which}`, { nodeName: `n${at}`, containers: [containerOf(amounts)] }),
    ),
  );

const resources = [{ name: 'cpu' }, { name: 'memory', weight: 3 }, { name: GPU }];
const shape = [
  { utilization: 0, score: 0 },
  { utilization: 100, score: 10 },
];
const plugins: readonly Plugin<Pod, Node>[] = [
  nodeResourcesFit(),
  nodeResourcesFit({ ignoredResources: [GPU], scoringStrategy: { type: 'MostAllocated', resources } }),
  nodeResourcesFit({ scoringStrategy: { type: 'RequestedToCapacityRatio', resources, shape } }),
  nodeResourcesBalancedAllocation(),
];

function stateOf(plan: unknown): unknown {
  return typeof plan === 'object' && plan !== null && 'state' in plan ? plan.state : undefined;
}

describe('what a plugin says of many hosts at once', () => {
  it(`is what it says of each of them (seed ${SEED})`, () => {
    const property = fc.property(nodes, pods, requests, fc.gen(), (hosts, placed, amounts, gen) => {
      const cluster = clusterOf(hosts, placed);
      const pod = cluster.describe(podOf('new', { containers: [containerOf(amounts)] }));
      const asked = gen(fc.shuffledSubarray, [...cluster.hosts()]);
      const indexes = Int32Array.from(asked, ({ index }) => index);
      for (const plugin of plugins) {
        if (plugin.filterAll !== undefined) {
          const state = stateOf(plugin.preFilter?.(pod, cluster));
          // what is left of a call before must not matter
          const rejections: (Rejection | undefined)[] = asked.map(() => ({
            code: 'Pending',
            reasons: ['old'],
          }));
          plugin.filterAll(pod, indexes, state, rejections);
          const each = asked.map((host) => plugin.filter?.(pod, host, state));
          // one and the same object for each, as rejections are counted by it
          expect(rejections.every((rejection, at) => rejection === each[at])).toBe(true);
        }
        const plan = plugin.preScore?.(pod, cluster, () => asked);
        if (plan === 'skip') continue;
        const scores = asked.map(() => -1);
        plugin.scoreAll?.(pod, indexes, stateOf(plan), scores);
        expect(scores).toEqual(asked.map((host) => plugin.score?.(pod, host, stateOf(plan))));
      }
    });
    fc.assert(property, { seed: SEED, numRuns: 300 });
  });

  it(`leads to the same decisions (seed ${SEED + 1})`, () => {
    const oneByOne = defaultPlugins().map(
      (plugin): Plugin<Pod, Node> => ({ ...plugin, filterAll: undefined, scoreAll: undefined }) as never,
    );
    const property = fc.property(
      nodes,
      fc.array(requests, { maxLength: 12 }),
      fc.nat({ max: 7 }),
      (hosts, shapes, kept) => {
        const engines = [defaultPlugins(), oneByOne].map((list) => {
          const engine = new SchedulingEngine({ plugins: list, seed: 1 });
          for (const host of hosts) engine.set(Node, host);
          return engine;
        });
        const decisions = engines.map((engine) =>
          shapes.map((amounts, at) => {
            const pod = podOf(`p${at}`, { containers: [containerOf(amounts)] });
            // room is kept for another on one of the hosts from the middle on
            if (at === 6) engine.set(Pod, { ...pod, status: { nominatedNodeName: `n${kept}` } });
            const { node, total, feasible, message, scores } = engine.place(
              at === 6 ? podOf('other', pod.spec) : pod,
            );
            return { node, total, feasible, message, scores };
          }),
        );
        expect(decisions[0]).toEqual(decisions[1]);
      },
    );
    fc.assert(property, { seed: SEED + 1, numRuns: 200 });
  });
});
