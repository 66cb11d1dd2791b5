import {
  CycleError,
  normalized,
  rejectAll,
  SKIP,
  unresolvable,
  type FilterPlugin,
  type PreFilterAnswer,
  type ScorePlugin,
} from './plugin.js';
import { isEmptyTerm, isErroneousTerm, matchesRequiredAffinity, matchesTerm } from './node-selector.js';
import type { NodeTerm, Pod } from './types.js';

const NAME = 'NodeAffinity';

/** Rejects nodes that the pod's node selector or required node affinity does not match. */
export const nodeAffinity: FilterPlugin = {
  name: NAME,
  preFilter: (pod) => {
    const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    if (required === undefined) return pod.spec.nodeSelector === undefined ? SKIP : undefined;
    return namedNodes(required.nodeSelectorTerms);
  },
  filter: (pod, node) =>
    matchesRequiredAffinity(pod, node)
      ? undefined
      : unresolvable("node(s) didn't match Pod's node affinity/selector"),
};

/** Prefers nodes by the weights of the preferred terms that match. A term in error fails the cycle. */
export const nodeAffinityScore: ScorePlugin = {
  name: NAME,
  weight: 2,
  score: (pod, nodes) => {
    if (pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution === undefined) {
      return undefined;
    }
    const terms = preferredTerms(pod);
    for (const { preference } of terms) {
      if (isErroneousTerm(preference)) throw new CycleError('a preferred node affinity term is in error');
    }
    return normalized(
      nodes.map(({ metadata: { name, labels } }) =>
        terms.reduce(
          (sum, { weight, preference }) => sum + (matchesTerm(preference, labels, name) ? weight : 0),
          0,
        ),
      ),
    );
  },
};

function preferredTerms(pod: Pod): readonly { readonly weight: number; readonly preference: NodeTerm }[] {
  const terms = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return terms.filter(({ weight, preference }) => weight !== 0 && !isEmptyTerm(preference));
}

/** Where every term asks for names, only those nodes are in question; a term that asks for two at once names none. */
function namedNodes(terms: readonly NodeTerm[]): PreFilterAnswer {
  const names = new Set<string>();
  for (const { matchFields = [] } of terms) {
    const asked = matchFields.filter(({ key, operator }) => key === 'metadata.name' && operator === 'In');
    const [first, ...others] = asked.map(({ values = [] }) => values);
    if (first === undefined) return undefined;
    for (const name of first) if (others.every((values) => values.includes(name))) names.add(name);
  }
  if (terms.length === 0) return undefined;
  return names.size === 0
    ? rejectAll('pod affinity terms conflict')
    : { kind: 'nodes', names: [...names].toSorted() };
}
