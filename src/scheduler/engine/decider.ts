import { type ApiObject, RecentMap } from '../../core/index.js';
import type { Cluster, HostSlot, PlacedWorkload } from '../cluster/index.js';
import { SKIP, type Verdict } from '../framework/index.js';
import { type ActiveScore, activeScores, addTo } from './active-scores.js';
import { besideOthers, NOBODY } from './beside-others.js';
import { type Choice, nowhere } from './choice.js';
import { decideAmong } from './decide-among.js';
import { EqualWorkloads, type Preparation, type Remembered } from './equal-workloads.js';
import { type ActiveFilter, prepareFilter } from './filters.js';
import { type Narrowed, outlookFor } from './outlook.js';
import type { Profile } from './profile.js';
import { type HostPercentage, sampleSize } from './sample-size.js';
import { Scan } from './scan.js';
import { normalize, rawScores } from './scores.js';
import { draw, drawBest } from './tie.js';
import type { VerdictTable } from './verdict-table.js';
import { WorkloadClass } from './workload-class.js';

export type { Narrowed } from './outlook.js';

const NO_COUNTS: ReadonlyMap<Verdict, number> = /* @__PURE__ */ new Map<Verdict, number>();

/** Of how many workloads it is known that their filters were asked ahead. */
const ASKED = 64;

/**
 * Decides for the best host, exactly as if every plugin were asked about every host; or about as many as a percentage says.
 *
 * What plugins that look at one host at a time have said is remembered in columns, and put together by class of workloads. Where they alone
 * have something to say, a decision costs as much as has changed since the last one of that class. The others are asked about each
 * host that is left, and so is, for the first of a class, everybody of whom nothing is remembered that others can use.
 */
export class Decider<W extends ApiObject, H extends ApiObject> {
  readonly #cluster: Cluster<W, H>;
  readonly #verdicts: VerdictTable;
  readonly #seed: number;
  readonly #percentage: HostPercentage | undefined;
  readonly #equals: EqualWorkloads<W, H>;
  readonly #scan: Scan<W, H>;
  // by the facts of workloads, or what is remembered of them: how many of their preparations were asked ahead of a decision
  readonly #asked = new RecentMap<unknown, number>(ASKED);
  // place by place the scores of a plugin that is asked anew: of one decision, written over by the next
  readonly #scoresOf: readonly number[][];
  /**
   * Goes up with each decision that finds a host, by one; with a percentage by how many hosts were looked at. Draws among equals go by it, and
   * where a sample starts: as long as no host comes or goes, that is behind the last host that was looked at.
   */
  sequence = 0;

  constructor(
    profile: Profile<W, H>,
    cluster: Cluster<W, H>,
    verdicts: VerdictTable,
    seed: number,
    percentage?: HostPercentage,
  ) {
    this.#cluster = cluster;
    this.#verdicts = verdicts;
    this.#seed = seed;
    this.#percentage = percentage;
    this.#equals = new EqualWorkloads(profile, cluster, verdicts);
    this.#scan = new Scan(profile, cluster, verdicts);
    this.#scoresOf = profile.scorers.map(() => []);
  }

