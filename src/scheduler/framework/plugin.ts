import type { Client } from '../../client/index.js';
import type { ApiObject } from '../../core/index.js';
import type { AnyResource } from '../../resources/index.js';
import type { ClusterEvent } from './cluster-event.js';
import type { ClusterIndex, ClusterView, IndexDefinition } from './cluster-view.js';
import type { DryRun, PreemptionSurvey } from './dry-run.js';
import type { Amounts, HostInfo, WorkloadInfo } from './infos.js';
import type { Placement, Verdict } from './placement.js';
import type { Rejection } from './rejection.js';
import type { Remedy } from './remedy.js';

/** The answer of a plugin that has nothing to say about a workload: its filter or score is left out. */
export const SKIP = 'skip';

/** What a plugin made ready for its filter. */
export interface FilterPlan<F> {
  /** Handed to each call of `filter`. */
  readonly state?: F;
  /** Only these hosts can be right, by name; all of them unless given. */
  readonly hosts?: ReadonlySet<string> | undefined;
}

/** What a plugin made ready for its score. */
export interface ScorePlan<S> {
  /** Handed to each call of `score` and `normalize`. */
  readonly state?: S;
}

/**
 * What the answers of a plugin depend on. Equal inputs must give equal answers: they are remembered, and not asked for again.
 *
 * A plugin that says nothing of this is asked about every host for every decision, and a workload that it rejected is tried again
 * whenever anything has changed.
 */
export interface Reads<W extends ApiObject, H extends ApiObject> {
  /**
   * The part of a workload that its filter and score look at, as a text: for workloads with equal parts it gives equal answers.
   *
   * Given by plugins that look at one host at a time, and at nothing else in the cluster: `preFilter` and `preScore` then depend on the
   * part alone (and are given no hosts), `filter` and `score` on the part and that host. Absent where other hosts count as well.
   */
  part?(workload: WorkloadInfo<W>): string;
  /** Whether it also counts what is placed on the host; true unless given. */
  readonly placed?: boolean | undefined;
  /**
   * A number that goes up when `filter` and `score` answer otherwise for other reasons; with `part` only.
   *
   * The states that `preFilter` and `preScore` made stay as they are: what changes has to be read anew through the cluster.
   */
  version?(cluster: ClusterView<W, H>): number;
  /**
   * What a workload needs left on a host, by resource: of a plugin that says no exactly where a host has less left of one of them (`capacity`
   * less `used`), and for the same reasons wherever the same are short.
   *
   * Who makes room then counts what becomes free, and asks nobody again: where one plugin says this of itself, and all others that have
   * a say look at one host at a time and not at what is placed there.
   */
  room?(workload: WorkloadInfo<W>): Amounts;
  /** The other kinds that it looks at. */
  readonly kinds?: readonly AnyResource[] | undefined;
  /** The labels by which it looks at hosts as a rule. Their domains are counted as hosts come: others when they are first asked for, all hosts at once. */
  readonly topologyKeys?: readonly string[] | undefined;
  /** The indexes that it asks for whatever the workload; as with {@link topologyKeys}. */
  readonly indexes?: readonly IndexDefinition<W, H, ClusterIndex<W, H>>[] | undefined;
}

/**
 * A rule of scheduling, as a plain object: it takes part in each step for which it has a function.
 *
 * For one workload, in this order: `preFilter` of all, `filter` for each host in the order of the plugins until one rejects it, `postFilter` where no host is
 * left, `preScore`, `score` for each host that is left, `normalize`; then `reserve`, `permit`, `preBind`, `bind` and `postBind` for the
 * host that was chosen. The host with the highest sum of weight times score wins.
 *
 * Functions up to `normalize` are called synchronously, must not change anything, and must answer the same when asked again.
 * One that throws fails the decision with an error that names the plugin; nothing is changed by it.
 *
 * Source: the plugin interfaces of kube-scheduler's framework. `F` and `S` are the types of the plugin's own states.
 */
export interface Plugin<W extends ApiObject, H extends ApiObject, F = unknown, S = unknown> {
  /** Unique among the plugins of a profile. */
  readonly name: string;
  /** How much its score counts: a whole number of at least 1; 1 unless given. */
  readonly weight?: number | undefined;
  readonly reads?: Reads<W, H> | undefined;

  /** Whether `a` goes before `b` in the queue; one plugin of a profile has this. */
  less?(a: Queued<W>, b: Queued<W>): boolean;
  /** Whether a workload may be tried at all: one that is rejected waits outside of the queue. */
  preEnqueue?(workload: WorkloadInfo<W>, cluster: ClusterView<W, H>): Rejection | undefined;

