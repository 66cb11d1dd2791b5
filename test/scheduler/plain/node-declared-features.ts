import { SKIP, unresolvable, type FilterPlugin } from './plugin.js';
import type { Pod } from './types.js';

/** Rejects nodes that do not declare a feature that the pod makes use of. */
export const nodeDeclaredFeatures: FilterPlugin = {
  name: 'NodeDeclaredFeatures',
  preFilter: (pod) => (featuresOf(pod).length === 0 ? SKIP : undefined),
  filter: (pod, node) => {
    const declared = node.status.declaredFeatures ?? [];
    return featuresOf(pod).every((feature) => declared.includes(feature))
      ? undefined
      : unresolvable("node(s) didn't match Pod's required features");
  },
};

function featuresOf(pod: Pod): readonly string[] {
  const features: string[] = [];
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const rules = containers.flatMap(({ restartPolicyRules }) => restartPolicyRules ?? []);
  if (rules.some(({ action }) => action === 'RestartAllContainers')) {
    features.push('RestartAllContainersOnContainerExits');
  }
  if (pod.spec.hostNetwork === true && pod.spec.hostUsers === false) {
    features.push('UserNamespacesHostNetworkSupport');
  }
  return features;
}
