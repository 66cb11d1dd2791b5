import type { Node, Pod } from '../../resources/kinds/index.js';
import { type Plugin, type Rejection, SKIP, unresolvable, unschedulable } from '../framework/index.js';

const REJECTION: Rejection = /* @__PURE__ */ unresolvable(
  'resource claims (spec.resourceClaims) are not served by this scheduler',
);

// kube-scheduler frees claims here; there are none to free
const NO_CLAIMS: Rejection = /* @__PURE__ */ unschedulable('no new claims to deallocate');

/** Keeps Pods with resource claims off all nodes, as claims are not allocated here; others it has nothing to say about. */
export function dynamicResources(): Plugin<Pod, Node> {
  return {
    name: 'DynamicResources',
    weight: 2,
    reads: { part: ({ object }) => (hasClaims(object) ? 'claims' : ''), placed: false },
    preFilter: ({ object }) => (hasClaims(object) ? REJECTION : SKIP),
    postFilter: () => NO_CLAIMS,
    score: () => 0,
    wakes: () => false,
  };
}

function hasClaims({ spec }: Pod): boolean {
  return spec.resourceClaims !== undefined && spec.resourceClaims.length > 0;
}
