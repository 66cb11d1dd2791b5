import type { Node, Pod, PodSpec, Taint } from '../../resources/kinds/index.js';
import {
  definePlugin,
  type Plugin,
  type Rejection,
  unresolvable,
  type WorkloadInfo,
} from '../framework/index.js';
import { NodeTaints } from '../pods/node-taints.js';
import { factsOf } from '../pods/pod-facts.js';
import { type Tolerations, tolerationsOf } from '../pods/tolerations.js';

const REJECTION: Rejection = /* @__PURE__ */ unresolvable('node(s) had untolerated taint(s)');

/**
 * Keeps Pods off nodes with a `NoSchedule` or `NoExecute` taint that they do not tolerate, and likes nodes better the fewer
 * `PreferNoSchedule` taints they have that the Pod does not tolerate.
 */
export function taintToleration(): Plugin<Pod, Node> {
  const taints = new NodeTaints();
  const isKeptOff = (tolerations: Tolerations, node: Node): boolean =>
    tolerations.untolerated(taints.of(node)) !== undefined;
  return definePlugin<Pod, Node, Tolerations, Tolerations>({
    name: 'TaintToleration',
    weight: 3,
    reads: { part: (pod) => factsOf(pod).spec.of(partOf), placed: false },
    preFilter: (pod) => ({ state: tolerationsIn(pod) }),
    filter: (_pod, host, tolerations) => (isKeptOff(tolerations, host.object) ? REJECTION : undefined),
    remedy(_pod, host, tolerations) {
      const untolerated = taints.of(host.object).hard.filter((taint) => !tolerations.tolerate(taint));
      if (untolerated.length === 0) return undefined;
      return { text: `tolerate ${untolerated.map(describe).join(', ')}`, of: 'workload' };
    },
    preScore: (pod) => ({ state: tolerationsIn(pod) }),
    score: (_pod, host, tolerations) => tolerations.disliked(taints.of(host.object)),
    normalize: 'reverse',
    wakes(event, pod) {
      if (event.type !== 'host') return false;
      const tolerations = tolerationsIn(pod);
      if (isKeptOff(tolerations, event.host.object)) return false;
      return event.before === undefined || isKeptOff(tolerations, event.before);
    },
  });
}

function tolerationsIn(pod: WorkloadInfo<Pod>): Tolerations {
  return factsOf(pod).spec.of(tolerationsOf);
}

function partOf(spec: PodSpec): string {
  return JSON.stringify(spec.tolerations ?? []);
}

function describe({ key, value = '', effect }: Taint): string {
  return `${key}${value === '' ? '' : `=${value}`}:${effect}`;
}
