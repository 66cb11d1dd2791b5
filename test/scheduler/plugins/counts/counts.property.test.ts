import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatKey } from '../../../../src/core/index.js';
import {
  type Affinity,
  Namespace,
  Node,
  Pod,
  type PodAffinityTerm,
  type TopologySpreadConstraint,
} from '../../../../src/resources/kinds/index.js';
import { interPodAffinity } from '../../../../src/scheduler/plugins/inter-pod-affinity.js';
import { podTopologySpread } from '../../../../src/scheduler/plugins/pod-topology-spread.js';
import { type Answers, answers, cluster, HOST, namespace, node, pod, put, ZONE } from './answers.js';

const SEED = 20_261_121;

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
const nodeNames = fc.constantFrom('n0', 'n1', 'n2', 'n3');
// most Pods are of one sort, so that there are some in every domain
const namespaces = fc.constantFrom('one', 'one', 'one', 'one', 'two', 'three');
const keys = fc.constantFrom(HOST, ZONE, 'rack');
const podLabels = fc.record(
  { app: fc.constantFrom('a', 'a', 'a', 'b', 'c'), tier: fc.constantFrom('x', 'y') },
  { requiredKeys: [] },
);
const teams = fc.record({ team: fc.constantFrom('r', 's') }, { requiredKeys: [] });

const selectors = fc.oneof(
  fc.record({ matchLabels: fc.record({ app: fc.constantFrom('a', 'a', 'b') }) }),
  fc.constantFrom(
    { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['a'] }] },
    { matchExpressions: [{ key: 'tier', operator: 'Exists' }] },
    {},
  ),
);
const namespaceSelectors = fc.constantFrom(
  {},
  { matchLabels: { team: 'r' } },
  { matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['r'] }] },
);

const terms: fc.Arbitrary<PodAffinityTerm> = fc
  .record({
    labelSelector: selectors,
    topologyKey: keys,
    namespaces: maybe(fc.subarray(['one', 'two', 'three'])),
    namespaceSelector: maybe(namespaceSelectors),
  })
  .map((term) => JSON.parse(JSON.stringify(term)) as PodAffinityTerm);

const termLists = fc.array(terms, { maxLength: 2 });
const weighted = fc.array(fc.record({ weight: fc.integer({ min: 1, max: 9 }), podAffinityTerm: terms }), {
  maxLength: 1,
});
const affinities: fc.Arbitrary<Affinity> = fc
  .record({ near: termLists, far: termLists, liked: weighted, disliked: weighted })
  .map(({ near, far, liked, disliked }) => ({
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: near,
      preferredDuringSchedulingIgnoredDuringExecution: liked,
    },
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: far,
      preferredDuringSchedulingIgnoredDuringExecution: disliked,
    },
  }));

const constraints: fc.Arbitrary<TopologySpreadConstraint> = fc.record({
  topologyKey: keys,
  maxSkew: fc.integer({ min: 1, max: 3 }),
  minDomains: fc.constantFrom(1, 1, 2, 3),
  whenUnsatisfiable: fc.constantFrom('DoNotSchedule', 'ScheduleAnyway'),
  labelSelector: selectors,
  matchLabelKeys: fc.subarray(['tier']),
  nodeAffinityPolicy: fc.constantFrom('Honor', 'Ignore'),
  nodeTaintsPolicy: fc.constantFrom('Honor', 'Ignore'),
});

/** Pods, each of few that there can be, with all that they may say. */
const pods: fc.Arbitrary<Pod> = fc
  .record({
    name: fc.integer({ min: 0, max: 15 }).map((number) => `p${number}`),
    namespace: namespaces,
    labels: podLabels,
    affinity: maybe(affinities),
    spreads: maybe(fc.array(constraints, { minLength: 1, maxLength: 2 })),
    isPicky: fc.integer({ min: 0, max: 3 }).map((number) => number === 0),
    tolerates: fc.boolean(),
    isGoing: fc.integer({ min: 0, max: 4 }).map((number) => number === 0),
  })
  .map(({ name, affinity, spreads, isPicky, tolerates, isGoing, ...parts }) =>
    pod(name, {
      ...parts,
      metadata: isGoing ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {},
      spec: {
        ...(affinity === undefined ? {} : { affinity }),
        ...(spreads === undefined ? {} : { topologySpreadConstraints: spreads }),
        ...(isPicky ? { nodeSelector: { disk: 'ssd' } } : {}),
        ...(tolerates ? { tolerations: [{ operator: 'Exists' }] } : {}),
      },
    }),
  );

