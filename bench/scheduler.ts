import { performance } from 'node:perf_hooks';
import { Node, Pod } from '../src/resources/kinds/index.js';
import { SchedulingEngine } from '../src/scheduler/engine/scheduling-engine.js';
import { defaultPlugins } from '../src/scheduler/plugins/default-plugins.js';

const ZONES = 3;

/** So many decisions are made on another engine first, so that the compiler has seen the code. */
const WARM_UP = 500;

/** A node as kube-scheduler's own benchmarks have it. */
function node(at: number): Node {
  const name = `node-${at}`;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      namespace: undefined,
      uid: name,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': `zone-${at % ZONES}` },
    },
    status: { allocatable: { cpu: '4', memory: '32Gi', pods: '110' } },
  } as unknown as Node;
}

type Spec = Omit<Pod['spec'], 'containers'> & { readonly cpu?: string; readonly memory?: string };

function pod(
  name: string,
  labels: Readonly<Record<string, string>>,
  { cpu, memory, ...spec }: Spec = {},
): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels,
    },
    spec: {
      ...spec,
      containers: [
        {
          name: 'main',
          image: 'app:1',
          resources: { requests: { cpu: cpu ?? '100m', memory: memory ?? '500Mi' } },
        },
      ],
    },
  };
}

interface Scenario {
  readonly name: string;
  readonly goal: number;
  readonly nodes: number;
  readonly pods: number;
  /** The pod that is placed at a place; it is made before the clock runs. */
  readonly pod: (at: number) => Pod;
  /** What is on the cluster before. */
  readonly before?: (engine: SchedulingEngine) => void;
  /** Whether it looks no further once enough nodes were found. */
  readonly isSample?: boolean;
  /** What is measured; `place` unless given. */
  readonly act?: (engine: SchedulingEngine, pod: Pod) => boolean;
}

const required = (labels: Readonly<Record<string, string>>, topologyKey: string): object => ({
  requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: labels }, topologyKey }],
});
const HOSTNAME = 'kubernetes.io/hostname';
const ZONE = 'topology.kubernetes.io/zone';
const spread = (topologyKey: string): NonNullable<Pod['spec']['topologySpreadConstraints']>[number] => ({
  maxSkew: 1,
  topologyKey,
  whenUnsatisfiable: 'DoNotSchedule',
  labelSelector: { matchLabels: { app: 'spread' } },
});

const ownShape = (at: number): Pod =>
  pod(`p${at}`, { app: `a${at}` }, { cpu: `${100 + (at % 500)}m`, memory: `${300 + at}Mi` });
const nearOthers = (at: number): Pod =>
  pod(`p${at}`, { app: 'near' }, { affinity: { podAffinity: required({ app: 'near' }, ZONE) } });

