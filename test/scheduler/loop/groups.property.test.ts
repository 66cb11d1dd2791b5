import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isNotFound } from '../../../src/core/index.js';
import { Node, Pod } from '../../../src/resources/kinds/index.js';
import {
  defaultPlugins,
  PodGroup,
  podGroupOf,
  type Scheduler,
  SchedulingEngine,
} from '../../../src/scheduler/index.js';
import {
  createNode,
  createPod,
  podOf,
  profileWith,
  schedulerOf,
  type TestCluster,
  testCluster,
} from './cluster.js';

const SEED = 20_261_122;

const GROUPS = { g: 2, h: 3 } as const;
const NODES = ['a', 'b', 'c'] as const;
const anyGroup = fc.constantFrom('g' as const, 'h' as const);

type Step =
  | { do: 'member'; group: keyof typeof GROUPS; at: number; cpu: string; priority: number; isHeld: boolean }
  | { do: 'single'; at: number; cpu: string; priority: number }
  | { do: 'delete'; name: string }
  | { do: 'node'; name: string; cpu: string }
  | { do: 'node gone'; name: string }
  | { do: 'allow' | 'reject' }
  | { do: 'advance'; duration: number };

const cpu = fc.constantFrom('1', '1', '2');
const priority = fc.constantFrom(0, 0, 10);
const names = [
  ...Array.from({ length: 4 }, (_, at) => [`g-${at}`, `h-${at}`]).flat(),
  ...Array.from({ length: 3 }, (_, at) => `single-${at}`),
];
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('member' as const),
      group: anyGroup,
      at: fc.nat({ max: 3 }),
      cpu,
      priority,
      isHeld: fc.constantFrom(false, false, false, true),
    }),
  },
  {
    weight: 5,
    // some push members of groups off, whatever their priority
    arbitrary: fc.record({
      do: fc.constant('single' as const),
      at: fc.nat({ max: 2 }),
      cpu,
      priority: fc.constantFrom(0, 10, 20),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('delete' as const),
      name: fc.constantFrom(...names),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('node' as const),
      name: fc.constantFrom(...NODES),
      cpu: fc.constantFrom('1', '2', '4'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('node gone' as const), name: fc.constantFrom(...NODES) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('allow' as const, 'reject' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('advance' as const),
      duration: fc.constantFrom(0, 500, 3_000, 12_000),
    }),
  },
);

/** Does a step; one that is about what is not there, or is there already, does nothing. */
async function take({ client, clock }: TestCluster, scheduler: Scheduler, step: Step): Promise<void> {
  switch (step.do) {
    case 'member': {
      const { group, at, isHeld, priority: rank } = step;
      const pod = podOf(`${group}-${at}`, step.cpu, {
        schedulingGroup: { podGroupName: group },
        priority: rank,
        ...(isHeld ? { hostNetwork: true } : {}),
      });
      await createPod(client, pod).catch(() => undefined);
      return;
    }
    case 'single':
      await createPod(client, podOf(`single-${step.at}`, step.cpu, { priority: step.priority })).catch(
        () => undefined,
      );
      return;
    case 'delete':
      await unlessGone(client.delete(Pod, { name: step.name, namespace: 'default' }));
      return;
    case 'node':
      await createNode(client, step.name, step.cpu).catch(() => undefined);
      return;
    case 'node gone':
      await unlessGone(client.delete(Node, { name: step.name }));
      return;
    case 'allow':
      for (const waiting of scheduler.waiting()) waiting.allow('Holds');
      return;
    case 'reject':
      scheduler.waiting()[0]?.reject('Holds', 'not today');
      return;
    case 'advance':
      await clock.advance(step.duration);
      return;
  }
}

async function unlessGone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/**
 * What must hold: nothing is overcommitted; and once everything has come to rest, each group has as many Pods on nodes as it needs, or none:
 * unless somebody has deleted Pods of it since then.
 */
class Watcher {
  // the groups of which Pods were deleted since they were whole, or had nobody on a node
  readonly #cut = new Set<string>();
  // the nodes that were gone: they may have come back smaller
  readonly #gone = new Set<string>();

  nodeGone(name: string): void {
    this.#gone.add(name);
  }

  deleted(name: string): void {
    this.#cut.add(name.slice(0, 1));
  }

  async check({ client }: TestCluster): Promise<void> {
    const { items: pods } = await client.list(Pod);
    const { items: nodes } = await client.list(Node);
    for (const { metadata, status } of nodes) {
      if (this.#gone.has(metadata.name)) continue;
      const used = pods
        .filter(({ spec }) => spec.nodeName === metadata.name)
        .reduce((sum, { spec }) => sum + Number(spec.containers[0]?.resources?.requests?.['cpu']), 0);
      expect(used, metadata.name).toBeLessThanOrEqual(Number(status?.allocatable?.['cpu'] ?? 0));
    }
  }

  async checkGroups({ client }: TestCluster, scheduler: Scheduler): Promise<void> {
    const { items: pods } = await client.list(Pod);
    for (const [group, least] of Object.entries(GROUPS)) {
      const members = pods.filter(({ spec }) => spec.schedulingGroup?.podGroupName === group);
      const bound = members.filter(({ spec }) => spec.nodeName !== undefined).length;
      const held = members.filter(({ metadata }) => scheduler.inspect(metadata)?.place === 'in hand').length;
      if (bound === 0 || bound >= least) {
        this.#cut.delete(group);
      } else if (!this.#cut.has(group)) {
        expect(bound + held, group).toBeGreaterThanOrEqual(least);
        // those that are held back may come to nothing
        this.#cut.add(group);
      }
    }
  }
}

/** After everything has come to rest: whoever waits would not be placed by an engine that looks for the first time. */
async function expectNobodyForgotten({ client }: TestCluster, scheduler: Scheduler): Promise<void> {
  const { items: pods } = await client.list(Pod);
  const { items: nodes } = await client.list(Node);
  const engine = new SchedulingEngine({ plugins: defaultPlugins() });
  for (const node of nodes) engine.set(Node, node);
  for (const pod of pods) if (pod.spec.nodeName !== undefined) engine.set(Pod, pod);
  const waits = pods.filter(({ spec }) => spec.nodeName === undefined);
  for (const [group, least] of Object.entries(GROUPS)) {
    const of = ({ spec }: Pod): boolean => spec.schedulingGroup?.podGroupName === group;
    const members = waits.filter(of);
    const missing = Math.max(1, least - (pods.filter(of).length - members.length));
    if (members.length < missing) continue;
    const there = new Set(
      pods
        .filter((pod) => of(pod) && pod.spec.nodeName !== undefined)
        .map(({ metadata }) => `default/${metadata.name}`),
    );
    const { placed, victims } = engine.whatIf((fork) =>
      fork.placeGroup(members, { minCount: missing, placed: there, makeRoom: true }),
    );
    const others = victims.map(({ key }) => key);
    expect([placed.size, others], JSON.stringify(scheduler.counts())).toEqual([0, []]);
  }
  for (const pod of waits) {
    if (pod.spec.schedulingGroup === undefined)
      expect(engine.schedule(pod).node, pod.metadata.name).toBeUndefined();
  }
}

async function follow(steps: readonly Step[]): Promise<void> {
  await using cluster = testCluster();
  const { client, clock } = cluster;
  for (const [name, minMember] of Object.entries(GROUPS)) {
    const spec = { minMember, scheduleTimeoutSeconds: 60 };
    await client.create(PodGroup, { metadata: { name, namespace: 'default' }, spec });
  }
  const holds = {
    name: 'Holds',
    permit: ({ object }: { readonly object: Pod }) =>
      object.spec.hostNetwork === true ? { wait: 30_000 } : undefined,
  };
  await using scheduler = schedulerOf(client, { profiles: [profileWith(holds)], groupOf: podGroupOf });
  await scheduler.start();
  const watcher = new Watcher();
  for (const step of steps) {
    if (step.do === 'node gone') {
      // a node that goes while members are sent there one after another may part them
      await scheduler.idle();
      watcher.nodeGone(step.name);
    }
    if (step.do === 'delete') watcher.deleted(step.name);
    await take(cluster, scheduler, step);
    await watcher.check(cluster);
    if (step.do !== 'advance') continue;
    await scheduler.idle();
    await watcher.check(cluster);
    await watcher.checkGroups(cluster, scheduler);
  }
  for (let at = 0; at < 30; at += 1) {
    await scheduler.idle();
    for (const waiting of scheduler.waiting()) waiting.allow('Holds');
    await scheduler.idle();
    await watcher.check(cluster);
    await watcher.checkGroups(cluster, scheduler);
    await clock.advance(15_000);
    await watcher.check(cluster);
  }
  await scheduler.idle();
  await expectNobodyForgotten(cluster, scheduler);
}

test('a group whose members differ in priority keeps the room of each while others go', async () => {
  const member = { do: 'member', group: 'g', cpu: '1', priority: 0, isHeld: false } as const;
  await follow([
    { ...member, at: 0, isHeld: true },
    { do: 'single', at: 0, cpu: '2', priority: 0 },
    { ...member, at: 2, cpu: '2', priority: 10 },
    { do: 'single', at: 1, cpu: '1', priority: 0 },
    { do: 'advance', duration: 500 },
    // it has its turn before the others, and is less important
    { ...member, at: 1 },
    { do: 'node', name: 'b', cpu: '4' },
  ]);
}, 10_000);

test('a group that was given back as others needed its room is tried again', async () => {
  const member = { do: 'member', group: 'g', cpu: '1', priority: 0, isHeld: false } as const;
  await follow([
    { do: 'node', name: 'a', cpu: '4' },
    { ...member, at: 1 },
    { ...member, at: 2, isHeld: true },
    { do: 'single', at: 1, cpu: '1', priority: 10 },
    // all of the group goes, and one of it only because of the other
    { do: 'single', at: 0, cpu: '2', priority: 20 },
    { do: 'node', name: 'b', cpu: '1' },
    { ...member, at: 0 },
  ]);
}, 10_000);

test(`groups are bound as a whole or not at all, whatever happens (seed ${SEED})`, async () => {
  await fc.assert(fc.asyncProperty(fc.array(anyStep, { minLength: 5, maxLength: 40 }), follow), {
    seed: SEED,
    numRuns: 150,
  });
}, 120_000);

test(`groups go as a whole where others push them off, in whatever order (seed ${SEED})`, async () => {
  const nodes: readonly Step[] = NODES.map((name) => ({ do: 'node', name, cpu: '2' }));
  const step = anyStep.filter(({ do: what }) => what !== 'delete' && what !== 'node gone');
  const steps = fc.array(step, { minLength: 5, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(steps, (others) => follow([...nodes, ...others])),
    { seed: SEED, numRuns: 150 },
  );
}, 120_000);
