import { Node, Pod } from '../../resources/kinds/index.js';
import type { SchedulingModel } from '../framework/index.js';
import { allocatableOf } from './allocatable.js';
import { LabelIdentities } from './label-identity.js';
import { factsOf } from './pod-facts.js';
import { requestsOf } from './pod-requests.js';
import { resizedSpec } from './resized-spec.js';
import { sameNode } from './same-node.js';
import { type PodFacts, SpecFactsCache } from './spec-facts.js';

const NO_LABELS: Readonly<Record<string, string>> = /* @__PURE__ */ Object.freeze({});

/** How the engine reads Pods and Nodes. Pods of one model share what is read of equal specs and labels. */
export function podModel(): SchedulingModel<Pod, Node> {
  const specs = new SpecFactsCache();
  const identities = new LabelIdentities();
  return {
    workload: Pod,
    host: Node,
    hostOf: (pod) => (pod.spec.nodeName === '' ? undefined : pod.spec.nodeName),
    nominatedHostOf: (pod) => pod.status?.nominatedNodeName,
    hasEnded: (pod) => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed',
    schedulerNameOf: (pod) => pod.spec.schedulerName ?? 'default-scheduler',
    priorityOf: (pod) => pod.spec.priority ?? 0,
    requestsOf: (pod) => specs.of(resizedSpec(pod)).of(requestsOf),
    capacityOf: allocatableOf,
    factsOf: (pod): PodFacts =>
      specs.of(pod.spec).ofPod(identities.of(pod.metadata.namespace, pod.metadata.labels ?? NO_LABELS)),
    sameWorkload(before, after) {
      const a = factsOf(before);
      const b = factsOf(after);
      return (
        a.spec === b.spec &&
        before.requests === after.requests &&
        a.identity === b.identity &&
        before.priority === after.priority &&
        before.object.metadata.deletionTimestamp === after.object.metadata.deletionTimestamp &&
        before.object.metadata.uid === after.object.metadata.uid &&
        before.object.status?.startTime === after.object.status?.startTime
      );
    },
    sameHost: sameNode,
    unplaced(pod) {
      const { nodeName: _, ...spec } = pod.spec;
      return { ...pod, spec };
    },
  };
}
