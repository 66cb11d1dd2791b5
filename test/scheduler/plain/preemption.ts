import { nameOf, podsOn, priorityOf, type Cluster } from './cluster.js';
import type { Verdict } from './framework.js';
import { countedMessage } from './message.js';
import { selectVictims, startOf, type Victims } from './victims.js';
import type { Node, Pod } from './types.js';

export interface Preemption {
  readonly eligible: boolean;
  /** Why it is not. */
  readonly reason?: string;
  readonly potentialNodes: readonly string[];
  readonly candidates: readonly {
    readonly node: string;
    readonly victims: readonly string[];
    readonly pdbViolations: number;
  }[];
  readonly rejected: Readonly<Record<string, Verdict>>;
  readonly best: readonly string[];
  /** Where nothing was found. */
  readonly message?: string;
}

interface Candidate extends Victims {
  readonly node: string;
}

/** Below the lowest priority, so that priorities count from 1 when they are added up. */
const PRIORITY_OFFSET = 2 ** 31;

/** Looks for nodes where the pod would fit if pods of a lower priority were removed. */
export function preempt(
  pod: Pod,
  cluster: Cluster,
  verdicts: ReadonlyMap<string, Verdict>,
  skipped: readonly string[],
): Preemption {
  const reason = ineligible(pod, cluster, verdicts);
  const none = { potentialNodes: [], candidates: [], rejected: {}, best: [] };
  if (reason !== undefined) return { eligible: false, reason, ...none, message: failure(reason) };

  const potential = cluster.nodes.filter(
    ({ metadata }) => verdicts.get(metadata.name)?.code === 'Unschedulable',
  );
  const candidates: Candidate[] = [];
  const rejected = new Map<string, Verdict>();
  for (const node of potential) {
    const { name } = node.metadata;
    const found = selectVictims(pod, node, cluster, skipped);
    if ('plugin' in found) rejected.set(name, found);
    else candidates.push({ node: name, ...found });
  }
  const result = {
    eligible: true,
    potentialNodes: potential.map(({ metadata }) => metadata.name),
    candidates: candidates
      .map(({ node, pods, pdbViolations }) => ({ node, victims: pods.map(nameOf), pdbViolations }))
      .toSorted((a, b) => (a.node < b.node ? -1 : 1)),
    rejected: Object.fromEntries(rejected),
    best: bestOf(candidates).map(({ node }) => node),
  };
  return candidates.length > 0 ? result : { ...result, message: hopeless(cluster.nodes, rejected) };
}

/** Why the pod may not have others removed; undefined where it may. */
function ineligible(pod: Pod, cluster: Cluster, verdicts: ReadonlyMap<string, Verdict>): string | undefined {
  if (pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  const nominated = pod.status?.nominatedNodeName ?? '';
  if (verdicts.get(nominated)?.code === 'UnschedulableAndUnresolvable') return undefined;
  const node = cluster.nodes.find(({ metadata }) => metadata.name === nominated);
  const isGoing =
    node !== undefined &&
    podsOn(node, cluster).some(
      (other) => priorityOf(other) < priorityOf(pod) && isTerminatingByPreemption(other),
    );
  return isGoing ? 'not eligible due to a terminating pod on the nominated node.' : undefined;
}

function isTerminatingByPreemption({ metadata, status }: Pod): boolean {
  return (
    metadata.deletionTimestamp !== undefined &&
    (status?.conditions ?? []).some(
      (condition) =>
        condition.type === 'DisruptionTarget' &&
        condition.status === 'True' &&
        condition.reason === 'PreemptionByScheduler',
    )
  );
}

/** The candidates that are equal in everything that counts, in the order of the criteria; the less, the better. */
function bestOf(candidates: readonly Candidate[]): readonly Candidate[] {
  const criteria: readonly ((candidate: Candidate) => number)[] = [
    ({ pdbViolations }) => pdbViolations,
    highestPriority,
    ({ pods }) => pods.reduce((sum, victim) => sum + priorityOf(victim) + PRIORITY_OFFSET, 0),
    ({ pods }) => pods.length,
    (candidate) => -earliestStart(candidate),
  ];
  return criteria.reduce((left, criterion) => {
    const least = Math.min(...left.map(criterion));
    return left.filter((candidate) => criterion(candidate) === least);
  }, candidates);
}

function highestPriority({ pods }: Candidate): number {
  return Math.max(...pods.map(priorityOf));
}

/** When the first of the victims of the highest priority started. */
function earliestStart(candidate: Candidate): number {
  const highest = highestPriority(candidate);
  return Math.min(...candidate.pods.filter((victim) => priorityOf(victim) === highest).map(startOf));
}

function hopeless(nodes: readonly Node[], rejected: ReadonlyMap<string, Verdict>): string {
  const reasons = nodes.map(
    ({ metadata }) => rejected.get(metadata.name)?.reasons ?? ['Preemption is not helpful for scheduling'],
  );
  return failure(countedMessage(nodes.length, reasons));
}

/** What resource claims have to say goes first; they are not covered, so there are none to free. */
function failure(message: string): string {
  return `no new claims to deallocate, preemption: ${message}`;
}
