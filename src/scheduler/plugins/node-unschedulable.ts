import type { Node, Pod, PodSpec, Taint } from '../../resources/kinds/index.js';
import {
  definePlugin,
  type Plugin,
  type Rejection,
  unresolvable,
  type WorkloadInfo,
} from '../framework/index.js';
import { factsOf } from '../pods/pod-facts.js';
import { tolerationsOf } from '../pods/tolerations.js';

/** The taint that stands for being closed to new Pods. */
const UNSCHEDULABLE: Taint = /* @__PURE__ */ Object.freeze({
  key: 'node.kubernetes.io/unschedulable',
  effect: 'NoSchedule',
});
const REJECTION: Rejection = /* @__PURE__ */ unresolvable('node(s) were unschedulable');

interface State {
  readonly isTolerated: boolean;
}

/** Keeps Pods off nodes that are closed to them (`spec.unschedulable`), unless they tolerate `node.kubernetes.io/unschedulable`. */
export function nodeUnschedulable(): Plugin<Pod, Node> {
  return definePlugin<Pod, Node, State>({
    name: 'NodeUnschedulable',
    reads: { part: (pod) => (toleratesIt(pod) ? 'tolerated' : ''), placed: false },
    preFilter: (pod) => ({ state: { isTolerated: toleratesIt(pod) } }),
    filter: (_pod, host, { isTolerated }) => (isTolerated || !isClosed(host.object) ? undefined : REJECTION),
    remedy: (_pod, host, { isTolerated }) =>
      isTolerated || !isClosed(host.object)
        ? undefined
        : { text: 'open the node to new Pods (spec.unschedulable)', of: 'host' },
    wakes: (event) =>
      event.type === 'host' &&
      !isClosed(event.host.object) &&
      (event.before === undefined || isClosed(event.before)),
  });
}

function toleratesIt(pod: WorkloadInfo<Pod>): boolean {
  return factsOf(pod).spec.of(toleratesUnschedulable);
}

function toleratesUnschedulable(spec: PodSpec): boolean {
  return tolerationsOf(spec).tolerate(UNSCHEDULABLE);
}

function isClosed(node: Node): boolean {
  return node.spec?.unschedulable === true;
}
