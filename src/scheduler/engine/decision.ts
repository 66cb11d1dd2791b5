import { fitMessage, fitMessageForAll, NO_HOSTS, type Verdict } from '../framework/index.js';

/** What a decision is made from. */
export interface DecisionParts<E> {
  readonly node?: string | undefined;
  readonly hosts: number;
  readonly feasible: number;
  readonly evaluated: number;
  readonly counts: ReadonlyMap<Verdict, number>;
  /** The no to all hosts at once. */
  readonly rejection?: Verdict | undefined;
  /** The plugins that named the only hosts in question. */
  readonly narrowedBy?: readonly string[] | undefined;
  /** The plugins that scored, and the normalised score of the host that was chosen, in the same order. */
  readonly plugins: readonly string[];
  readonly scores: readonly number[];
  readonly total: number;
  readonly explain: () => E;
}

/** Where a workload goes, or why it goes nowhere. */
export class Decision<E = unknown> {
  /** The host that was chosen; undefined where none will do. */
  readonly node: string | undefined;
  /** How many hosts will do. */
  readonly feasible: number;
  /** How many hosts were looked at. */
  readonly evaluated: number;
  /** The sum of weight times score of the host that was chosen; 0 where none will do, or one alone. */
  readonly total: number;
  readonly #parts: DecisionParts<E>;

  constructor(parts: DecisionParts<E>) {
    this.node = parts.node;
    this.feasible = parts.feasible;
    this.evaluated = parts.evaluated;
    this.total = parts.total;
    this.#parts = parts;
  }

  /** The normalised score of the host that was chosen, by plugin. */
  get scores(): ReadonlyMap<string, number> {
    const { plugins, scores } = this.#parts;
    return new Map(plugins.map((name, at) => [name, scores[at] as number]));
  }

  /** How many hosts were rejected for each reason; a host may be with several. */
  get rejections(): ReadonlyMap<string, number> {
    const rejections = new Map<string, number>();
    for (const [verdict, hosts] of this.#parts.counts) {
      for (const reason of verdict.reasons) rejections.set(reason, (rejections.get(reason) ?? 0) + hosts);
    }
    return rejections;
  }

  /** The plugins that said no to some host, be it by naming others. */
  get unschedulablePlugins(): ReadonlySet<string> {
    const plugins = new Set<string>(this.#parts.narrowedBy);
    for (const { plugin } of this.#parts.counts.keys()) if (plugin !== '') plugins.add(plugin);
    return plugins;
  }

  /** The plugins among them that wait for something that is sure to come. */
  get pendingPlugins(): ReadonlySet<string> {
    const plugins = new Set<string>();
    for (const { plugin, code } of this.#parts.counts.keys()) if (code === 'Pending') plugins.add(plugin);
    return plugins;
  }

  /** Why no host will do, in the words of kube-scheduler; undefined where one will. */
  get message(): string | undefined {
    const { hosts, node, counts, rejection } = this.#parts;
    if (node !== undefined) return undefined;
    if (hosts === 0) return NO_HOSTS;
    return rejection === undefined ? fitMessage(hosts, counts) : fitMessageForAll(hosts, rejection);
  }

  /** Everything about the decision, host by host: found out when it is asked for, of the cluster as it then is. */
  explain(): E {
    return this.#parts.explain();
  }
}
