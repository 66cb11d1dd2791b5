import { describe, expect, it } from 'vitest';
import type { Affinity, Pod, PodAffinityTerm } from '../../../src/resources/kinds/index.js';
import type { ClusterEvent } from '../../../src/scheduler/framework/index.js';
import { interPodAffinity } from '../../../src/scheduler/plugins/inter-pod-affinity.js';
import { answers, cluster, HOST, namespace, node, pod, type PodParts, put, ZONE } from './counts/answers.js';

const NO_AFFINITY = "UnschedulableAndUnresolvable: node(s) didn't match pod affinity rules";
const ANTI_AFFINITY = "Unschedulable: node(s) didn't match pod anti-affinity rules";
const UNWANTED = "Unschedulable: node(s) didn't satisfy existing pods anti-affinity rules";

function term(name: string, topologyKey = ZONE, more: Partial<PodAffinityTerm> = {}): PodAffinityTerm {
  return { labelSelector: { matchLabels: { app: name } }, topologyKey, ...more };
}

function required(...terms: readonly PodAffinityTerm[]): Affinity {
  return { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } };
}

function requiredAnti(...terms: readonly PodAffinityTerm[]): Affinity {
  return { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } };
}

function preferred(weight: number, podAffinityTerm: PodAffinityTerm): Affinity {
  return { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm }] } };
}

function preferredAnti(weight: number, podAffinityTerm: PodAffinityTerm): Affinity {
  return {
    podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm }] },
  };
}

/** A Pod of an app. */
function app(name: string, affinity?: Affinity, parts: PodParts = {}): Pod {
  return pod(`${name}-${parts.on ?? 'new'}`, {
    labels: { app: name },
    ...(affinity === undefined ? {} : { spec: { affinity } }),
    ...parts,
  });
}

const NODES = [node('a1', 'a'), node('a2', 'a'), node('b1', 'b'), node('x')] as const;

function filterOf(target: ReturnType<typeof cluster>, object: Pod): unknown {
  return answers(interPodAffinity(), target, object).filter;
}

