import { fitMessage, fitMessageForAll, NO_HOSTS, type Verdict } from '../framework/index.js';

/** What was decided. */
interface Decided {
  /** The host that was chosen; undefined where none will do. */
  readonly host?: { readonly name: string } | undefined;
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
  // how many hosts there were
  readonly #hosts: number;
  // the same as in what was decided
  readonly #counts: ReadonlyMap<Verdict, number>;
  readonly #rejection: Verdict | undefined;
  readonly #narrowedBy: readonly string[] | undefined;
  readonly #plugins: readonly string[];
  readonly #scores: readonly number[];
  readonly #explain: (message: string | undefined) => E;

  /** @param hosts - How many there are. */
  constructor(decided: Decided, hosts: number, explain: (message: string | undefined) => E) {
    this.node = decided.host?.name;
    this.feasible = decided.feasible;
    this.evaluated = decided.evaluated;
    this.total = decided.total;
    this.#hosts = hosts;
    this.#counts = decided.counts;
    this.#rejection = decided.rejection;
    this.#narrowedBy = decided.narrowedBy;
    this.#plugins = decided.plugins;
    this.#scores = decided.scores;
    this.#explain = explain;
  }

  /** The normalised score of the host that was chosen, by plugin. */
  get scores(): ReadonlyMap<string, number> {
    return new Map(this.#plugins.map((name, at) => [name, this.#scores[at] as number]));
  }

  /** How many hosts were rejected for each reason; a host may be with several. */
  get rejections(): ReadonlyMap<string, number> {
    const rejections = new Map<string, number>();
    for (const [verdict, hosts] of this.#counts) {
      for (const reason of verdict.reasons) rejections.set(reason, (rejections.get(reason) ?? 0) + hosts);
    }
    return rejections;
  }

  /** The plugins that said no to some host, be it by naming others. */
  get unschedulablePlugins(): ReadonlySet<string> {
    const plugins = new Set<string>(this.#narrowedBy);
    for (const { plugin } of this.#counts.keys()) if (plugin !== '') plugins.add(plugin);
    return plugins;
  }

  /** The plugins among them that wait for something that is sure to come. */
  get pendingPlugins(): ReadonlySet<string> {
    const plugins = new Set<string>();
    for (const { plugin, code } of this.#counts.keys()) if (code === 'Pending') plugins.add(plugin);
    return plugins;
  }

  /** Why no host will do, in the words of kube-scheduler; undefined where one will. */
  get message(): string | undefined {
    if (this.node !== undefined) return undefined;
    if (this.#hosts === 0) return NO_HOSTS;
    return this.#rejection === undefined
      ? fitMessage(this.#hosts, this.#counts)
      : fitMessageForAll(this.#hosts, this.#rejection);
  }

  /** Everything about the decision, host by host: found out when it is asked for, of the cluster as it then is. */
  explain(): E {
    return this.#explain(this.message);
  }
}
