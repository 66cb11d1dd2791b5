import type { Container, PodSpec } from '../../resources/kinds/index.js';
import { sameJson } from './same-json.js';

// the two functions look at the same fields: one that is added to the first has to be added to the second

/** All that scheduling looks at in a spec, as a text. Each value is written as JSON, as a text of a spec may look like anything else. */
export function signatureOf(spec: PodSpec): string {
  let text = '';
  for (const container of spec.containers) text += containerText(container);
  if (spec.initContainers !== undefined) {
    text += '|init';
    for (const container of spec.initContainers) {
      text += containerText(container) + part('restart', container.restartPolicy);
    }
  }
  text += part('resources', spec.resources);
  text += part('overhead', spec.overhead);
  text += part('nodeSelector', spec.nodeSelector);
  text += part('affinity', spec.affinity);
  text += part('tolerations', spec.tolerations);
  text += part('spread', spec.topologySpreadConstraints);
  text += part('volumes', spec.volumes);
  text += part('claims', spec.resourceClaims);
  text += part('group', spec.schedulingGroup);
  text += part('hostNetwork', spec.hostNetwork);
  text += part('hostUsers', spec.hostUsers);
  text += part('preemption', spec.preemptionPolicy);
  return text;
}

/**
 * Whether two specs are sure to have the same signature: cheaper than to write it. False does not say that they differ; specs with init
 * containers are the same only where these are shared.
 */
export function sameSignature(a: PodSpec, b: PodSpec): boolean {
  return (
    sameContainers(a.containers, b.containers) &&
    a.initContainers === b.initContainers &&
    sameJson(a.resources, b.resources) &&
    sameJson(a.overhead, b.overhead) &&
    sameJson(a.nodeSelector, b.nodeSelector) &&
    sameJson(a.affinity, b.affinity) &&
    sameJson(a.tolerations, b.tolerations) &&
    sameJson(a.topologySpreadConstraints, b.topologySpreadConstraints) &&
    sameJson(a.volumes, b.volumes) &&
    sameJson(a.resourceClaims, b.resourceClaims) &&
    sameJson(a.schedulingGroup, b.schedulingGroup) &&
    a.hostNetwork === b.hostNetwork &&
    a.hostUsers === b.hostUsers &&
    a.preemptionPolicy === b.preemptionPolicy
  );
}

function sameContainers(containers: readonly Container[], others: readonly Container[]): boolean {
  if (containers.length !== others.length) return false;
  for (let at = 0; at < containers.length; at += 1) {
    const a = containers[at] as Container;
    const b = others[at] as Container;
    const isSame =
      a.image === b.image &&
      sameJson(a.resources, b.resources) &&
      sameJson(a.ports, b.ports) &&
      sameJson(a.restartPolicyRules, b.restartPolicyRules);
    if (!isSame) return false;
  }
  return true;
}

function containerText({ image, resources, ports, restartPolicyRules }: Container): string {
  return `;${part('image', image)}${part('resources', resources)}${part('ports', ports)}${part('rules', restartPolicyRules)}`;
}

function part(name: string, value: unknown): string {
  return value === undefined ? '' : `|${name}${JSON.stringify(value)}`;
}
