import type { ApiObject } from '../../core/index.js';
import type { Cluster, PlacedWorkload } from '../cluster/index.js';
import type { Placement, Plugin, Rejection, Verdict } from '../framework/index.js';
import type { Choice } from './choice.js';
import { Decider, type Narrowed } from './decider.js';
import { Decision } from './decision.js';
import { type Evaluation, Evaluator } from './evaluate.js';
import { Explainer } from './explain.js';
import type { Explanation } from './explanation.js';
import { isMakingRoom, makeRoom } from './make-room.js';
import { Profile } from './profile.js';
import { checkHostPercentage, type HostPercentage } from './sample-size.js';
import { VerdictTable } from './verdict-table.js';

/** The plugins of one profile at work on a cluster, which others may share. */
export class ProfileEngine<W extends ApiObject, H extends ApiObject> {
  readonly profile: Profile<W, H>;
  readonly #cluster: Cluster<W, H>;
  readonly #verdicts = new VerdictTable();
  readonly #evaluator: Evaluator<W, H>;
  readonly #explainer: Explainer<W, H>;
  readonly #decider: Decider<W, H>;

  /**
   * @param percentage - How many hosts that will do are enough; all of them count unless given.
   * @throws TypeError or RangeError for plugins or a percentage that make no sense.
   */
  constructor(
    cluster: Cluster<W, H>,
    plugins: readonly Plugin<W, H>[],
    seed: number,
    percentage?: HostPercentage,
  ) {
    checkHostPercentage(percentage);
    this.profile = new Profile(plugins);
    for (const { plugin } of this.profile.members) {
      for (const key of plugin.reads?.topologyKeys ?? []) cluster.topology(key);
      for (const index of plugin.reads?.indexes ?? []) cluster.index(index);
    }
    this.#cluster = cluster;
    this.#evaluator = new Evaluator(this.profile, cluster, this.#verdicts);
    this.#explainer = new Explainer(this.profile, cluster, this.#verdicts);
    this.#decider = new Decider(this.profile, cluster, this.#verdicts, seed, percentage);
  }

  /** Goes up with each decision: what is drawn, and where the next one starts to look, goes by it. */
  get sequence(): number {
    return this.#decider.sequence;
  }

  set sequence(sequence: number) {
    this.#decider.sequence = sequence;
  }

  /**
   * Where a workload goes, as if it were not placed.
   *
   * @param among - The only hosts in question; all of them unless given. @throws PluginError; nothing has changed then.
   */
  decide(workload: PlacedWorkload<W, H>, among?: Narrowed): Choice<W, H> {
    const isPlaced = this.#cluster.workload(workload.key) !== undefined;
    return isPlaced ? this.#decideWithout(workload, among) : this.#decider.decide(workload, among);
  }

  /**
   * Does in pieces what {@link decide} would do at once for a workload that is not placed, and answers whether nothing of it is left: else it is to be
   * asked again once other work has had its turn, and goes on. It changes no decision: only how long one takes.
   *
   * @param isTime - Asked before each piece whether to stop before it.
   */
  prepare(workload: PlacedWorkload<W, H>, isTime: () => boolean): boolean {
    return this.#decider.prepare(workload, isTime);
  }

  #decideWithout(workload: PlacedWorkload<W, H>, among?: Narrowed): Choice<W, H> {
    return this.#without(workload, () => this.#decider.decide(workload, among));
  }

  /** Who has to go for a workload that fits nowhere, or why that would not help. @throws PluginError */
  makeRoom(workload: PlacedWorkload<W, H>): Placement<W> | Rejection | undefined {
    return this.#without(workload, () => {
      const choice = this.#decider.decide(workload);
      if (choice.host !== undefined) return { host: choice.host.name, victims: [] };
      return this.makeRoomFor(workload, choice);
    });
  }

  /** The same for a workload that is not placed and for which it was just decided that it fits nowhere. @throws PluginError */
  makeRoomFor(workload: PlacedWorkload<W, H>, choice: Choice<W, H>): Placement<W> | Rejection | undefined {
    if (this.#cluster.size === 0) return undefined;
    return makeRoom(this.profile, this.#cluster, workload, choice, this.#verdicts);
  }

  /** Whether somebody is still going from a host, as he was pushed off for a workload or for another of its priority. @throws PluginError */
  isMakingRoom(workload: PlacedWorkload<W, H>, host: string): boolean {
    return isMakingRoom(this.profile, this.#cluster, workload, host);
  }

  /** Why a workload may not be queued. @throws PluginError */
  preEnqueue(workload: PlacedWorkload<W, H>): Verdict | undefined {
    return this.#evaluator.preEnqueue(workload);
  }

  /** @throws PluginError */
  evaluate(workload: PlacedWorkload<W, H>): Evaluation {
    return this.#without(workload, () => this.#evaluator.evaluate(workload));
  }

  /** What was decided, for others to see. */
  decisionOf(
    workload: PlacedWorkload<W, H>,
    choice: Choice<W, H>,
    isStale: () => boolean,
  ): Decision<Explanation> {
    const node = choice.host?.name;
    return new Decision(choice, this.#cluster.size, (message) =>
      this.#without(workload, () => this.#explainer.explain(workload, node, message, isStale())),
    );
  }

  /** Runs `work` as if a workload were not placed. */
  #without<T>(workload: PlacedWorkload<W, H>, work: () => T): T {
    const placed = this.#cluster.workload(workload.key);
    if (placed === undefined) return work();
    this.#cluster.fork();
    try {
      this.#cluster.forget(placed);
      return work();
    } finally {
      this.#cluster.rollback();
    }
  }
}
