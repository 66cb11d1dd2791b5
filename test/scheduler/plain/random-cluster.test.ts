import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../src/core/index.js';
import type { Input } from './cluster.js';
import { plainEvaluate, type Result } from './plain-evaluate.js';
import { FILTERS, SCORES } from './profile.js';
import { randomCluster, randomPod } from './random-cluster.js';

const SEEDS = Array.from({ length: 300 }, (_, index) => 1000 + index);

function clusterOf(seed: number): Input {
  const random = new SeededRandom(seed);
  return randomCluster(random, { nodes: 1 + random.integer(12), pods: random.integer(60) });
}

function results(): readonly Result[] {
  return SEEDS.flatMap((seed) => {
    const answer = plainEvaluate(clusterOf(seed), { preempt: true });
    return 'result' in answer ? [answer.result] : [];
  });
}

test('a seed always gives the same cluster, and the same pods', () => {
  for (const seed of SEEDS.slice(0, 20)) {
    const cluster = clusterOf(seed);
    expect(clusterOf(seed)).toEqual(cluster);
    expect(randomPod(new SeededRandom(seed), cluster)).toEqual(randomPod(new SeededRandom(seed), cluster));
  }
});

describe('what the vectors leave out does not occur:', () => {
  test('preemption of terminating pods under hard spread constraints', () => {
    for (const { pod, pods } of SEEDS.map(clusterOf)) {
      const constraints = pod.spec.topologySpreadConstraints ?? [];
      const isHard = constraints.some(({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule');
      if (!isHard || pod.spec.preemptionPolicy === 'Never') continue;
      const terminating = pods.filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
      for (const { spec } of terminating) {
        expect(spec.priority ?? 0).toBeGreaterThanOrEqual(pod.spec.priority ?? 0);
      }
    }
  });

  test('namespace selectors of a pod to place that namespaces without labels match, except for all', () => {
    for (const { pod, nominated = [] } of SEEDS.map(clusterOf)) {
      const text = JSON.stringify([pod.spec.affinity ?? null, nominated]);
      const selectors = text.matchAll(
        /"namespaceSelector":\{"matchExpressions":\[\{[^}]*"operator":"(\w+)"/g,
      );
      for (const [, operator] of selectors) expect(['In', 'Exists']).toContain(operator);
    }
  });

  test('pods of a node that started at the same time', () => {
    for (const { pods } of SEEDS.map(clusterOf)) {
      expect(new Set(pods.map(({ status }) => status?.startTime)).size).toBe(pods.length);
    }
  });
});

describe('every rule gets its turn:', () => {
  const all = results();

  test('in one pod of four or more, no node will do, and in one of two or more, some will', () => {
    const feasible = all.filter((result) => result.feasible.length > 0).length;
    expect(feasible).toBeGreaterThan(all.length / 2);
    expect(feasible).toBeLessThan((all.length * 9) / 10);
  });

  test.each(FILTERS.map(({ name }) => name).filter((name) => name !== 'DynamicResources'))(
    '%s rejects nodes',
    (name) => {
      const rejecting = all.filter(({ rejected }) =>
        Object.values(rejected).some(({ plugin }) => plugin === name),
      );
      expect(rejecting).not.toEqual([]);
    },
  );

  test.each(
    SCORES.map(({ name }) => name).filter((name) => !['DynamicResources', 'VolumeBinding'].includes(name)),
  )('%s prefers some nodes to others', (name) => {
    const preferring = all.filter(({ scores }) => new Set(scores?.[name]).size > 1);
    expect(preferring.length).toBeGreaterThan(5);
  });

  test('preemption finds something, finds nothing, and is not allowed', () => {
    const tried = all.flatMap(({ preemption }) => preemption ?? []);
    expect(tried.some(({ candidates }) => candidates.length > 1)).toBe(true);
    expect(tried.some(({ eligible, candidates }) => eligible && candidates.length === 0)).toBe(true);
    expect(tried.some(({ eligible }) => !eligible)).toBe(true);
    expect(tried.some(({ candidates }) => candidates.some(({ pdbViolations }) => pdbViolations > 0))).toBe(
      true,
    );
  });

  test('gates, named nodes and rejections of all nodes occur', () => {
    expect(all.some(({ preEnqueue }) => preEnqueue !== undefined)).toBe(true);
    expect(all.some(({ preFilterNodes }) => preFilterNodes !== undefined)).toBe(true);
    expect(all.some(({ preFilter }) => preFilter !== undefined)).toBe(true);
  });
});
