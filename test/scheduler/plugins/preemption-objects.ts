import type { Node, Pod, PodDisruptionBudget } from '../../../src/resources/kinds/index.js';

/** What a test says of a Pod; it requests one CPU unless told otherwise. */
export interface PodSketch {
  readonly on?: string;
  readonly priority?: number;
  readonly cpu?: string;
  readonly requests?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly namespace?: string;
  readonly nominated?: string;
  readonly preemptionPolicy?: string;
  /** Seconds. */
  readonly started?: number;
  readonly isGoing?: boolean;
  readonly spec?: object;
  readonly status?: object;
}

export function pod(name: string, sketch: PodSketch = {}): Pod {
  const { on, started, nominated, labels, preemptionPolicy, isGoing = false } = sketch;
  const requests = sketch.requests ?? { cpu: sketch.cpu ?? '1' };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: sketch.namespace ?? 'default',
      ...(labels === undefined ? {} : { labels }),
      ...(isGoing ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: {
      priority: sketch.priority ?? 0,
      containers: [{ name: 'main', resources: { requests } }],
      ...(on === undefined ? {} : { nodeName: on }),
      ...(preemptionPolicy === undefined ? {} : { preemptionPolicy }),
      ...sketch.spec,
    },
    status: {
      ...(started === undefined ? {} : { startTime: timeText(started) }),
      ...(nominated === undefined ? {} : { nominatedNodeName: nominated }),
      ...sketch.status,
    },
  } as unknown as Pod;
}

export function node(name: string, allocatable: Readonly<Record<string, string>> = { cpu: '4' }): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name } },
    spec: {},
    status: { allocatable: { pods: '110', ...allocatable } },
  } as unknown as Node;
}

export function budget(
  name: string,
  selector: object | undefined,
  disruptionsAllowed: number,
  disruptedPods: Readonly<Record<string, string>> = {},
  namespace = 'default',
): PodDisruptionBudget {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace },
    spec: selector === undefined ? {} : { selector },
    status: { disruptionsAllowed, disruptedPods },
  } as unknown as PodDisruptionBudget;
}

function timeText(seconds: number): string {
  return `2026-01-01T00:${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}Z`;
}
