import type { Node, Pod, PodSpec } from '../../resources/kinds/index.js';
import { definePlugin, type Plugin, type Rejection, SKIP, unresolvable } from '../framework/index.js';
import { factsOf } from '../pods/pod-facts.js';

const REJECTION: Rejection = /* @__PURE__ */ unresolvable("node(s) didn't match Pod's required features");

/** Keeps Pods that need a feature of the kubelet off nodes that do not declare it. */
export function nodeDeclaredFeatures(): Plugin<Pod, Node> {
  return definePlugin<Pod, Node, readonly string[]>({
    name: 'NodeDeclaredFeatures',
    reads: { part: (pod) => factsOf(pod).spec.of(neededFeatures).join(), placed: false },
    preFilter(pod) {
      const needed = factsOf(pod).spec.of(neededFeatures);
      return needed.length === 0 ? SKIP : { state: needed };
    },
    filter: (_pod, host, needed) => (declaresAll(host.object, needed) ? undefined : REJECTION),
    remedy(_pod, host, needed) {
      const missing = needed.filter((feature) => !declaresAll(host.object, [feature]));
      return missing.length === 0
        ? undefined
        : { text: `run a kubelet with ${missing.join(', ')}`, of: 'host' };
    },
    wakes(event, pod) {
      if (event.type !== 'host') return false;
      const needed = factsOf(pod).spec.of(neededFeatures);
      if (!declaresAll(event.host.object, needed)) return false;
      return event.before === undefined || !declaresAll(event.before, needed);
    },
  });
}

/** The features that a Pod cannot do without. Source: `nodedeclaredfeatures` of k8s.io/component-helpers 1.36. */
function neededFeatures(spec: PodSpec): readonly string[] {
  const needed: string[] = [];
  const restartsAll = [...spec.containers, ...(spec.initContainers ?? [])].some(
    ({ restartPolicyRules = [] }) =>
      restartPolicyRules.some(({ action }) => action === 'RestartAllContainers'),
  );
  if (restartsAll) needed.push('RestartAllContainersOnContainerExits');
  if (spec.hostNetwork === true && spec.hostUsers === false) needed.push('UserNamespacesHostNetworkSupport');
  return needed;
}

function declaresAll({ status }: Node, needed: readonly string[]): boolean {
  const declared = status?.declaredFeatures;
  for (const feature of needed) if (declared?.includes(feature) !== true) return false;
  return true;
}
