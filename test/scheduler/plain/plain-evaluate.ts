import { withPods, type Cluster, type Input } from './cluster.js';
import { preFilter, score, type PreFiltered, type Verdict } from './framework.js';
import { countedMessage } from './message.js';
import { filterWithNominated } from './nominated-pods.js';
import { CycleError } from './plugin.js';
import { preempt, type Preemption } from './preemption.js';
import { schedulingGates } from './scheduling-gates.js';
import type { Node, Pod } from './types.js';

/** What the vectors have as `expect`; sets are sorted lists. */
export type Answer = { readonly result: Result } | { readonly error: string };

export interface Result {
  readonly preEnqueue?: Verdict;
  readonly skippedFilters: readonly string[];
  readonly preFilter?: Verdict;
  readonly preFilterNodes?: readonly string[];
  readonly feasible: readonly string[];
  readonly rejected: Readonly<Record<string, Verdict>>;
  readonly skippedScores?: readonly string[];
  readonly scores?: Readonly<Record<string, readonly number[]>>;
  readonly totals?: readonly number[];
  readonly best?: readonly string[];
  readonly unschedulablePlugins?: readonly string[];
  readonly message?: string;
  readonly preemption?: Preemption;
}

/**
 * The decision of kube-scheduler v1.36 about one pod, with its default profile, of which everything is said.
 *
 * Slow and plain: everything is counted anew from the lists of the input, each time it is asked for. It has nothing in common with
 * the scheduler that it is there to check.
 *
 * Not covered: resource claims, pod groups, extenders, storage capacity, ephemeral volumes, volume attachments, the resizing of what
 * pods ask for as a whole, and finished pods, which must not be in the lists.
 *
 * @param options.preempt - Whether to look for pods to remove where no node will do.
 */
export function plainEvaluate(
  input: Input,
  options: { readonly preempt: boolean } = { preempt: false },
): Answer {
  const { pod, ...rest } = input;
  try {
    return { result: decide(pod, withPods(rest, rest.pods), options.preempt) };
  } catch (error) {
    if (error instanceof CycleError) return { error: error.message };
    throw error;
  }
}

function decide(pod: Pod, cluster: Cluster, mayPreempt: boolean): Result {
  const gated = schedulingGates(pod);
  const enqueued = gated === undefined ? {} : { preEnqueue: { plugin: 'SchedulingGates', ...gated } };
  if (cluster.nodes.length === 0) {
    const message = 'no nodes available to schedule pods';
    return { ...enqueued, skippedFilters: [], feasible: [], rejected: {}, message };
  }
  const before = preFilter(pod, cluster);
  const verdicts = judge(pod, cluster, before);
  const feasible = cluster.nodes.filter(({ metadata }) => !verdicts.has(metadata.name));
  const filtered = {
    ...enqueued,
    skippedFilters: before.skipped,
    ...(before.rejection === undefined ? {} : { preFilter: before.rejection }),
    ...(before.names === undefined || before.rejection !== undefined ? {} : { preFilterNodes: before.names }),
    feasible: feasible.map(({ metadata }) => metadata.name),
    rejected: Object.fromEntries(verdicts),
  };
  if (feasible.length > 0) return { ...filtered, ...choose(pod, feasible, cluster) };

  const message = failure(cluster, before, verdicts);
  const unschedulablePlugins = rejectingPlugins(before, verdicts);
  if (!mayPreempt) return { ...filtered, unschedulablePlugins, message };
  const preemption = preempt(pod, cluster, verdicts, before.skipped);
  const whole = preemption.message === undefined ? message : `${message} ${preemption.message}`;
  return { ...filtered, unschedulablePlugins, message: whole, preemption };
}

/** Why each node will not do, by name; nodes that will do are not in it. */
function judge(pod: Pod, cluster: Cluster, before: PreFiltered): ReadonlyMap<string, Verdict> {
  const verdicts = new Map<string, Verdict>();
  for (const node of cluster.nodes) {
    const verdict = judgeNode(pod, node, cluster, before);
    if (verdict !== undefined) verdicts.set(node.metadata.name, verdict);
  }
  return verdicts;
}

function judgeNode(pod: Pod, node: Node, cluster: Cluster, before: PreFiltered): Verdict | undefined {
  if (before.rejection !== undefined) return before.rejection;
  if (before.names !== undefined && !before.names.includes(node.metadata.name)) {
    const reason = `node(s) didn't satisfy plugin(s) [${before.namedBy.join(' ')}]`;
    return { plugin: '', code: 'UnschedulableAndUnresolvable', reasons: [reason] };
  }
  return filterWithNominated(pod, node, cluster, before.skipped);
}

function choose(pod: Pod, feasible: readonly Node[], cluster: Cluster): Partial<Result> {
  const { skipped, scores, totals } = score(pod, feasible, cluster);
  const highest = Math.max(...totals);
  const best = feasible.filter((_, index) => totals[index] === highest);
  return { skippedScores: skipped, scores, totals, best: best.map(({ metadata }) => metadata.name) };
}

function rejectingPlugins(before: PreFiltered, verdicts: ReadonlyMap<string, Verdict>): readonly string[] {
  const plugins = [...verdicts.values()].map(({ plugin }) => plugin).filter((plugin) => plugin !== '');
  return [...new Set([...before.namedBy, ...plugins])].toSorted();
}

/** A rejection of all nodes at once is said once, without counting. */
function failure(cluster: Cluster, before: PreFiltered, verdicts: ReadonlyMap<string, Verdict>): string {
  if (before.rejection !== undefined) {
    return `0/${cluster.nodes.length} nodes are available: ${before.rejection.reasons.join(', ')}.`;
  }
  return countedMessage(
    cluster.nodes.length,
    [...verdicts.values()].map(({ reasons }) => reasons),
  );
}
