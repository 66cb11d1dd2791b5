import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Node, Pod, PodDisruptionBudget } from '../../../src/resources/kinds/index.js';
import { SchedulingEngine } from '../../../src/scheduler/engine/scheduling-engine.js';
import {
  type ClusterView,
  type Plugin,
  type PreemptionSurvey,
  unschedulable,
  type WorkloadInfo,
} from '../../../src/scheduler/framework/index.js';
import { defaultPreemption } from '../../../src/scheduler/plugins/default-preemption.js';
import { defaultPlugins } from '../../../src/scheduler/plugins/default-plugins.js';
import { tryHost } from '../../../src/scheduler/plugins/preemption/try-host.js';
import { preemptionIndex } from '../../../src/scheduler/plugins/preemption/preemption-index.js';
import { FITS, NOBODY, UNSURE } from '../../../src/scheduler/plugins/preemption/room-class.js';
import { eachPotential, searchFor } from '../../../src/scheduler/plugins/preemption/search.js';
import { budget, node, pod, type PodSketch } from './preemption-objects.js';

const SEED = 20_261_122;
const NODES = ['n0', 'n1', 'n2', 'n3'];

const cpu = fc.integer({ min: 1, max: 5 }).map((half) => `${half * 500}m`);
const big = fc.record({
  cpu: fc.constantFrom('2', '3', '4'),
  memory: fc.constantFrom('0', '2Gi', '4Gi'),
  'example.com/gpu': fc.constantFrom('0', '1'),
});
const requests = fc.record({
  cpu,
  memory: fc.constantFrom('0', '1Gi', '2Gi'),
  'example.com/gpu': fc.constantFrom('0', '0', '1'),
});
const labels: fc.Arbitrary<Record<string, string>> = fc.constantFrom({ app: 'a' }, { app: 'b' }, {});
const antiAffinity = (app: string): object => ({
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app } } },
      ],
    },
  },
});

/** Changes of a cluster, some of which are told only by the object itself. */
type Change = (
  engine: SchedulingEngine<Pod, Node>,
  objects: Map<string, Pod | Node | PodDisruptionBudget>,
) => void;

const setPod = (name: string, sketch: PodSketch): Change => {
  const object = pod(name, sketch);
  return (engine, objects) => {
    engine.set(Pod, object);
    objects.set(`pod ${name}`, object);
  };
};
const setNode = (name: string, allocatable: Readonly<Record<string, string>>): Change => {
  const object = node(name, allocatable);
  return (engine, objects) => {
    engine.set(Node, object);
    objects.set(`node ${name}`, object);
  };
};

const podName = fc.integer({ min: 0, max: 24 }).map((n) => `p${n}`);
const started = fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined });
const sketchOf = (withAffinity: boolean): fc.Arbitrary<PodSketch> =>
  fc
    .record({
      requests,
      labels,
      priority: fc.integer({ min: -1, max: 3 }),
      on: fc.constantFrom(...NODES),
      isNominated: fc.nat(9),
      started,
      hates: fc.nat(5),
    })
    .map(({ on, isNominated, started: start, hates, ...rest }) => ({
      ...rest,
      ...(isNominated === 0 ? { nominated: on } : { on }),
      ...(start === undefined ? {} : { started: start }),
      ...(withAffinity && hates === 0 ? { spec: antiAffinity('a') } : {}),
    }));

