import { openSync, readSync } from 'node:fs';
import { performance, PerformanceObserver } from 'node:perf_hooks';
import type { New } from 'keelson';
import { Node, Pod } from '../src/resources/kinds/index.js';
import { defaultPlugins, PodGroup, podGroupOf, Scheduler } from '../src/scheduler/index.js';
import { ObjectStore } from '../src/store/index.js';
import { SHAPES } from './burst.js';

// started by burst.ts for one shape of Pods
const NODES = 5_000;
const PODS = 10_000;
/** Pods created before others have their turn. */
const WAVE = 5;
/** How many members a group has, each in one of 50 racks. */
const GROUP = 10;
/** No turn of the event loop may take longer, in milliseconds. */
const GOAL = 10;
const ZONE = 'topology.kubernetes.io/zone';
const HOSTNAME = 'kubernetes.io/hostname';

interface Turn {
  readonly start: number;
  readonly end: number;
  /** What the thread has worked in it, in milliseconds. */
  readonly worked: number;
}

type Shape = (typeof SHAPES)[number];

const shape = process.argv[2] as Shape;
if (!SHAPES.includes(shape)) throw new TypeError(`Expected one of ${SHAPES.join(', ')}, got ${shape}`);
const workedSoFar = threadTime();
const store = new ObjectStore({ resources: [Node, Pod, PodGroup] });
const client = store.client();
for (let at = 0; at < NODES; at += 1) {
  const labels = { [HOSTNAME]: `node-${at}`, [ZONE]: `zone-${at % 3}`, rack: `rack-${at % 50}` };
  const node = await client.create(Node, { metadata: { name: `node-${at}`, labels } });
  const status = { allocatable: { cpu: '4', memory: '32Gi', pods: '110' } };
  await client.update(Node, { ...node, status }, { subresource: 'status' });
}
const profiles = [{ schedulerName: 'default-scheduler', plugins: defaultPlugins() }];
const groups = shape === 'groups' ? { groupOf: podGroupOf } : {};
const scheduler = new Scheduler({ client, profiles, seed: 1, ...groups });
await scheduler.start();

const pauses: { readonly start: number; readonly end: number }[] = [];
const observer = new PerformanceObserver((list) => {
  for (const { startTime, duration } of list.getEntries()) {
    pauses.push({ start: startTime, end: startTime + duration });
  }
});
observer.observe({ entryTypes: ['gc'] });
const turns: Turn[] = [];
let isOver = false;
let start = performance.now();
let worked = workedSoFar();
const first = start;
const turn = (): void => {
  const end = performance.now();
  if (end - start > GOAL / 4) turns.push({ start, end, worked: workedSoFar() - worked });
  if (isOver) return;
  worked = workedSoFar();
  start = performance.now();
  setImmediate(turn);
};
setImmediate(turn);
for (let at = 0; at < PODS; at += 1) {
  if (shape === 'groups' && at % GROUP === 0) {
    const spec = { minMember: GROUP, topologyKey: 'rack' };
    await client.create(PodGroup, { metadata: { name: groupOf(at), namespace: 'default' }, spec });
  }
  await client.create(Pod, podOf(at));
  if (at % WAVE === WAVE - 1) await new Promise((resolve) => setImmediate(resolve));
}
await scheduler.idle();
const wall = performance.now() - first;
isOver = true;
// entries of the collector come a turn later
await new Promise((resolve) => setTimeout(resolve, 10));
observer.disconnect();

const own = turns.map((each) => each.worked - pausedIn(each)).sort((a, b) => b - a);
const { items } = await client.list(Pod);
const bound = items.filter(({ spec }) => spec.nodeName !== undefined).length;
console.log(
  `a burst of ${PODS} ${shape} pods, ${NODES} nodes: ${bound} placed in ${(wall / 1_000).toFixed(1)} s; longest turns without collector ` +
    `${own.slice(0, 3).map(inMs).join(', ')} ms, ${own.filter((time) => time > GOAL).length} over ${GOAL}; ` +
    `by the clock ${inMs(Math.max(0, ...turns.map((each) => each.end - each.start)))} ms, ` +
    `longest pause of the collector ${inMs(Math.max(0, ...pauses.map((pause) => pause.end - pause.start)))} ms`,
);
await scheduler.stop();
await store.close();

function podOf(at: number): New<typeof Pod> {
  const app = shape === 'identical' ? 'app' : `app-${at % (shape === 'fifty' || shape === 'own' ? 50 : 10)}`;
  const cpu = { fifty: 80 + (at % 50), own: 50 + (at % 100), infeasible: 100_000 }[shape as string] ?? 100;
  const memory = shape === 'own' ? 200 + Math.floor(at / 100) : 200;
  const resources = { requests: { cpu: `${cpu}m`, memory: `${memory}Mi` } };
  return {
    metadata: { name: `pod-${at}`, namespace: 'default', labels: { app } },
    spec: {
      containers: [{ name: 'main', image: 'app:1', resources }],
      ...wishesOf(at, { matchLabels: { app } }),
    },
  };
}

function wishesOf(
  at: number,
  labelSelector: { matchLabels: { app: string } },
): Partial<New<typeof Pod>['spec']> {
  const term = (topologyKey: string) => ({ topologyKey, labelSelector });
  switch (shape) {
    case 'spread': {
      const spread = { maxSkew: 5, whenUnsatisfiable: 'DoNotSchedule' };
      return { topologySpreadConstraints: [ZONE, HOSTNAME].map((key) => ({ ...spread, ...term(key) })) };
    }
    case 'apart':
      return {
        affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term(HOSTNAME)] } },
      };
    case 'together':
      return { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term(ZONE)] } } };
    case 'preferred': {
      const preferred = [{ weight: 1, podAffinityTerm: term(HOSTNAME) }];
      return {
        affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } },
      };
    }
    case 'groups':
      return { schedulingGroup: { podGroupName: groupOf(at) } };
    default:
      return {};
  }
}

function groupOf(at: number): string {
  return `group-${Math.floor(at / GROUP)}`;
}

function pausedIn(each: Turn): number {
  let paused = 0;
  for (const pause of pauses) {
    paused += Math.max(0, Math.min(pause.end, each.end) - Math.max(pause.start, each.start));
  }
  return paused;
}

/** Tells how long this thread has worked, in milliseconds: what others on the machine do does not count, as far as the platform can tell. */
function threadTime(): () => number {
  try {
    // nanoseconds on a processor, a blank, and more
    const file = openSync('/proc/thread-self/schedstat', 'r');
    const bytes = Buffer.alloc(64);
    return () => Number(bytes.toString('latin1', 0, readSync(file, bytes, 0, 64, 0)).split(' ')[0]) / 1e6;
  } catch {
    return () => performance.now();
  }
}

function inMs(time: number): string {
  return time.toFixed(1);
}
