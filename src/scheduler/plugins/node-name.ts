import type { Node, Pod } from '../../resources/kinds/index.js';
import { definePlugin, type Plugin, type Rejection, unresolvable } from '../framework/index.js';

const REJECTION: Rejection = /* @__PURE__ */ unresolvable("node(s) didn't match the requested node name");

interface State {
  /** The only node in question; empty where any will do. */
  readonly nodeName: string;
}

/** Keeps Pods that name their node off all others. */
export function nodeName(): Plugin<Pod, Node> {
  return definePlugin<Pod, Node, State>({
    name: 'NodeName',
    reads: { part: (pod) => wanted(pod.object), placed: false },
    preFilter: (pod) => ({ state: { nodeName: wanted(pod.object) } }),
    filter: (_pod, host, state) =>
      state.nodeName === '' || state.nodeName === host.name ? undefined : REJECTION,
    remedy: (_pod, host, state) =>
      state.nodeName === '' || state.nodeName === host.name
        ? undefined
        : { text: `set spec.nodeName to ${host.name}, or leave it out`, of: 'workload' },
    wakes: (event, pod) =>
      event.type === 'host' && event.before === undefined && event.host.name === wanted(pod.object),
  });
}

function wanted(pod: Pod): string {
  return pod.spec.nodeName ?? '';
}