const changeOf = (withAffinity: boolean): fc.Arbitrary<Change> =>
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc.tuple(podName, sketchOf(withAffinity)).map(([name, sketch]) => setPod(name, sketch)),
    },
    {
      weight: 3,
      arbitrary: podName.map(
        (name): Change =>
          (engine, objects) => {
            engine.unset(Pod, { name, namespace: 'default' });
            objects.delete(`pod ${name}`);
          },
      ),
    },
    {
      weight: 3,
      arbitrary: fc.tuple(podName, fc.integer({ min: 0, max: 5 })).map(
        ([name, second]): Change =>
          (engine, objects) => {
            const before = objects.get(`pod ${name}`) as Pod | undefined;
            if (before === undefined) return;
            const after = {
              ...before,
              status: { ...before.status, startTime: `2026-01-01T00:00:0${second}Z` },
            } as Pod;
            engine.set(Pod, after);
            objects.set(`pod ${name}`, after);
          },
      ),
    },
    {
      weight: 3,
      arbitrary: fc
        .tuple(
          fc.constantFrom(...NODES),
          fc.constantFrom('2', '4', '6'),
          fc.constantFrom('4Gi', '8Gi'),
          fc.constantFrom('1', '2'),
        )
        .map(([name, cores, memory, gpu]) => setNode(name, { cpu: cores, memory, 'example.com/gpu': gpu })),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...NODES).map(
        (name): Change =>
          (engine, objects) => {
            engine.unset(Node, { name });
            objects.delete(`node ${name}`);
          },
      ),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom('b0', 'b1'), fc.constantFrom('a', 'b'), fc.nat(2), podName, fc.boolean())
        .map(([name, app, allowed, counted, isOne]): Change => {
          const disrupted = isOne ? { [counted]: '2026-01-01T00:00:00Z' } : {};
          const object = budget(name, { matchLabels: { app } }, allowed, disrupted);
          return (engine, objects) => {
            engine.set(PodDisruptionBudget, object);
            objects.set(`budget ${name}`, object);
          };
        }),
    },
  );

const incoming = (withAffinity: boolean): fc.Arbitrary<Pod> =>
  fc
    .record({ requests: big, labels, priority: fc.integer({ min: 0, max: 4 }), hates: fc.nat(2) })
    .map(({ hates, ...sketch }) =>
      pod('incoming', { ...sketch, ...(withAffinity && hates === 0 ? { spec: antiAffinity('b') } : {}) }),
    );

/** What the cluster is at first, the Pods that come again and again, and which of them comes after which changes. */
interface Story {
  readonly first: readonly Change[];
  readonly pods: readonly Pod[];
  readonly steps: readonly (readonly [readonly Change[], number])[];
}

const story = (withAffinity: boolean): fc.Arbitrary<Story> =>
  fc.record({
    first: fc
      .array(changeOf(withAffinity), { minLength: 12, maxLength: 40 })
      .map((changes) => [
        ...NODES.map((name) => setNode(name, { cpu: '4', memory: '8Gi', 'example.com/gpu': '2' })),
        ...changes,
      ]),
    pods: fc.array(incoming(withAffinity), { minLength: 2, maxLength: 2 }),
    steps: fc.array(fc.tuple(fc.array(changeOf(withAffinity), { maxLength: 2 }), fc.nat(1)), {
      minLength: 4,
      maxLength: 12,
    }),
  });

/** All there is to see of a cluster. */
function picture(cluster: ClusterView<Pod, Node>): unknown {
  return Array.from(cluster.hosts(), (host) => ({
    name: host.name,
    index: host.index,
    object: host.object,
    // the same objects, in whatever order
    workloads: new Set(host.workloads),
    used: ['cpu', 'memory', 'pods', 'example.com/gpu', '~cpu', '~memory'].map((name) => [
      host.used(name),
      host.capacity(name),
    ]),
  }));
}

const COUNTED = ['cpu', 'example.com/gpu'];
const needs = (workload: WorkloadInfo<Pod>): ReadonlyMap<string, number> =>
  new Map(COUNTED.map((name) => [name, workload.requests.get(name) ?? 0]));
const SHORT = unschedulable('there is not enough of something');

/** A count of room that is not Kubernetes': it looks at some resources alone, gives one reason for all, and never calls a node too small. */
const ownRoom: Plugin<Pod, Node> = {
  name: 'OwnRoom',
  reads: { part: (workload) => JSON.stringify([...needs(workload)]), room: needs },
  filter: (workload, host) =>
    [...needs(workload)].some(([name, amount]) => amount > host.capacity(name) - host.used(name))
      ? SHORT
      : undefined,
};

/** It has the name of Kubernetes' count of room, and rules of its own: not more than so many Pods, by their priority. */
const otherRules: Plugin<Pod, Node> = {
  name: 'NodeResourcesFit',
  reads: { part: ({ priority }) => `${priority}` },
  filter: ({ priority }, host) => (host.workloads.length > priority ? SHORT : undefined),
};

/** Counts what was compared, so that a test which compares nothing fails. */
interface Tally {
  counted: number;
  fitting: number;
  tried: number;
}