describe('interPodAffinity filter', () => {
  it('is skipped where neither the Pod nor those that are placed have anything to say', () => {
    const target = cluster(...NODES, app('web', requiredAnti(term('db')), { on: 'a1' }));
    expect(filterOf(target, app('web'))).toBe('skip');
    expect(filterOf(target, app('cache'))).toBe('skip');
  });

  it('wants a Pod of the affinity in the same domain, and every node to be in one', () => {
    const target = cluster(...NODES, app('db', undefined, { on: 'a1' }));
    expect(filterOf(target, app('web', required(term('db'))))).toEqual({
      a1: 'yes',
      a2: 'yes',
      b1: NO_AFFINITY,
      x: NO_AFFINITY,
    });
  });

  it('wants one Pod that is in all terms, not one for each', () => {
    const both = app(
      'web',
      required(term('db'), { labelSelector: { matchLabels: { tier: 'x' } }, topologyKey: HOST }),
    );
    const target = cluster(
      ...NODES,
      app('db', undefined, { on: 'a1' }),
      pod('tier', { labels: { tier: 'x' }, on: 'a1' }),
    );
    expect(filterOf(target, both)).toMatchObject({ a1: NO_AFFINITY, a2: NO_AFFINITY });
    put(target, pod('good', { labels: { app: 'db', tier: 'x' }, on: 'a2' }));
    expect(filterOf(target, both)).toEqual({ a1: NO_AFFINITY, a2: 'yes', b1: NO_AFFINITY, x: NO_AFFINITY });
  });

  it('lets the first Pod of a group be anywhere in a domain, only while there is no other', () => {
    const target = cluster(...NODES);
    const self = app('web', required(term('web')));
    const anywhere = { a1: 'yes', a2: 'yes', b1: 'yes', x: NO_AFFINITY };
    expect(filterOf(target, self)).toEqual(anywhere);
    // a Pod in no domain is no other
    put(target, app('web', undefined, { on: 'x' }));
    expect(filterOf(target, self)).toEqual(anywhere);
    put(target, app('web', undefined, { on: 'b1' }));
    expect(filterOf(target, self)).toMatchObject({ a1: NO_AFFINITY, b1: 'yes' });
    expect(filterOf(target, app('db', required(term('cache'))))).toMatchObject({ a1: NO_AFFINITY });
  });

  it('keeps out of the domains of Pods that the anti-affinity excludes', () => {
    const target = cluster(...NODES, app('db', undefined, { on: 'a1' }), app('db', undefined, { on: 'x' }));
    expect(filterOf(target, app('web', requiredAnti(term('db'))))).toEqual({
      a1: ANTI_AFFINITY,
      a2: ANTI_AFFINITY,
      b1: 'yes',
      x: 'yes',
    });
  });

  it('keeps out of the domains of Pods that exclude it', () => {
    const target = cluster(...NODES, app('db', requiredAnti(term('web')), { on: 'a2' }));
    expect(filterOf(target, app('web'))).toEqual({ a1: UNWANTED, a2: UNWANTED, b1: 'yes', x: 'yes' });
    target.unset({ kind: 'Pod', group: '' } as never, { namespace: 'default', name: 'db-a2' });
    expect(filterOf(target, app('web'))).toBe('skip');
  });

  it('looks into its own namespace, or those that are named, or those that are selected', () => {
    const target = cluster(
      ...NODES,
      namespace('one', { team: 'a' }),
      namespace('two', {}),
      app('db', undefined, { namespace: 'one', on: 'a1' }),
      app('db', undefined, { namespace: 'two', on: 'b1' }),
    );
    const ask = (more: Partial<PodAffinityTerm>): unknown =>
      filterOf(target, app('web', required(term('db', ZONE, more))));
    const nowhere = { a1: NO_AFFINITY, a2: NO_AFFINITY, b1: NO_AFFINITY, x: NO_AFFINITY };
    const inA = { ...nowhere, a1: 'yes', a2: 'yes' };
    const inB = { ...nowhere, b1: 'yes' };
    expect(ask({})).toEqual(nowhere);
    expect(ask({ namespaces: ['one'] })).toEqual(inA);
    expect(ask({ namespaceSelector: { matchLabels: { team: 'a' } } })).toEqual(inA);
    expect(ask({ namespaceSelector: {} })).toEqual({ ...inA, b1: 'yes' });
    const notTeamA = { matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['a'] }] };
    expect(ask({ namespaceSelector: notTeamA })).toEqual(inB);
    put(target, namespace('one', {}));
    put(target, namespace('two', { team: 'a' }));
    expect(ask({ namespaceSelector: notTeamA })).toEqual(inA);
    expect(ask({ namespaceSelector: { matchLabels: { team: 'a' } } })).toEqual(inB);
  });

  it('asks the labels of its namespace what Pods there say of it', () => {
    const excludes = requiredAnti(term('web', ZONE, { namespaceSelector: { matchLabels: { team: 'a' } } }));
    const target = cluster(...NODES, app('db', excludes, { namespace: 'other', on: 'a1' }));
    expect(filterOf(target, app('web'))).toBe('skip');
    put(target, namespace('default', { team: 'a' }));
    expect(filterOf(target, app('web'))).toMatchObject({ a1: UNWANTED, b1: 'yes' });
  });

  it('says no to a Pod whose terms cannot be read, and ignores those of Pods that are placed', () => {
    const unreadable = {
      topologyKey: ZONE,
      labelSelector: { matchExpressions: [{ key: 'a', operator: 'Like' }] },
    };
    const target = cluster(...NODES, app('db', requiredAnti(unreadable), { on: 'a1' }));
    expect(filterOf(target, app('web', required(unreadable)))).toBe('no');
    expect(filterOf(target, app('web'))).toBe('skip');
  });
});