  /** Makes ready for `filter`: a state, fewer hosts, nothing to filter, or no for all hosts at once. */
  preFilter?(
    workload: WorkloadInfo<W>,
    cluster: ClusterView<W, H>,
  ): FilterPlan<F> | typeof SKIP | Rejection | undefined;
  /** Whether a host will do: undefined says yes. */
  filter?(workload: WorkloadInfo<W>, host: HostInfo<W, H>, state: F): Rejection | undefined;
  /**
   * The same as `filter` of many hosts, given by their indexes: writes what it says of each to its place in `rejections`, undefined for a yes.
   *
   * For a plugin that has a cheaper way to look at many hosts; it must also have `filter`, and answer the same.
   */
  filterAll?(
    workload: WorkloadInfo<W>,
    indexes: Int32Array,
    state: F,
    rejections: (Rejection | undefined)[],
  ): void;
  /** What could be changed of the workload or the host for the filter to say yes: for explanations. */
  remedy?(workload: WorkloadInfo<W>, host: HostInfo<W, H>, state: F): Remedy | undefined;
  /**
   * Makes room where no host will do, or says why it cannot; undefined, like any no, leaves it to the next plugin.
   *
   * A no says what is to become of the room that is kept for the workload. With `UnschedulableAndUnresolvable` it is given up, as nobody's
   * going would help. With `Pending` it stays kept, as somebody is going already; with `Unschedulable` too, as nothing was found out.
   */
  postFilter?(
    workload: WorkloadInfo<W>,
    cluster: ClusterView<W, H>,
    verdictOf: (host: HostInfo<W, H>) => Verdict | undefined,
    dryRun: DryRun<W, H>,
  ): Placement<W> | Rejection | undefined;
  /** Whether somebody whom `postFilter` has pushed off a host for a workload, or for another of its priority, is still going. */
  isMakingRoom?(workload: WorkloadInfo<W>, host: HostInfo<W, H>): boolean;
  /** All that `postFilter` weighs, for explanations. */
  survey?(
    workload: WorkloadInfo<W>,
    cluster: ClusterView<W, H>,
    verdictOf: (host: HostInfo<W, H>) => Verdict | undefined,
    dryRun: DryRun<W, H>,
  ): PreemptionSurvey;

  /** Makes ready for `score`: a state, or nothing to score. `hosts` gives those that are left: it costs something, and the list is not to be kept. */
  preScore?(
    workload: WorkloadInfo<W>,
    cluster: ClusterView<W, H>,
    hosts: () => readonly HostInfo<W, H>[],
  ): ScorePlan<S> | typeof SKIP | undefined;
  /** How good a host is: a whole number, 0 to 100 once it is normalised. */
  score?(workload: WorkloadInfo<W>, host: HostInfo<W, H>, state: S): number;
  /** The same as `score` of many hosts, given by their indexes: writes that of each to its place in `scores`. As with `filterAll`. */
  scoreAll?(workload: WorkloadInfo<W>, indexes: Int32Array, state: S, scores: number[]): void;
  /**
   * How scores become 0 to 100: they are already, unless given.
   *
   * `'max'` is 100 * score / highest (all 0 where that is 0), `'reverse'` is 100 less that; both whole numbers, rounded down. A function
   * changes the scores, in the order of the hosts.
   */
  readonly normalize?: 'max' | 'reverse' | Normalize<W, H, S> | undefined;

  /**
   * Takes what it needs for a host that was chosen, in its own books; a rejection sends the workload back to the queue.
   *
   * Synchronous, in the same step as the decision: nothing can come between. From here on until `unreserve` or the end of the binding
   * the next decisions see what was taken.
   */
  reserve?(
    workload: WorkloadInfo<W>,
    host: HostInfo<W, H>,
    cluster: ClusterView<W, H>,
  ): Rejection | undefined;
  /**
   * Gives back what `reserve` took, as the workload does not go there after all.
   *
   * Called on every plugin that has it, in reverse order, whether or not its `reserve` was called; must not throw.
   */
  unreserve?(workload: WorkloadInfo<W>, host: string, cluster: ClusterView<W, H>): void;
  /** Lets a workload be bound, holds it back for some time (all who hold it back must allow it), or rejects it. */
  permit?(
    workload: WorkloadInfo<W>,
    host: HostInfo<W, H>,
    cluster: ClusterView<W, H>,
  ): PermitWait | Rejection | undefined;
  /** Does what has to be done before the workload is bound, such as binding its volumes; undefined where that is nothing. A failure sends it back. */
  preBind?(workload: WorkloadInfo<W>, host: string, context: BindContext<W, H>): Promise<void> | void;
  /** Binds the workload to the host; {@link SKIP} leaves it to the next plugin. */
  bind?(workload: WorkloadInfo<W>, host: string, context: BindContext<W, H>): Promise<typeof SKIP | void>;
  /** Told that the workload was bound. */
  postBind?(workload: WorkloadInfo<W>, host: string, cluster: ClusterView<W, H>): void;

  /**
   * Whether a change can turn this plugin's no into a yes; any change of what it {@link Reads} can, unless given.
   *
   * It may look at what `reads.part` tells of the workload, and at what the model calls alike; not at anything else of it.
   */
  wakes?(event: ClusterEvent<W, H>, workload: WorkloadInfo<W>): boolean;
}

/** Hold a workload back until every plugin that does so has allowed it. */
export interface PermitWait {
  /** After so many milliseconds it is rejected; at most 15 minutes. */
  readonly wait: number;
}

/** What plugins bind with. */
export interface BindContext<W extends ApiObject, H extends ApiObject> {
  /** Writes what has to be written; fenced where the scheduler is elected. */
  readonly client: Client;
  readonly cluster: ClusterView<W, H>;
  /** Aborts when the workload is gone, or the scheduler stops or no longer leads. */
  readonly signal: AbortSignal;
}

/** Written as a method, so that plugins with states of their own are plugins of the common type. */
type Normalize<W extends ApiObject, H extends ApiObject, S> = {
  normalize(scores: number[], workload: WorkloadInfo<W>, hosts: readonly HostInfo<W, H>[], state: S): void;
}['normalize'];

/** A workload in the queue. */
export interface Queued<W extends ApiObject> {
  readonly workload: WorkloadInfo<W>;
  /** When it came into the queue, in milliseconds since 1970. */
  readonly since: number;
}
