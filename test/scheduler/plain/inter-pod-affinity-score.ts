import { isAbout, preferredTerms, requiredTerms } from './affinity-term.js';
import { labelOf, nodeOf, type Cluster } from './cluster.js';
import { MAX_SCORE, type ScorePlugin } from './plugin.js';
import type { Node, Pod, PodTerm } from './types.js';

/** What a required affinity of another pod counts for, where it is about the pod. */
const REQUIRED_WEIGHT = 1;

/** A term that speaks for nodes in the domain of a pod, or against them where the weight is negative. */
interface Vote {
  readonly topologyKey: string;
  readonly domain: string;
  readonly weight: number;
}

/** Prefers nodes where the pod likes the others, and the others like the pod; says nothing where no term is about anyone. */
export const interPodAffinityScore: ScorePlugin = {
  name: 'InterPodAffinity',
  weight: 2,
  score: (pod, nodes, cluster) => {
    const votes = cluster.pods.flatMap((other) => votesBetween(pod, other, cluster));
    if (votes.length === 0) return undefined;
    const sums = nodes.map((node) => sumOf(votes, node));
    const lowest = Math.min(...sums);
    const range = Math.max(...sums) - lowest;
    return sums.map((sum) => (range === 0 ? 0 : Math.trunc(MAX_SCORE * ((sum - lowest) / range))));
  },
};

function votesBetween(pod: Pod, other: Pod, cluster: Cluster): readonly Vote[] {
  const home = nodeOf(other, cluster);
  const votes: Vote[] = [];
  const add = ({ topologyKey }: PodTerm, weight: number): void => {
    const domain = labelOf(home?.metadata.labels, topologyKey);
    if (domain !== undefined) votes.push({ topologyKey, domain, weight });
  };
  const addAll = (owner: Pod, subject: Pod, kind: 'podAffinity' | 'podAntiAffinity', sign: number): void => {
    for (const { weight, podAffinityTerm } of preferredTerms(owner, kind)) {
      if (isAbout(podAffinityTerm, owner, subject, cluster)) add(podAffinityTerm, sign * weight);
    }
  };

  addAll(pod, other, 'podAffinity', 1);
  addAll(pod, other, 'podAntiAffinity', -1);
  addAll(other, pod, 'podAffinity', 1);
  addAll(other, pod, 'podAntiAffinity', -1);
  for (const term of requiredTerms(other, 'podAffinity')) {
    if (isAbout(term, other, pod, cluster)) add(term, REQUIRED_WEIGHT);
  }
  return votes;
}

function sumOf(votes: readonly Vote[], node: Node): number {
  return votes
    .filter(({ topologyKey, domain }) => labelOf(node.metadata.labels, topologyKey) === domain)
    .reduce((sum, { weight }) => sum + weight, 0);
}
