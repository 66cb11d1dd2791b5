import { describe, expect, it } from 'vitest';
import { type Node, Pod, type PodSpec } from '../../../../src/resources/kinds/index.js';
import { interPodAffinity } from '../../../../src/scheduler/plugins/inter-pod-affinity.js';
import { podTopologySpread } from '../../../../src/scheduler/plugins/pod-topology-spread.js';
import { answers, cluster, HOST, node, pod, put, ZONE } from './answers.js';

/** More than is kept of anything. */
const MANY = 1_200;

const NODES = [node('a1', 'a'), node('a2', 'a'), node('b1', 'b')] as const;
const labelSelector = (number: number): { matchLabels: { app: string } } => ({
  matchLabels: { app: `app-${number}` },
});

function app(number: number, on?: string, spec: Partial<PodSpec> = {}): Pod {
  const labels = { app: `app-${number}` };
  return pod(`app-${number}`, { labels, spec, ...(on === undefined ? {} : { on }) });
}

describe('counts that had to make room for others', () => {
  it('are right when they are asked for again, for Pods in domains', () => {
    const plugin = interPodAffinity();
    const target = cluster(...NODES);
    const avoiding = (number: number): Pod => {
      const term = { topologyKey: ZONE, labelSelector: labelSelector(number) };
      return pod('new', {
        spec: { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } },
      });
    };
    const free = { a1: 'yes', a2: 'yes', b1: 'yes' };
    for (let number = 0; number < MANY; number += 1) {
      expect(answers(plugin, target, avoiding(number)).filter).toEqual(free);
    }
    put(target, app(0, 'a1'));
    put(target, app(MANY - 1, 'b1'));
    expect(answers(plugin, target, avoiding(0)).filter).toMatchObject({
      a1: expect.stringContaining('anti'),
      a2: expect.stringContaining('anti'),
      b1: 'yes',
    });
    expect(answers(plugin, target, avoiding(MANY - 1)).filter).toMatchObject({
      a1: 'yes',
      b1: expect.stringContaining('anti'),
    });
  });

  it('are right when they are asked for again, for spreads over ever other nodes', () => {
    const plugin = podTopologySpread();
    const target = cluster(...NODES);
    const spread = (number: number): Pod =>
      app(number, undefined, {
        nodeSelector: { n: `${number}` },
        topologySpreadConstraints: [
          {
            topologyKey: HOST,
            maxSkew: 1,
            whenUnsatisfiable: 'DoNotSchedule',
            labelSelector: labelSelector(number),
          },
          {
            topologyKey: ZONE,
            maxSkew: 1,
            whenUnsatisfiable: 'ScheduleAnyway',
            labelSelector: labelSelector(number),
          },
          {
            topologyKey: HOST,
            maxSkew: 1,
            whenUnsatisfiable: 'ScheduleAnyway',
            labelSelector: labelSelector(number),
          },
        ],
      });
    for (let number = 0; number < MANY; number += 1) answers(plugin, target, spread(number));
    for (const number of [0, MANY - 100]) {
      put(target, node('a1', 'a', { n: `${number}` }));
      put(target, node('b1', 'b', { n: `${number}` }));
      put(target, app(number, 'a1'));
      const fresh = cluster(...objectsOf(target));
      expect(answers(plugin, target, spread(number))).toEqual(answers(plugin, fresh, spread(number)));
    }
  });

  it('are right for terms that nobody held for a while', () => {
    const plugin = interPodAffinity();
    const target = cluster(...NODES);
    const excluding = (number: number): Pod => {
      const term = { topologyKey: ZONE, labelSelector: labelSelector(number) };
      return app(number + MANY, 'a1', {
        affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
      });
    };
    put(target, excluding(7));
    for (let number = 8; number < 2 * MANY; number += 1) {
      put(target, excluding(number));
      target.unset(Pod, excluding(number).metadata);
      expect(answers(plugin, target, app(number)).filter).toBe('skip');
    }
    put(target, excluding(9));
    for (const number of [7, 9]) {
      expect(answers(plugin, target, app(number)).filter).toMatchObject({
        a1: expect.stringContaining('existing'),
        b1: 'yes',
      });
    }
    target.unset(Pod, excluding(7).metadata);
    expect(answers(plugin, target, app(7)).filter).toBe('skip');
  });
});

function objectsOf(target: ReturnType<typeof cluster>): (Node | Pod)[] {
  return Array.from(target.hosts(), (host): (Node | Pod)[] => [
    host.object,
    ...host.workloads.map(({ object }) => object),
  ]).flat();
}
