/**
 * Measures how many decisions a second `SchedulingEngine` makes, and draws docs/scheduler-throughput.svg.
 *
 * Run it with `npx tsx scripts/draw-scheduler.ts` on a machine that has nothing else to do: it takes the best of three for each point.
 */
import { writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { Node, type Pod } from '../src/resources/kinds/index.js';
import { defaultPlugins, SchedulingEngine } from '../src/scheduler/index.js';

const FILE = 'docs/scheduler-throughput.svg';
const REPEATS = 3;
const NODES = [100, 500, 1_000, 2_000, 5_000];
const PLACED = [0, 5_000, 10_000, 15_000, 20_000];
const ZONE = 'topology.kubernetes.io/zone';
const HOSTNAME = 'kubernetes.io/hostname';

type Point = readonly [x: number, decisionsASecond: number];

/** One sort of Pods. */
interface Sort {
  readonly name: string;
  /** Readable on light and on dark. */
  readonly color: string;
  /** How many Pods are decided about at most, and how many for each node at most. */
  readonly pods: number;
  readonly aNode: number;
  pod(at: number): Pod;
  /**
   * kube-scheduler v1.36.2 by nodes, measured on the same kind of machine: default profile, the algorithm alone with one thread, Pods for
   * each second of CPU time; the higher figure where there were several.
   */
  readonly kube: readonly Point[];
}

const selecting = (labels: Readonly<Record<string, string>>): { readonly labelSelector: object } => ({
  labelSelector: { matchLabels: labels },
});

const SORTS: readonly Sort[] = [
  {
    name: 'identical pods',
    color: '#3b82f6',
    pods: 10_000,
    aNode: 20,
    pod: (at) => pod(at, { app: 'same' }),
    kube: [
      [100, 4_026],
      [1_000, 1_046],
      [5_000, 892],
    ],
  },
  {
    name: 'pods of 50 shapes',
    color: '#e8710a',
    pods: 5_000,
    aNode: 20,
    pod: (at) => pod(at, { app: `app-${at % 50}` }, {}, at % 50),
    kube: [],
  },
  {
    name: 'required hostname anti-affinity, 10 groups',
    color: '#1f9d55',
    pods: 1_500,
    aNode: 5,
    // on one node after the other, the groups never meet themselves
    pod(at) {
      const group = { group: `group-${(at + Math.floor(at / 5_000)) % 10}` };
      const term = { ...selecting(group), topologyKey: HOSTNAME };
      return pod(at, group, {
        affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
      });
    },
    kube: [
      [1_000, 404],
      [5_000, 207],
    ],
  },
  {
    name: 'hard spread over zones and hostnames',
    color: '#a15bd6',
    pods: 1_500,
    aNode: 5,
    pod(at) {
      const labels = { app: 'spread' };
      const constraint = { ...selecting(labels), maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' as const };
      const topologySpreadConstraints = [ZONE, HOSTNAME].map((topologyKey) => ({
        ...constraint,
        topologyKey,
      }));
      return pod(at, labels, { topologySpreadConstraints });
    },
    kube: [[5_000, 105]],
  },
];

const META = { resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };

function pod(
  at: number,
  labels: Readonly<Record<string, string>>,
  spec: Omit<Pod['spec'], 'containers'> = {},
  more = 0,
): Pod {
  const name = `pod-${at}`;
  const requests = { cpu: `${100 + more}m`, memory: `${500 + 8 * more}Mi` };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...META, name, namespace: 'default', uid: name, labels },
    spec: { ...spec, containers: [{ name: 'main', image: 'app:1', resources: { requests } }] },
  };
}

/** A node as the benchmarks of Kubernetes have it; in four zones of one size, as a hard spread over others soon finds no place. */
function node(at: number): Node {
  const name = `node-${at}`;
  const labels = { [HOSTNAME]: name, [ZONE]: `zone-${at % 4}` };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { ...META, name, namespace: undefined, uid: name, labels },
    status: { allocatable: { cpu: '4', memory: '32Gi', pods: '110' } },
  };
}

/** Decisions a second, with all of kube-scheduler's plugins and over all nodes: the best of some runs. */
function measure(sort: Sort, nodes: number, placed: number): number {
  const count = Math.min(sort.pods, sort.aNode * nodes);
  let best = 0;
  for (let run = 0; run < REPEATS; run += 1) {
    const engine = new SchedulingEngine({ plugins: defaultPlugins(), seed: run });
    for (let at = 0; at < nodes; at += 1) engine.set(Node, node(at));
    for (let at = 0; at < placed; at += 1) engine.assume(sort.pod(at), `node-${at % nodes}`);
    const pods = Array.from({ length: count }, (_, at) => sort.pod(placed + at));
    const start = performance.now();
    for (const each of pods) engine.place(each);
    best = Math.max(best, (1_000 * count) / (performance.now() - start));
    if (engine.placed !== placed + count) throw new Error(`${sort.name}: expected all Pods to fit`);
  }
  return Math.round(best);
}

/** A chart with lines over a common logarithmic scale of decisions a second. */
interface Chart {
  readonly title: string;
  readonly ticks: readonly number[];
  readonly lines: readonly {
    readonly sort: Sort;
    readonly points: readonly Point[];
    readonly kube: readonly Point[];
  }[];
  /** 0 to 1 for each x. */
  readonly share: (x: number) => number;
}

const WIDTH = 980;
const HEIGHT = 470;
const CHART = { top: 78, height: 280, left: 76, width: 370, step: 494 };
const GREY = '#7d8590';
// the scale begins at 10 ** 2 decisions a second
const LOWEST = 2;

