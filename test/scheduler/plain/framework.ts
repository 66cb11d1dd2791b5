import type { Cluster } from './cluster.js';
import type { FilterPlugin, Rejection } from './plugin.js';
import { FILTERS, SCORES } from './profile.js';
import type { Node, Pod } from './types.js';

/** A rejection, with the plugin it comes from. */
export interface Verdict extends Rejection {
  /** Empty where no plugin was asked. */
  readonly plugin: string;
}

/** What came of asking all plugins before any node was looked at. */
export interface PreFiltered {
  /** Sorted; those asked before a rejection, if there was one. */
  readonly skipped: readonly string[];
  readonly rejection: Verdict | undefined;
  /** The nodes in question, by name, sorted; undefined for all. */
  readonly names: readonly string[] | undefined;
  /** The plugins that named them. */
  readonly namedBy: readonly string[];
}

export interface Scores {
  readonly skipped: readonly string[];
  /** By plugin, in the order of the nodes. */
  readonly scores: Readonly<Record<string, readonly number[]>>;
  readonly totals: readonly number[];
}

/** Asks each plugin in turn until one rejects all nodes; of the nodes that plugins name, those that all name stay in question. */
export function preFilter(pod: Pod, cluster: Cluster): PreFiltered {
  const skipped: string[] = [];
  const namedBy: string[] = [];
  let names: readonly string[] | undefined;
  let rejection: Verdict | undefined;
  for (const plugin of FILTERS) {
    const answer = plugin.preFilter?.(pod, cluster);
    if (answer?.kind === 'skip') skipped.push(plugin.name);
    if (answer?.kind === 'nodes') {
      namedBy.push(plugin.name);
      names = answer.names.filter((name) => names === undefined || names.includes(name));
    }
    if (answer?.kind === 'rejection') {
      rejection = { plugin: plugin.name, ...answer.rejection };
      break;
    }
  }
  return { skipped: skipped.toSorted(), rejection, names, namedBy };
}

/** The first filter that fails, of those that are not skipped; undefined where the node will do. */
export function filter(
  pod: Pod,
  node: Node,
  cluster: Cluster,
  skipped: readonly string[],
): Verdict | undefined {
  for (const plugin of FILTERS.filter(({ name }) => !skipped.includes(name))) {
    const verdict = verdictOf(plugin, pod, node, cluster);
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}

/** Scores nodes, be it one alone: the total is the sum of all scores, each times its weight. */
export function score(pod: Pod, nodes: readonly Node[], cluster: Cluster): Scores {
  const scores: Record<string, readonly number[]> = {};
  const skipped: string[] = [];
  const totals = nodes.map(() => 0);
  for (const plugin of SCORES) {
    const own = plugin.score(pod, nodes, cluster);
    if (own === undefined) {
      skipped.push(plugin.name);
      continue;
    }
    scores[plugin.name] = own;
    for (const [index, value] of own.entries()) {
      totals[index] = (totals[index] ?? 0) + plugin.weight * value;
    }
  }
  return { skipped: skipped.toSorted(), scores, totals };
}

function verdictOf(plugin: FilterPlugin, pod: Pod, node: Node, cluster: Cluster): Verdict | undefined {
  const rejection = plugin.filter(pod, node, cluster);
  if (rejection === undefined) return undefined;
  return { plugin: plugin.name, code: rejection.code, reasons: rejection.reasons.toSorted() };
}
