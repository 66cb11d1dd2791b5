import { describe, expect, it } from 'vitest';
import type { NodeAffinity, NodeSelectorTerm, PodSpec } from '../../../src/resources/kinds/index.js';
import { nodeAffinity } from '../../../src/scheduler/plugins/node-affinity.js';
import { clusterOf, filterAll, isWokenBy, nodeOf, podOf, remedyFor, scoreAll } from './try-plugin.js';

const NOT_ASKED_FOR = "UnschedulableAndUnresolvable: node(s) didn't match Pod's node affinity/selector";
const NOT_ENFORCED = "UnschedulableAndUnresolvable: node(s) didn't match scheduler-enforced node affinity";

const ssd = nodeOf('ssd', { labels: { disk: 'ssd', zone: 'a' } });
const hdd = nodeOf('hdd', { labels: { disk: 'hdd', zone: 'a' } });
const cluster = clusterOf([ssd, hdd]);

function required(...nodeSelectorTerms: NodeSelectorTerm[]): NodeAffinity {
  return { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } };
}

function preferred(...terms: [weight: number, preference: NodeSelectorTerm][]): NodeAffinity {
  return {
    preferredDuringSchedulingIgnoredDuringExecution: terms.map(([weight, preference]) => ({
      weight,
      preference,
    })),
  };
}

function asking(affinity: NodeAffinity, rest: Partial<PodSpec> = {}): ReturnType<typeof podOf> {
  return podOf('p', { affinity: { nodeAffinity: affinity }, ...rest });
}

function label(key: string, ...values: string[]): NodeSelectorTerm {
  return { matchExpressions: [{ key, operator: 'In', values }] };
}

function named(...names: string[]): NodeSelectorTerm {
  return { matchFields: names.map((name) => ({ key: 'metadata.name', operator: 'In', values: [name] })) };
}

describe('the filter of nodeAffinity', () => {
  it('has nothing to say of Pods that ask for nothing', () => {
    expect(filterAll(nodeAffinity(), cluster, podOf('p'))).toBe('skipped');
    expect(filterAll(nodeAffinity(), cluster, podOf('p', { nodeSelector: {} }))).toEqual({
      ssd: 'ok',
      hdd: 'ok',
    });
  });

  it('keeps Pods to the nodes that they ask for', () => {
    const answer = { ssd: 'ok', hdd: NOT_ASKED_FOR };
    expect(filterAll(nodeAffinity(), cluster, podOf('p', { nodeSelector: { disk: 'ssd' } }))).toEqual(answer);
    expect(filterAll(nodeAffinity(), cluster, asking(required(label('disk', 'ssd', 'nvme'))))).toEqual(
      answer,
    );
  });

  it('narrows the search to the nodes that all terms name', () => {
    expect(filterAll(nodeAffinity(), cluster, asking(required(named('ssd'))))).toEqual({
      ssd: 'ok',
      hdd: 'left out',
    });
    expect(filterAll(nodeAffinity(), cluster, asking(required(named('ssd', 'hdd'))))).toBe(
      'UnschedulableAndUnresolvable: pod affinity terms conflict',
    );
    expect(filterAll(nodeAffinity(), cluster, asking(required(named('ssd'), label('disk', 'hdd'))))).toEqual({
      ssd: 'ok',
      hdd: 'ok',
    });
  });

  it('asks for what is added, for every Pod', () => {
    const plugin = nodeAffinity({ addedAffinity: required(label('disk', 'ssd')) });
    expect(filterAll(plugin, cluster, podOf('p'))).toEqual({ ssd: 'ok', hdd: NOT_ENFORCED });
    expect(filterAll(plugin, cluster, podOf('p', { nodeSelector: { zone: 'b' } }))).toEqual({
      ssd: NOT_ASKED_FOR,
      hdd: NOT_ENFORCED,
    });
    expect(remedyFor(plugin, cluster, podOf('p'), 'hdd')?.text).toBe('label the node with disk in (ssd)');
  });

  it('names the smallest change', () => {
    const remedy = (pod: ReturnType<typeof podOf>, node = 'hdd'): string | undefined => {
      const found = remedyFor(nodeAffinity(), cluster, pod, node);
      return found && `${found.of}: ${found.text}`;
    };
    const both = {
      matchExpressions: [
        ...(label('x', '1').matchExpressions ?? []),
        ...(label('y', '1').matchExpressions ?? []),
      ],
    };
    expect(remedy(asking(required(both, label('disk', 'ssd')), { nodeSelector: { zone: 'b' } }))).toBe(
      'host: label the node with zone=b, disk in (ssd)',
    );
    expect(remedy(asking(required(named('ssd'))))).toBe('workload: do not ask for metadata.name=ssd');
    expect(remedy(asking(required({})))).toBe('workload: ask for nodes with a term that makes sense');
    expect(remedy(asking(required(label('disk', 'ssd'))), 'ssd')).toBeUndefined();
  });

  it('wakes for a node that is right now, and was not', () => {
    const pod = podOf('p', { nodeSelector: { disk: 'ssd' } });
    const other = nodeOf('ssd', { labels: { disk: 'hdd' } });
    const wakes = (after: typeof ssd, before?: typeof ssd): boolean | undefined =>
      isWokenBy(nodeAffinity(), pod, after, before);
    expect([wakes(ssd), wakes(other), wakes(ssd, other), wakes(ssd, ssd)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
});

describe('the score of nodeAffinity', () => {
  it('sums up the weights of the terms that match', () => {
    const pod = asking(
      preferred([5, label('disk', 'ssd')], [3, label('zone', 'a')], [0, label('zone', 'a')], [9, {}]),
    );
    expect(scoreAll(nodeAffinity(), cluster, pod)).toEqual([8, 3]);
    expect(scoreAll(nodeAffinity(), cluster, podOf('p'))).toBe('skipped');
    expect(scoreAll(nodeAffinity(), cluster, asking(preferred()))).toEqual([0, 0]);
    const plugin = nodeAffinity({ addedAffinity: preferred([7, label('disk', 'hdd')]) });
    expect(scoreAll(plugin, cluster, podOf('p'))).toEqual([0, 7]);
    expect(scoreAll(plugin, cluster, pod)).toEqual([8, 10]);
  });

  it('fails where a preferred term makes no sense', () => {
    const bad: NodeSelectorTerm = { matchExpressions: [{ key: 'disk', operator: 'Like', values: ['x'] }] };
    const at = 'preferredDuringSchedulingIgnoredDuringExecution[1].preference.matchExpressions[0].operator';
    const expected = 'expected In, NotIn, Exists or DoesNotExist, got "Like"';
    const affinity = preferred([1, label('disk', 'ssd')], [1, bad]);
    expect(() => scoreAll(nodeAffinity(), cluster, asking(affinity))).toThrow(
      `spec.affinity.nodeAffinity.${at}: ${expected}`,
    );
    expect(() => nodeAffinity({ addedAffinity: affinity })).toThrow(
      new TypeError(`addedAffinity.${at}: ${expected}`),
    );
    expect(() => nodeAffinity({ addedAffinity: required(bad) })).toThrow(
      `addedAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].operator: ${expected}`,
    );
    expect(() => nodeAffinity({ addedAffinity: 7 as unknown as NodeAffinity })).toThrow(
      'addedAffinity: expected a node affinity, got 7',
    );
  });
});