function draw(charts: readonly Chart[]): string {
  const rates = charts.flatMap(({ lines }) => lines.flatMap(({ points }) => points.map(([, rate]) => rate)));
  const highest = Math.ceil(Math.log10(Math.max(...rates)));
  const major = process.versions.node.split('.')[0] as string;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-labelledby="title"`,
    `  font-family="system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="12" fill="${GREY}">`,
    '  <title id="title">Decisions a second of SchedulingEngine, beside those of kube-scheduler</title>',
    text(CHART.left, 24, `Scheduling decisions a second: one thread, Node ${major}`, {
      'font-size': '16',
      'font-weight': '600',
    }),
    text(CHART.left, 44, 'All of kube-scheduler’s default plugins, exact over all nodes'),
    ...charts.flatMap((chart, at) => drawChart(chart, CHART.left + at * CHART.step, highest)),
    ...legend(),
    '</svg>',
  ].join('\n')}\n`;
}

function drawChart({ title, ticks, lines, share }: Chart, left: number, highest: number): readonly string[] {
  const { top, height, width } = CHART;
  const right = left + width;
  const x = (value: number): number => round(left + share(value) * width);
  const y = (value: number): number =>
    round(top + height * (1 - (Math.log10(value) - LOWEST) / (highest - LOWEST)));
  const drawn: string[] = [];
  for (let power = LOWEST; power <= highest; power += 1) {
    const at = y(10 ** power);
    drawn.push(
      `  <path d="M${left} ${at}H${right}" stroke="${GREY}" stroke-opacity="0.3"/>`,
      text(left - 8, at + 4, thousands(10 ** power), { 'text-anchor': 'end' }),
    );
  }
  for (const tick of ticks) {
    drawn.push(
      `  <path d="M${x(tick)} ${top + height}v5" stroke="${GREY}"/>`,
      text(x(tick), top + height + 20, thousands(tick), { 'text-anchor': 'middle' }),
    );
  }
  drawn.push(text(left + width / 2, top + height + 42, title, { 'text-anchor': 'middle' }));
  for (const { sort, points, kube } of lines) {
    drawn.push(
      ...curve(points, sort.color, x, y, `fill="${sort.color}"`),
      ...curve(kube, sort.color, x, y, 'fill="none"', ' stroke-dasharray="3 4"'),
    );
  }
  return drawn;
}

function curve(
  points: readonly Point[],
  color: string,
  x: (value: number) => number,
  y: (value: number) => number,
  fill: string,
  dashes = '',
): readonly string[] {
  const path = points.map(([at, value]) => `${x(at)} ${y(value)}`).join('L');
  return [
    ...(points.length < 2
      ? []
      : [`  <path d="M${path}" fill="none" stroke="${color}" stroke-width="2"${dashes}/>`]),
    ...points.map(
      ([at, value]) =>
        `  <circle cx="${x(at)}" cy="${y(value)}" r="4" ${fill} stroke="${color}" stroke-width="2"><title>${thousands(value)}</title></circle>`,
    ),
  ];
}

function legend(): readonly string[] {
  const top = CHART.top + CHART.height + 70;
  const places = [0, 146, 306, 606].map((offset) => CHART.left + offset);
  return [
    ...SORTS.flatMap(({ name, color }, at) => {
      const left = places[at] as number;
      return [
        `  <circle cx="${left + 4}" cy="${top - 4}" r="4" fill="${color}" stroke="${color}" stroke-width="2"/>`,
        text(left + 16, top, name),
      ];
    }),
    `  <circle cx="${CHART.left + 4}" cy="${top + 20}" r="4" fill="none" stroke="${GREY}" stroke-width="2"/>`,
    text(
      CHART.left + 16,
      top + 24,
      'kube-scheduler v1.36.2, algorithm alone, one thread, same kind of machine; above 100 nodes, not over all',
    ),
  ];
}

function text(
  x: number,
  y: number,
  content: string,
  attributes: Readonly<Record<string, string>> = {},
): string {
  const more = Object.entries(attributes).map(([name, value]) => ` ${name}="${value}"`);
  return `  <text x="${x}" y="${y}"${more.join('')}>${content}</text>`;
}

const round = (value: number): number => Math.round(value * 10) / 10;
const thousands = (value: number): string => value.toLocaleString('en-US');

// code that is run for the first time is slow
for (const sort of SORTS) measure(sort, 1_000, 0);
const byNodes: Chart = {
  title: 'nodes, with no pods placed before',
  ticks: NODES,
  lines: SORTS.map((sort) => ({
    sort,
    points: NODES.map((nodes) => [nodes, measure(sort, nodes, 0)]),
    kube: sort.kube,
  })),
  share: (nodes) => Math.log(nodes / 100) / Math.log(50),
};
const byPlaced: Chart = {
  title: 'pods of the same sort placed before, on 5,000 nodes',
  ticks: PLACED,
  lines: SORTS.map((sort) => ({
    sort,
    points: PLACED.map((placed) => [placed, measure(sort, 5_000, placed)]),
    kube: [],
  })),
  share: (placed) => placed / 20_000,
};
for (const { title, lines } of [byNodes, byPlaced]) {
  console.log(title);
  for (const { sort, points } of lines) {
    console.log(`  ${sort.name}: ${points.map(([x, y]) => `${thousands(x)}: ${thousands(y)}`).join('; ')}`);
  }
}
writeFileSync(FILE, draw([byNodes, byPlaced]));