const nodes: fc.Arbitrary<Node> = fc
  .record({
    name: nodeNames,
    zone: maybe(fc.constantFrom('za', 'zb')),
    rack: maybe(fc.constantFrom('r1', 'r2')),
    disk: maybe(fc.constant('ssd')),
    isTainted: fc.boolean(),
  })
  .map(({ name, zone, rack, disk, isTainted }) =>
    node(
      name,
      zone,
      { ...(rack === undefined ? {} : { rack }), ...(disk === undefined ? {} : { disk }) },
      isTainted ? { taints: [{ key: 'dedicated', effect: 'NoSchedule' }] } : {},
    ),
  );

type Step =
  | { readonly do: 'set'; readonly object: Node | Pod | Namespace }
  | { readonly do: 'unset'; readonly object: Node | Pod | Namespace }
  | { readonly do: 'ask'; readonly pod: Pod }
  | { readonly do: 'trial'; readonly steps: readonly Step[] };

const placed = fc.tuple(pods, nodeNames).map(
  ([object, nodeName]): Pod => ({
    ...object,
    spec: { ...object.spec, nodeName },
  }),
);
const namespaceObjects = fc.tuple(namespaces, teams).map(([name, labels]) => namespace(name, labels));
const objects = fc.oneof(
  { weight: 5, arbitrary: placed },
  { weight: 2, arbitrary: nodes },
  { weight: 1, arbitrary: namespaceObjects },
);
const plainSteps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: objects.map((object): Step => ({ do: 'set', object })) },
  { weight: 1, arbitrary: objects.map((object): Step => ({ do: 'unset', object })) },
  { weight: 2, arbitrary: pods.map((object): Step => ({ do: 'ask', pod: object })) },
);
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 9, arbitrary: plainSteps },
  {
    weight: 1,
    arbitrary: fc.array(plainSteps, { maxLength: 6 }).map((list): Step => ({ do: 'trial', steps: list })),
  },
);

const PLUGINS = [interPodAffinity(), podTopologySpread()] as const;

type Target = ReturnType<typeof cluster>;

function ask(target: Target, object: Pod): readonly Answers[] {
  const [affinity, spread] = PLUGINS;
  return [answers(affinity, target, object), answers(spread, target, object)];
}

/** A cluster that has seen much, and the objects that it holds. */
class Pair {
  readonly target = cluster();
  #objects = new Map<string, Node | Pod | Namespace>();

  run(step: Step): void {
    if (step.do === 'ask') this.check(step.pod);
    else if (step.do === 'trial') this.#try(step.steps);
    else {
      const key = `${step.object.kind} ${formatKey(step.object.metadata)}`;
      if (step.do === 'set') {
        put(this.target, step.object);
        this.#objects.set(key, step.object);
      } else {
        const resource = step.object.kind === 'Node' ? Node : step.object.kind === 'Pod' ? Pod : Namespace;
        this.target.unset(resource, step.object.metadata);
        this.#objects.delete(key);
      }
    }
  }

  check(object: Pod): void {
    expect(ask(this.target, object)).toEqual(ask(cluster(...this.#objects.values()), object));
  }

  #try(list: readonly Step[]): void {
    const before = new Map(this.#objects);
    this.target.trial(() => {
      for (const step of list) this.run(step);
    });
    this.#objects = before;
  }
}

describe('the counts that plugins keep', () => {
  it('are those that would be made anew, whatever has happened', () => {
    fc.assert(
      fc.property(
        fc.array(nodes, { minLength: 3, maxLength: 6 }),
        fc.array(placed, { maxLength: 12 }),
        fc.array(steps, { maxLength: 40 }),
        fc.array(pods, { minLength: 1, maxLength: 5 }),
        (first, filled, list, asked) => {
          const pair = new Pair();
          for (const object of [...first, ...filled]) pair.run({ do: 'set', object });
          // ask before anything happens as well, so that counts are there to be kept up to date
          for (const object of asked) pair.check(object);
          for (const step of list) pair.run(step);
          for (const object of asked) pair.check(object);
        },
      ),
      { seed: SEED, numRuns: 200 },
    );
  });
});
