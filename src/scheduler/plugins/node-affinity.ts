import { preview } from '../../core/index.js';
import type { NodeAffinity, Node, Pod, PodSpec } from '../../resources/kinds/index.js';
import {
  definePlugin,
  type Plugin,
  type Rejection,
  type Remedy,
  SKIP,
  unresolvable,
  type WorkloadInfo,
} from '../framework/index.js';
import {
  type PreferredTerm,
  preferredNodesOf,
  preferredTerms,
  type RequiredNodes,
  requiredNodesOf,
  requiredTerms,
} from '../pods/node-affinity.js';
import type { NodeCondition, NodeIdentity } from '../pods/node-requirement.js';
import type { NodeTerms } from '../pods/node-selector.js';
import { factsOf } from '../pods/pod-facts.js';

export interface NodeAffinityArgs {
  /** What is asked of nodes in addition, for every Pod. */
  readonly addedAffinity?: NodeAffinity | undefined;
}

/** What a Pod asks of nodes; null asks nothing. */
interface State {
  readonly required: RequiredNodes | null;
}

const NOT_ASKED_FOR: Rejection = /* @__PURE__ */ unresolvable(
  "node(s) didn't match Pod's node affinity/selector",
);
const NOT_ENFORCED: Rejection = /* @__PURE__ */ unresolvable(
  "node(s) didn't match scheduler-enforced node affinity",
);
const CONFLICT: Rejection = /* @__PURE__ */ unresolvable('pod affinity terms conflict');
const NO_TERMS: readonly PreferredTerm[] = /* @__PURE__ */ Object.freeze([]);

/**
 * Keeps Pods to the nodes that their `nodeSelector` and required node affinity ask for, and likes nodes better the more of the preferred
 * terms match.
 *
 * A term that makes no sense matches nothing; among the preferred ones it fails the decision.
 *
 * @throws TypeError naming the field where `addedAffinity` makes no sense.
 */
export function nodeAffinity(args: NodeAffinityArgs = {}): Plugin<Pod, Node> {
  const added = readAdded(args);
  const rejection = (host: NodeIdentity, required: RequiredNodes | null): Rejection | undefined => {
    if (added.required?.matches(host) === false) return NOT_ENFORCED;
    return required?.matches(host) === false ? NOT_ASKED_FOR : undefined;
  };
  return definePlugin<Pod, Node, State, readonly PreferredTerm[]>({
    name: 'NodeAffinity',
    weight: 2,
    reads: { part: (pod) => factsOf(pod).spec.of(partOf), placed: false },
    preFilter(pod) {
      const required = requiredOf(pod);
      if (required === null && added.required === undefined) return SKIP;
      const hosts = required?.terms?.names;
      if (hosts?.size === 0) return CONFLICT;
      return { state: { required }, hosts };
    },
    filter: (_pod, host, { required }) => rejection(host, required),
    remedy: (_pod, host, { required }) =>
      added.required?.matches(host) === false
        ? remedyOf(host, [], added.required)
        : required?.matches(host) === false
          ? remedyOf(host, required.labels, required.terms)
          : undefined,
    preScore(pod) {
      const preferred = factsOf(pod).spec.of(preferredNodesOf);
      if (preferred === null && added.preferred === null) return SKIP;
      checkTerms(preferred ?? NO_TERMS);
      return { state: [...(added.preferred ?? NO_TERMS), ...(preferred ?? NO_TERMS)] };
    },
    score: (_pod, host, terms) => {
      let sum = 0;
      for (const { weight, term } of terms) if (term.matches(host)) sum += weight;
      return sum;
    },
    normalize: 'max',
    wakes(event, pod) {
      if (event.type !== 'host') return false;
      const required = requiredOf(pod);
      if (rejection(event.host, required) !== undefined) return false;
      const { before } = event;
      return before === undefined || rejection(identityOf(before), required) !== undefined;
    },
  });
}

function requiredOf(pod: WorkloadInfo<Pod>): RequiredNodes | null {
  return factsOf(pod).spec.of(requiredNodesOf);
}

function partOf({ nodeSelector, affinity }: PodSpec): string {
  return JSON.stringify([nodeSelector, affinity?.nodeAffinity]);
}

function identityOf({ metadata }: Node): NodeIdentity {
  return { name: metadata.name, labels: metadata.labels ?? {} };
}

/** What is asked of nodes in addition. @throws TypeError naming the field. */
function readAdded({ addedAffinity }: NodeAffinityArgs): {
  readonly required: NodeTerms | undefined;
  readonly preferred: readonly PreferredTerm[] | null;
} {
  if (addedAffinity !== undefined && (typeof addedAffinity !== 'object' || addedAffinity === null)) {
    throw new TypeError(`addedAffinity: expected a node affinity, got ${preview(addedAffinity)}`);
  }
  const asked = addedAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const required = asked && requiredTerms(asked.nodeSelectorTerms, 'addedAffinity');
  for (const { problem } of required?.list ?? []) if (problem !== undefined) throw new TypeError(problem);
  const preferred = preferredTerms(addedAffinity, 'addedAffinity');
  checkTerms(preferred ?? NO_TERMS);
  return { required, preferred };
}

/** @throws TypeError naming the field of a term that makes no sense. */
function checkTerms(terms: readonly PreferredTerm[]): void {
  for (const { term } of terms) if (term.problem !== undefined) throw new TypeError(term.problem);
}

/** What a node lacks for the labels, and for the term of which it lacks least. */
function remedyOf(
  host: NodeIdentity,
  labels: readonly NodeCondition[],
  terms: NodeTerms | undefined,
): Remedy {
  const lacking = (conditions: readonly NodeCondition[]): readonly NodeCondition[] =>
    conditions.filter((condition) => !condition.matches(host));
  const [least] = (terms?.list ?? [])
    .filter(({ problem }) => problem === undefined)
    .map(({ conditions }) => lacking(conditions))
    .sort((a, b) => a.length - b.length);
  if (terms !== undefined && least === undefined) {
    return { text: 'ask for nodes with a term that makes sense', of: 'workload' };
  }
  const missing = [...lacking(labels), ...(least ?? [])];
  const texts = missing.map(({ text }) => text).join(', ');
  return missing.some(({ isOfName }) => isOfName)
    ? { text: `do not ask for ${texts}`, of: 'workload' }
    : { text: `label the node with ${texts}`, of: 'host' };
}