const scenarios: readonly Scenario[] = [
  {
    name: 'identical pods',
    goal: 100_000,
    nodes: 5_000,
    pods: 100_000,
    pod: (at) => pod(`p${at}`, { app: 'same' }),
  },
  {
    name: 'pods of 50 shapes',
    goal: 10_000,
    nodes: 5_000,
    pods: 20_000,
    pod: (at) =>
      pod(
        `p${at}`,
        { app: `a${at % 50}` },
        { cpu: `${100 + (at % 50)}m`, memory: `${300 + 8 * (at % 50)}Mi` },
      ),
  },
  {
    name: 'each pod of its own shape',
    goal: 850,
    nodes: 5_000,
    pods: 2_000,
    pod: ownShape,
  },
  {
    name: 'each pod of its own shape, of a sample',
    goal: 850,
    nodes: 5_000,
    pods: 2_000,
    pod: ownShape,
    isSample: true,
  },
  {
    name: 'required hostname anti-affinity, 10 groups',
    goal: 5_000,
    nodes: 1_000,
    pods: 5_000,
    pod: (at) =>
      pod(
        `p${at}`,
        { group: `g${at % 10}` },
        { affinity: { podAntiAffinity: required({ group: `g${at % 10}` }, HOSTNAME) } },
      ),
  },
  {
    name: 'hard spread over zone and hostname',
    goal: 2_000,
    nodes: 5_000,
    pods: 5_000,
    pod: (at) =>
      pod(`p${at}`, { app: 'spread' }, { topologySpreadConstraints: [spread(ZONE), spread(HOSTNAME)] }),
  },
  {
    name: 'required zone affinity',
    goal: 5_000,
    nodes: 5_000,
    pods: 5_000,
    pod: nearOthers,
  },
  {
    name: 'required zone affinity, of a sample',
    goal: 5_000,
    nodes: 5_000,
    pods: 5_000,
    pod: nearOthers,
    isSample: true,
  },
  {
    name: 'infeasible pods',
    goal: 50_000,
    nodes: 5_000,
    pods: 50_000,
    pod: (at) => pod(`p${at}`, { app: 'big' }, { cpu: '5' }),
    act: (engine, each) => engine.place(each).message !== undefined,
  },
  {
    name: 'preemption, 20,000 victims',
    goal: 500,
    nodes: 5_000,
    pods: 1_000,
    pod: (at) => pod(`p${at}`, { app: 'urgent' }, { cpu: '2', priority: 100 }),
    before: (engine) => {
      for (let at = 0; at < 20_000; at += 1) {
        engine.assume(
          pod(`v${at}`, { app: 'victim' }, { cpu: '900m', priority: at % 3 }),
          `node-${at % 5_000}`,
        );
      }
    },
    act: (engine, each) => {
      const placement = engine.makeRoom(each);
      if (placement === undefined || !('host' in placement)) return false;
      for (const { object } of placement.victims) engine.unset(Pod, object.metadata);
      engine.assume(each, placement.host);
      return true;
    },
  },
];

/** An engine with the cluster of a scenario. */
function engineFor(scenario: Scenario): SchedulingEngine {
  const engine = new SchedulingEngine({
    plugins: defaultPlugins(),
    seed: 1,
    percentageOfNodesToScore: scenario.isSample === true ? 'adaptive' : undefined,
  });
  for (let at = 0; at < scenario.nodes; at += 1) engine.set(Node, node(at));
  scenario.before?.(engine);
  return engine;
}

/** Prints how many decisions a second the engine makes, with all of kube-scheduler's plugins and over all nodes unless said otherwise, and how long one takes. */
export function measureScheduler(): Promise<void> {
  const names = (process.env['ONLY'] ?? '').split(',').filter((name) => name !== '');
  for (const scenario of scenarios) {
    if (names.length > 0 && !names.some((name) => scenario.name.includes(name))) continue;
    const act = scenario.act ?? ((on: SchedulingEngine, each: Pod) => on.place(each).node !== undefined);
    const warm = engineFor(scenario);
    for (let at = 0; at < WARM_UP; at += 1) act(warm, scenario.pod(at));
    const engine = engineFor(scenario);
    const pods = Array.from({ length: scenario.pods }, (_, at) => scenario.pod(at));
    const times = new Float64Array(pods.length);
    globalThis.gc?.();
    let done = 0;
    const cpu = process.cpuUsage();
    const start = performance.now();
    let last = start;
    for (const [at, each] of pods.entries()) {
      if (act(engine, each)) done += 1;
      const now = performance.now();
      times[at] = now - last;
      last = now;
    }
    const wall = last - start;
    const used = process.cpuUsage(cpu);
    times.sort();
    const at = (share: number): string =>
      `${((times[Math.floor(share * (times.length - 1))] as number) * 1_000).toFixed(0)} us`;
    const rate = (pods.length / wall) * 1_000;
    const cpuRate = (pods.length / ((used.user + used.system) / 1_000)) * 1_000;
    console.log(
      `${scenario.name}, ${scenario.nodes} nodes: ${Math.round(rate)}/s (goal ${scenario.goal}; by CPU time ${Math.round(cpuRate)}/s), ` +
        `${done} of ${pods.length} done; p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)}`,
    );
  }
  return Promise.resolve();
}
