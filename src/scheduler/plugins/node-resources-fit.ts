import { preview } from '../../core/index.js';
import type { Node, Pod, PodSpec } from '../../resources/kinds/index.js';
import {
  definePlugin,
  type Amounts,
  type ClusterView,
  type Plugin,
  type Rejection,
  type ResourceColumn,
  type WorkloadInfo,
} from '../framework/index.js';
import { allocatableOf } from '../pods/allocatable.js';
import { describeAmounts, isCounted, isScalar } from '../pods/amount.js';
import { factsOf } from '../pods/pod-facts.js';
import { SCORED_CPU, SCORED_MEMORY } from '../pods/pod-requests.js';
import { scoredRequestsOf } from '../pods/scored-requests.js';
import { type Demand, demandOf, hasMore, isCovered } from './room/demand.js';
import { type ScoringStrategy, type Strategy, strategyOf } from './room/scoring-strategy.js';
import type { Shortage } from './room/shortage.js';

export interface NodeResourcesFitArgs {
  /** Extended resources that are not counted, as something else sees to them: `example.com/gpu`. */
  readonly ignoredResources?: readonly string[] | undefined;
  /** The same for all resources with a prefix: `example.com`. */
  readonly ignoredResourceGroups?: readonly string[] | undefined;
  /** `LeastAllocated` unless given. */
  readonly scoringStrategy?: ScoringStrategy | undefined;
}

/** The rows of a demand that are counted: place by place the number of the row, its column and its amount. */
interface RoomState {
  readonly demand: Demand;
  readonly rows: readonly number[];
  readonly columns: readonly ResourceColumn[];
}

/** What is scored: place by place what a node has, what is used of it, what the Pod adds, and how much it counts. */
interface ScoreState {
  readonly capacities: readonly ResourceColumn[];
  readonly uses: readonly ResourceColumn[];
  readonly amounts: readonly number[];
  readonly weights: readonly number[];
}

/**
 * Keeps Pods off nodes that have not enough left of what they request, and by the strategy likes nodes on which more, or less, is left.
 *
 * Not enough even with nothing else on the node is a no that removing Pods does not change.
 *
 * @throws TypeError or RangeError naming the argument, its value and what was expected.
 */
export function nodeResourcesFit(args: NodeResourcesFitArgs = {}): Plugin<Pod, Node> {
  const isIgnored = ignoring(args);
  const strategy = strategyOf(args.scoringStrategy ?? { type: 'LeastAllocated' });
  // what a node has, for a change of it that many Pods are asked about
  const known = new WeakMap<Node, Amounts>();
  const capacityOf = (node: Node): Amounts => {
    let amounts = known.get(node);
    if (amounts === undefined) known.set(node, (amounts = allocatableOf(node)));
    return amounts;
  };
  return definePlugin<Pod, Node, RoomState, ScoreState>({
    name: 'NodeResourcesFit',
    reads: {
      part: (pod) => factsOf(pod).spec.of(partOf),
      room: (pod) => roomNeeded(demandIn(pod), isIgnored),
    },
    preFilter: (pod, cluster) => ({ state: roomState(demandIn(pod), cluster, isIgnored) }),
    filter: (_pod, { index }, state) => rejectionAt(index, state),
    filterAll(_pod, indexes, state, rejections) {
      for (let at = 0; at < indexes.length; at += 1) rejections[at] = undefined;
      for (const [at, row] of state.rows.entries()) {
        const { capacity, used } = state.columns[at] as ResourceColumn;
        const amount = state.demand.amounts[row] as number;
        for (let place = 0; place < indexes.length; place += 1) {
          const index = indexes[place] as number;
          if (amount <= (capacity[index] as number) - (used[index] as number)) continue;
          rejections[place] ??= rejectionAt(index, state);
        }
      }
    },
    remedy(_pod, host, { demand, rows }) {
      const missing = new Map<string, number>();
      const free = new Map<string, number>();
      const add = new Map<string, number>();
      for (const row of rows) {
        const name = demand.resources[row] as string;
        const amount = demand.amounts[row] as number;
        const lacks = amount - (host.capacity(name) - host.used(name));
        if (lacks <= 0) continue;
        missing.set(name, lacks);
        (amount > host.capacity(name) ? add : free).set(name, lacks);
      }
      if (missing.size === 0) return undefined;
      const texts = [
        free.size > 0 && `free ${describeAmounts(free)}`,
        add.size > 0 && `add ${describeAmounts(add)}`,
      ];
      return { text: texts.filter((text) => text !== false).join(', '), of: 'host', missing };
    },
    preScore: (pod, cluster) => ({ state: scoreState(pod, cluster, strategy) }),
    score: (_pod, { index }, state) => scoreAt(index, state, strategy),
    scoreAll(_pod, indexes, state, scores) {
      for (let at = 0; at < indexes.length; at += 1) {
        scores[at] = scoreAt(indexes[at] as number, state, strategy);
      }
    },
    wakes(event, pod) {
      const demand = demandIn(pod);
      switch (event.type) {
        case 'removed':
          return true;
        case 'placed':
          return (
            event.before !== undefined && hasMore(demand, event.before.requests, event.workload.requests)
          );
        case 'host': {
          const capacity = capacityOf(event.host.object);
          if (!isCovered(demand, capacity, isIgnored)) return false;
          return event.before === undefined || hasMore(demand, capacity, capacityOf(event.before));
        }
        default:
          return false;
      }
    },
  });
}