describe('interPodAffinity score', () => {
  it('is skipped where no term is about anybody', () => {
    const target = cluster(...NODES, app('db', preferred(5, term('cache')), { on: 'a1' }));
    expect(answers(interPodAffinity(), target, app('web', preferred(1, term('nobody')))).scores).toBe('skip');
  });

  it('adds up the preferences of both sides', () => {
    const target = cluster(
      ...NODES,
      app('db', preferred(5, term('web')), { on: 'a1' }),
      app('cache', preferredAnti(3, term('web', HOST)), { on: 'a2' }),
      app('log', required(term('web')), { on: 'b1' }),
    );
    const scores = { a1: [7, 100], a2: [4, 57], b1: [1, 14], x: [0, 0] };
    expect(answers(interPodAffinity(), target, app('web', preferred(2, term('db')))).scores).toEqual(scores);
    const heavy = interPodAffinity({ hardPodAffinityWeight: 50 });
    expect(answers(heavy, target, app('web')).scores).toMatchObject({
      a1: [5, 10],
      b1: [50, 100],
      x: [0, 0],
    });
    const none = interPodAffinity({ hardPodAffinityWeight: 0 });
    expect(answers(none, target, app('web')).scores).toMatchObject({ a1: [5, 100], b1: [0, 0] });
  });

  it('is 0 for all where all are as good', () => {
    const target = cluster(...NODES.slice(0, 2), app('db', undefined, { on: 'a1' }));
    expect(answers(interPodAffinity(), target, app('web', preferredAnti(9, term('db')))).scores).toEqual({
      a1: [-9, 0],
      a2: [-9, 0],
    });
  });

  it('leaves out the preferences of others for a Pod without its own, if told to', () => {
    const plugin = interPodAffinity({ ignorePreferredTermsOfExistingPods: true });
    const target = cluster(...NODES, app('db', preferred(5, term('web')), { on: 'a1' }));
    expect(answers(plugin, target, app('web')).scores).toBe('skip');
    expect(answers(plugin, target, app('web', preferred(1, term('db')))).scores).toMatchObject({
      a1: [6, 100],
    });
  });
});

describe('interPodAffinity settings', () => {
  it.each([-1, 101, 0.5, '1' as never])('refuse a hardPodAffinityWeight of %j', (hardPodAffinityWeight) => {
    expect(() => interPodAffinity({ hardPodAffinityWeight })).toThrow(RangeError);
  });
});

describe('interPodAffinity wakes', () => {
  const target = cluster(...NODES);
  const info = (object: Pod) => target.describe(object);
  const wakes = (event: ClusterEvent, object: Pod): boolean | undefined =>
    interPodAffinity().wakes?.(event as never, info(object));
  const wanting = app('web', required(term('db')));
  const excluding = app('web', requiredAnti(term('db')));

  it('when a Pod comes that the affinity asks for', () => {
    expect(wakes({ type: 'placed', host: 'a1', workload: info(app('db')) }, wanting)).toBe(true);
    expect(wakes({ type: 'placed', host: 'a1', workload: info(app('log')) }, wanting)).toBe(false);
    expect(wakes({ type: 'placed', host: 'a1', workload: info(app('db')) }, excluding)).toBe(false);
  });

  it('when a Pod goes, or changes, that is in the way of the other', () => {
    expect(wakes({ type: 'removed', host: 'a1', workload: info(app('db')) }, excluding)).toBe(true);
    expect(wakes({ type: 'removed', host: 'a1', workload: info(app('log')) }, excluding)).toBe(false);
    const excludesWeb = info(app('log', requiredAnti(term('web'))));
    expect(wakes({ type: 'removed', host: 'a1', workload: excludesWeb }, app('web'))).toBe(true);
    const before = info(app('db'));
    expect(wakes({ type: 'placed', host: 'a1', workload: info(app('log')), before }, excluding)).toBe(true);
  });

  it('when a host comes, gets other labels, or goes', () => {
    const [host] = [...target.hosts()];
    if (host === undefined) throw new Error('expected a host');
    expect(wakes({ type: 'host', host }, wanting)).toBe(true);
    expect(wakes({ type: 'host', host, before: node('a1', 'a') }, wanting)).toBe(false);
    expect(wakes({ type: 'host', host, before: node('a1', 'b') }, wanting)).toBe(true);
    expect(wakes({ type: 'host gone', name: 'a1' }, wanting)).toBe(true);
  });
});