/** The plugin, which compares on each host what it counts with what it tries, and looks whether anything is left of what it tried. */
function comparing(tally: Tally): Plugin<Pod, Node> {
  const plugin = defaultPreemption();
  return {
    ...plugin,
    postFilter(workload, cluster, verdictOf, dryRun) {
      const search = searchFor(workload, cluster, verdictOf, dryRun);
      const index = cluster.index(preemptionIndex);
      const before = picture(cluster);
      if (search.room !== undefined) {
        const cls = index.classOf(workload, search.room);
        cls.catchUp(cluster.bound);
        eachPotential(search, (host, verdict) => {
          const kept = dryRun.nominated(host);
          const outcome = cls.look(host, verdict, index.occupantsOf(host), kept);
          const tried = tryHost(workload.priority, host, index, dryRun);
          tally.counted += 1;
          expect(outcome).not.toBe(UNSURE);
          expect(outcome === FITS).toBe('victims' in tried);
          expect(outcome === NOBODY).toBe('plugin' in tried && tried.plugin === '');
          if (outcome !== FITS) return;
          tally.fitting += 1;
          expect(cls.candidate(host, index.occupantsOf(host), kept)).toEqual(tried);
        });
      } else {
        tally.tried += 1;
      }
      const answer = plugin.postFilter?.(workload, cluster, verdictOf, dryRun);
      expect(picture(cluster)).toEqual(before);
      return answer;
    },
  };
}

/** The default plugins, with some of them instead of those of the same place. */
function pluginsWith(instead: Readonly<Record<string, Plugin<Pod, Node>>>): readonly Plugin<Pod, Node>[] {
  return defaultPlugins().map((plugin) => instead[plugin.name] ?? plugin);
}

/** What is compared of an engine's answer with the survey of another one. */
function expectBest(answer: ReturnType<SchedulingEngine['makeRoom']>, survey: PreemptionSurvey): void {
  if (answer === undefined) throw new Error('expected an answer');
  if ('host' in answer) {
    expect(survey.best).toContain(answer.host);
    const candidate = survey.candidates.find(({ node: name }) => name === answer.host);
    expect(answer.victims.map(({ key }) => key)).toEqual(candidate?.victims);
  } else {
    expect(answer.reasons.join(', ')).toBe(survey.message);
  }
}

function check(withAffinity: boolean, room?: Plugin<Pod, Node>): Tally {
  const instead = room === undefined ? {} : { NodeResourcesFit: room };
  const tally: Tally = { counted: 0, fitting: 0, tried: 0 };
  fc.assert(
    fc.property(story(withAffinity), ({ first, pods, steps }) => {
      // one that goes on, and is asked for nothing but victims, as all else would make it forget what it remembers
      const engine = new SchedulingEngine({ plugins: pluginsWith(instead) });
      const objects = new Map<string, Pod | Node | PodDisruptionBudget>();
      for (const change of first) change(engine, objects);
      for (const [changes, which] of steps) {
        for (const change of changes) change(engine, objects);
        const workload = pods[which] as Pod;
        const answer = engine.makeRoom(workload);

        const fresh = new SchedulingEngine({
          plugins: pluginsWith({ ...instead, DefaultPreemption: comparing(tally) }),
        });
        for (const kind of [Node, Pod, PodDisruptionBudget]) {
          for (const object of objects.values()) {
            if (object.kind === kind.kind) fresh.set(kind as typeof Pod, object as Pod);
          }
        }
        const { preemption } = fresh.evaluate(workload);
        if (preemption === undefined) continue;
        expectBest(fresh.makeRoom(workload), preemption);
        expectBest(answer, preemption);
      }
    }),
    { seed: SEED, numRuns: 60 },
  );
  return tally;
}

describe('defaultPreemption on random clusters', () => {
  it('counts what trying would give, remembers nothing that is over, and leaves no trace', () => {
    const { counted, fitting } = check(false);
    expect(counted).toBeGreaterThan(500);
    expect(fitting).toBeGreaterThan(100);
  });

  it('counts for another plugin that says what room it needs', () => {
    const { counted, fitting, tried } = check(false, ownRoom);
    expect(counted).toBeGreaterThan(500);
    expect(fitting).toBeGreaterThan(100);
    expect(tried).toBe(0);
  });

  it('tries where a plugin of a known name has other rules', () => {
    const { counted, tried } = check(false, otherRules);
    expect(counted).toBe(0);
    expect(tried).toBeGreaterThan(50);
  });

  it('tries where affinity has a say', () => {
    const { tried } = check(true);
    expect(tried).toBeGreaterThan(50);
  });
});