/** The no to a node, by its index. */
function rejectionAt(index: number, { demand, rows, columns }: RoomState): Rejection | undefined {
  let short: Shortage | undefined;
  let isHopeless = false;
  for (let at = 0; at < rows.length; at += 1) {
    const row = rows[at] as number;
    const { capacity, used } = columns[at] as ResourceColumn;
    const amount = demand.amounts[row] as number;
    const has = capacity[index] as number;
    if (amount <= has - (used[index] as number)) continue;
    short = (short ?? demand.nothingShort).with(row);
    // room for one more Pod comes with every Pod that goes
    if (amount > has && demand.resources[row] !== 'pods') isHopeless = true;
  }
  return short?.rejection(isHopeless);
}

/** The score of a node, by its index. */
function scoreAt(
  index: number,
  { capacities, uses, amounts, weights }: ScoreState,
  strategy: Strategy,
): number {
  let sum = 0;
  let counted = 0;
  for (let at = 0; at < amounts.length; at += 1) {
    const capacity = (capacities[at] as ResourceColumn).capacity[index] as number;
    if (capacity === 0) continue;
    const used = (uses[at] as ResourceColumn).used[index] as number;
    const score = strategy.resourceScore(used + (amounts[at] as number), capacity);
    if (score === 0 && strategy.leavesOutZero) continue;
    const weight = weights[at] as number;
    sum += score * weight;
    counted += weight;
  }
  return counted === 0 ? 0 : strategy.total(sum, counted);
}

function demandIn(pod: WorkloadInfo<Pod>): Demand {
  return factsOf(pod).spec.of(demandOf);
}

function roomNeeded({ resources, amounts }: Demand, isIgnored: (resource: string) => boolean): Amounts {
  const needed = new Map<string, number>();
  for (const [row, name] of resources.entries()) {
    if (!isIgnored(name)) needed.set(name, amounts[row] as number);
  }
  return needed;
}

/** All that filter and score look at. */
function partOf(spec: PodSpec): string {
  const { resources, amounts } = demandOf(spec);
  return JSON.stringify([resources, amounts, [...scoredRequestsOf(spec)]]);
}

function roomState(
  demand: Demand,
  cluster: ClusterView<Pod, Node>,
  isIgnored: (resource: string) => boolean,
): RoomState {
  const rows = [...demand.resources.keys()].filter((row) => !isIgnored(demand.resources[row] as string));
  return { demand, rows, columns: rows.map((row) => cluster.resource(demand.resources[row] as string)) };
}

function scoreState(
  pod: WorkloadInfo<Pod>,
  cluster: ClusterView<Pod, Node>,
  { resources }: Strategy,
): ScoreState {
  const scored = factsOf(pod).spec.of(scoredRequestsOf);
  // what comes in pieces does not count for a Pod that needs none of it
  const counted = resources.filter(
    ({ name }) => isCounted(name) && (!isScalar(name) || (scored.get(name) ?? 0) > 0),
  );
  return {
    capacities: counted.map(({ name }) => cluster.resource(name)),
    uses: counted.map(({ name }) => cluster.resource(scoredAs(name))),
    amounts: counted.map(({ name }) => scored.get(name) ?? 0),
    weights: counted.map(({ weight }) => weight),
  };
}

/** Under which name it is counted what Pods use of a resource, for scoring. */
function scoredAs(resource: string): string {
  return resource === 'cpu' ? SCORED_CPU : resource === 'memory' ? SCORED_MEMORY : resource;
}

/** Which resources are not counted: extended ones at most. */
function ignoring({
  ignoredResources,
  ignoredResourceGroups,
}: NodeResourcesFitArgs): (resource: string) => boolean {
  const names = readNames(ignoredResources, 'ignoredResources');
  const groups = readNames(ignoredResourceGroups, 'ignoredResourceGroups');
  for (const group of groups) {
    if (group.includes('/')) {
      throw new TypeError(`ignoredResourceGroups: expected prefixes without a "/", got ${preview(group)}`);
    }
  }
  return (resource) => {
    const slash = resource.indexOf('/');
    if (slash === -1 || resource.includes('kubernetes.io/')) return false;
    return names.has(resource) || groups.has(resource.slice(0, slash));
  };
}

function readNames(names: readonly string[] | undefined, field: string): ReadonlySet<string> {
  if (names === undefined) return new Set();
  if (!Array.isArray(names) || names.some((name) => typeof name !== 'string' || name === '')) {
    throw new TypeError(`${field}: expected a list of names, got ${preview(names)}`);
  }
  return new Set(names as readonly string[]);
}
