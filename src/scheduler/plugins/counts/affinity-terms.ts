import { isBadRequest, LabelSelector, LruMap } from '../../../core/index.js';
import type {
  Affinity,
  PodAffinityTerm,
  PodSpec,
  WeightedPodAffinityTerm,
} from '../../../resources/kinds/index.js';
import { type PodSelection, PodMatcher } from './pod-matcher.js';

/** For how many namespaces the terms of a spec are kept. */
const KEPT = 100;

/** A term of an affinity between Pods: other Pods, in the same domain of a topology. */
export interface AffinityTerm {
  readonly matcher: PodMatcher;
  readonly topologyKey: string;
}

/** A term that is wished for as much as its weight says; below 0 it is to be avoided. */
interface WeightedTerm extends AffinityTerm {
  readonly weight: number;
}

/** What a Pod says of other Pods. */
export interface AffinityTerms {
  /** The topologies of the required terms, each once; a Pod must be in all of them that {@link AffinityTerms.together} matches. */
  readonly affinityKeys: readonly string[];
  /** All required terms at once; undefined where there are none. */
  readonly together: PodMatcher | undefined;
  readonly affinity: readonly AffinityTerm[];
  readonly antiAffinity: readonly AffinityTerm[];
  readonly preferred: readonly WeightedTerm[];
  /** Why terms cannot be read, which are then left out. */
  readonly problem: string | undefined;
}

const NO_TERMS: AffinityTerms = /* @__PURE__ */ Object.freeze({
  affinityKeys: Object.freeze([]),
  together: undefined,
  affinity: Object.freeze([]),
  antiAffinity: Object.freeze([]),
  preferred: Object.freeze([]),
  problem: undefined,
});

/** What Pods with the same spec say of other Pods, which turns on their namespace: terms speak of their own unless they name others. */
class AffinityTermsOfSpec {
  readonly #affinity: Affinity | undefined;
  readonly #known = new LruMap<AffinityTerms>(KEPT);

  constructor(affinity: Affinity | undefined) {
    this.#affinity = affinity;
  }

  in(namespace: string): AffinityTerms {
    const affinity = this.#affinity;
    if (affinity?.podAffinity === undefined && affinity?.podAntiAffinity === undefined) return NO_TERMS;
    let terms = this.#known.get(namespace);
    if (terms === undefined) {
      terms = readTerms(affinity, namespace);
      this.#known.set(namespace, terms);
    }
    return terms;
  }
}

/** What a spec says of other Pods: for `SpecFacts.of`. */
export function affinityTermsOf(spec: PodSpec): AffinityTermsOfSpec {
  return new AffinityTermsOfSpec(spec.affinity);
}

function readTerms({ podAffinity, podAntiAffinity }: Affinity, namespace: string): AffinityTerms {
  const problems: string[] = [];
  // one term that cannot be read makes all of its list unreadable
  const read = <T, R>(field: string, list: readonly T[] | undefined, readOne: (item: T) => R): R[] => {
    try {
      return (list ?? []).map(readOne);
    } catch (error) {
      if (!isBadRequest(error)) throw error;
      problems.push(`${field}: ${error.message}`);
      return [];
    }
  };
  const required = 'requiredDuringSchedulingIgnoredDuringExecution';
  const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';
  const selections = read(`podAffinity.${required}`, podAffinity?.[required], (term) => ({
    selection: selectionOf(term, namespace),
    topologyKey: term.topologyKey,
  }));
  return Object.freeze({
    affinityKeys: [...new Set(selections.map(({ topologyKey }) => topologyKey))],
    together:
      selections.length === 0 ? undefined : new PodMatcher(selections.map(({ selection }) => selection)),
    affinity: selections.map(({ selection, topologyKey }) => ({
      matcher: new PodMatcher([selection]),
      topologyKey,
    })),
    antiAffinity: read(`podAntiAffinity.${required}`, podAntiAffinity?.[required], (term) =>
      termOf(term, namespace),
    ),
    preferred: [
      ...read(`podAffinity.${preferred}`, podAffinity?.[preferred], (item) => weightedOf(item, namespace, 1)),
      ...read(`podAntiAffinity.${preferred}`, podAntiAffinity?.[preferred], (item) =>
        weightedOf(item, namespace, -1),
      ),
    ],
    problem: problems.length === 0 ? undefined : problems.join('; '),
  });
}

function weightedOf(item: WeightedPodAffinityTerm, namespace: string, sign: 1 | -1): WeightedTerm {
  return { ...termOf(item.podAffinityTerm, namespace), weight: sign * item.weight };
}

function termOf(term: PodAffinityTerm, namespace: string): AffinityTerm {
  return { matcher: new PodMatcher([selectionOf(term, namespace)]), topologyKey: term.topologyKey };
}

/** Neither namespaces nor a selector of them means that of the Pod itself. */
function selectionOf(term: PodAffinityTerm, namespace: string): PodSelection {
  const named = term.namespaces ?? [];
  const own = named.length === 0 && term.namespaceSelector === undefined;
  return {
    namespaces: new Set(own ? [namespace] : named),
    namespaceSelector: LabelSelector.from(term.namespaceSelector),
    selector: LabelSelector.from(term.labelSelector),
  };
}