  /** @param among - The only hosts in question; all of them unless given. @throws PluginError; nothing has changed then. */
  decide(workload: PlacedWorkload<W, H>, among?: Narrowed): Choice<W, H> {
    const cluster = this.#cluster;
    const { size } = cluster;
    if (size === 0) return nowhere({ evaluated: 0, counts: NO_COUNTS, verdictOf: () => undefined });
    const verdicts = this.#verdicts;
    const remembered = this.#equals.of(workload);
    const outlook = outlookFor(workload, remembered.preparations, among, cluster, verdicts);
    const { filters, rejection, narrowed, narrowedBy } = outlook;
    if (rejection !== undefined) return this.#rejectAll(rejection, narrowedBy);
    if (narrowed !== undefined) {
      return { ...this.#decideAmong(narrowed, workload, remembered, filters), narrowedBy };
    }
    const cls = this.#classOf(remembered);
    const beside = besideOthers(workload, remembered.columns, filters, cluster, verdicts);
    const scan = this.#scan;
    const enough = sampleSize(size, this.#percentage);
    // where no more than enough are left, none is left out
    if (cls.feasible > enough) {
      scan.runUntil(enough, this.sequence % size, { workload, cls, filters, beside });
      return this.#decideByScan(workload, remembered, cls, scan.evaluated);
    }
    if (filters.length > 0 || beside.size > 0) {
      scan.run({ workload, cls, filters, beside });
      return this.#decideByScan(workload, remembered, cls, size);
    }
    return this.#decideByClass(workload, remembered, cls);
  }

  /**
   * Does in pieces what a decision about a workload would do at once, and answers whether nothing of it is left: else it is to be asked again once
   * other work has had its turn, and goes on.
   *
   * It changes no decision: only how long one takes. Within a trial nothing is done, as nothing can be remembered of one.
   *
   * @param isTime - Asked before each piece whether to stop before it.
   */
  prepare(workload: PlacedWorkload<W, H>, isTime: () => boolean): boolean {
    if (this.#cluster.size === 0 || this.#cluster.inTrial) return true;
    try {
      const remembered = this.#equals.ahead(workload, isTime);
      return remembered !== undefined && this.#prepare(workload, remembered, isTime);
    } catch {
      // a class whose plugin has thrown knows nothing, so that the decision asks it again: what it throws then ends the attempt
      return true;
    }
  }

  #prepare(workload: PlacedWorkload<W, H>, remembered: Remembered<W, H>, isTime: () => boolean): boolean {
    const cluster = this.#cluster;
    const { localPreparations } = remembered;
    const { rejection, narrowed } = outlookFor(
      workload,
      localPreparations,
      undefined,
      cluster,
      this.#verdicts,
    );
    // no host is in question, or so few that they are not looked at by class
    if (rejection !== undefined || narrowed !== undefined) return true;
    const cls = (remembered.cls ??= new WorkloadClass(cluster, remembered.columns));
    const wasReady = cls.isReady;
    // each plugin that is asked now may take long: the first of them has a turn of its own
    if (!cls.prepare(isTime) || !wasReady) return false;
    return this.#askAhead(workload, remembered, isTime);
  }

  /** Asks the filters that look further than one host, for what they count of the cluster to be there: once for equal workloads, one by one. */
  #askAhead(workload: PlacedWorkload<W, H>, remembered: Remembered<W, H>, isTime: () => boolean): boolean {
    const { preparations } = remembered;
    const which = workload.facts ?? remembered;
    let asked = this.#asked.get(which) ?? 0;
    if (asked >= preparations.length) return true;
    for (; asked < preparations.length; asked += 1) {
      const { member, column } = preparations[asked] as Preparation<W, H>;
      if (column !== undefined || member.isLocal) continue;
      if (isTime()) break;
      const plan = prepareFilter(member, workload, this.#cluster);
      // the others are not asked then by the decision either
      if (plan !== SKIP && 'code' in plan) asked = preparations.length;
    }
    this.#asked.set(which, asked);
    return asked >= preparations.length;
  }

  /** One plugin says no to all hosts at once. */
  #rejectAll(rejection: Verdict, narrowedBy: readonly string[] | undefined): Choice<W, H> {
    const counts = new Map([[rejection, this.#cluster.size]]);
    return nowhere({ evaluated: 0, counts, rejection, narrowedBy, verdictOf: () => rejection });
  }

  /** No host will do by what is remembered. */
  #rejectByClass(cls: WorkloadClass<W, H>): Choice<W, H> {
    const verdictOf = ({ index }: HostSlot<W, H>): Verdict | undefined => cls.verdict(index);
    return nowhere({ evaluated: this.#cluster.size, counts: cls.counts, verdictOf });
  }

  /** @param narrowed - The only hosts in question. */
  #decideAmong(
    narrowed: Narrowed,
    workload: PlacedWorkload<W, H>,
    remembered: Remembered<W, H>,
    filters: readonly ActiveFilter<W, H>[],
  ): Choice<W, H> {
    const cluster = this.#cluster;
    const verdicts = this.#verdicts;
    const { indexes, others } = narrowed;
    if (indexes === undefined) {
      const best = (totals: Float64Array): number => this.#drawBest(totals, cluster.size);
      return decideAmong(narrowed, workload, remembered, filters, cluster, verdicts, best);
    }
    const cls = this.#classOf(remembered);
    const beside = besideOthers(workload, remembered.columns, filters, cluster, verdicts);
    this.#scan.runAmong(indexes, others, { workload, cls, filters, beside });
    return this.#decideByScan(workload, remembered, cls, cluster.size, indexes);
  }

  #classOf(remembered: Remembered<W, H>): WorkloadClass<W, H> {
    const cls = (remembered.cls ??= new WorkloadClass(this.#cluster, remembered.columns));
    cls.catchUp();
    return cls;
  }

  /** Only filters of which all is remembered have something to say. */
  #decideByClass(
    workload: PlacedWorkload<W, H>,
    remembered: Remembered<W, H>,
    cls: WorkloadClass<W, H>,
  ): Choice<W, H> {
    if (cls.feasible === 0) return this.#rejectByClass(cls);
    const scan = this.#scan;
    let isRun = false;
    const run = (): void => {
      if (!isRun) scan.run({ workload, cls, filters: [], beside: NOBODY });
      isRun = true;
    };
    const scores = activeScores(remembered.scorers, workload, this.#cluster, () => {
      run();
      return scan.hosts();
    });
    if (scores.length === 0) return this.#takeBest(cls);
    run();
    return this.#decideByScan(workload, remembered, cls, this.#cluster.size, undefined, scores);
  }

  /** All scores are remembered as well. */
  #takeBest(cls: WorkloadClass<W, H>): Choice<W, H> {
    const { tree } = cls;
    const index = tree.pick(draw(this.#seed, this.sequence, tree.equals));
    this.#goOn(this.#cluster.size);
    const host = this.#cluster.at(index) as HostSlot<W, H>;
    return {
      host,
      feasible: cls.feasible,
      evaluated: this.#cluster.size,
      counts: cls.counts,
      verdictOf: (other) => cls.verdict(other.index),
      plugins: cls.scorers,
      scores: cls.scoresOf(host),
      total: tree.best,
    };
  }

  /**
   * Chooses among the hosts that the last scan has left.
   *
   * @param passed - By how many hosts the sequence goes on.
   * @param among - The only hosts in question; all of them unless given.
   * @param prepared - The scores that are asked anew, where they were made ready for these hosts before.
   */
  #decideByScan(
    workload: PlacedWorkload<W, H>,
    { scorers }: Remembered<W, H>,
    cls: WorkloadClass<W, H>,
    passed: number,
    among?: Int32Array,
    prepared?: readonly ActiveScore<W, H>[],
  ): Choice<W, H> {
    const scan = this.#scan;
    const { counts, evaluated } = scan;
    const verdictOf = ({ index }: HostSlot<W, H>): Verdict | undefined => scan.verdict(index);
    if (scan.left === 0) return nowhere({ evaluated, counts, among, verdictOf });
    const totals = scan.totals(cls);
    const indexes = scan.indexes.subarray(0, scan.left);
    const active = prepared ?? activeScores(scorers, workload, this.#cluster, () => scan.hosts());
    const given = active.map(({ member, state }, at) => {
      const hosts = scan.hosts();
      const scores = rawScores(member, workload, hosts, state, this.#scoresOf[at], indexes);
      normalize(member, scores, workload, hosts, state);
      addTo(totals, scores, member.weight);
      return { name: member.name, scores };
    });
    const chosen = this.#drawBest(totals, passed);
    const host = this.#cluster.at(indexes[chosen] as number) as HostSlot<W, H>;
    return {
      host,
      feasible: scan.left,
      evaluated,
      counts,
      verdictOf,
      plugins: [...cls.scorers, ...given.map(({ name }) => name)],
      scores: [
        ...cls.scoresAmong(host, scan.indexes, scan.left),
        ...given.map(({ scores }) => scores[chosen] as number),
      ],
      total: totals[chosen] as number,
    };
  }

  #drawBest(totals: Float64Array, passed: number): number {
    const chosen = drawBest(this.#seed, this.sequence, totals);
    this.#goOn(passed);
    return chosen;
  }

  /** A host was chosen, for which so many were looked at: after all of them the next sample starts where this one did. */
  #goOn(passed: number): void {
    this.sequence += this.#percentage === undefined ? 1 : passed;
  }
}
