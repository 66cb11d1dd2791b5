import type { ApiObject } from '../../core/index.js';
import type { Cluster, HostSlot } from '../cluster/index.js';
import type { Verdict } from '../framework/index.js';
import { ClassScores } from './class-scores.js';
import type { Column } from './column.js';
import { NEVER, ScoreTree } from './score-tree.js';
import { VerdictColumn } from './verdict-column.js';

/** So many hosts are looked at in one go. */
const PIECE = 8;

const NOT_YET = (): boolean => false;

/**
 * All workloads that are equal in the eyes of every plugin that looks at one host at a time, and what those plugins make of each host.
 *
 * Kept up to date from the log of changed hosts: a decision costs as much as has changed since the last one. Where all hosts have to be looked at,
 * that can be done in pieces before it is needed.
 */
export class WorkloadClass<W extends ApiObject, H extends ApiObject> {
  readonly #cluster: Cluster<W, H>;
  readonly #filters: readonly Column<W, H>[];
  readonly #columns: readonly Column<W, H>[];
  readonly #scores: ClassScores<W, H>;
  /** The place in the profile of the last plugin that filters; -1 where none does. */
  readonly lastOrder: number;
  // by index: why the host will not do, undefined where it will or where there is no host
  #verdicts = new VerdictColumn(0);
  // by index: 1 where the host is there and will do
  #feasible = new Uint8Array(0);
  // how many hosts each verdict is for; shared with decisions once it was given out, and then replaced before it changes
  #counts = new Map<Verdict, number>();
  #isShared = false;
  #feasibleHosts = 0;
  // the total of each host, once all of them were looked at
  #tree: ScoreTree;
  // up to where the log is read; undefined before anything is known
  #position: number | undefined;
  // the first host that was not looked at yet; undefined once all were. Of those before it all is known, as of #position
  #next: number | undefined;
  // the sum of the versions of the columns
  #version = 0;

  constructor(cluster: Cluster<W, H>, columns: readonly Column<W, H>[]) {
    this.#cluster = cluster;
    this.#columns = columns;
    this.#filters = columns.filter(({ filters }) => filters);
    this.#scores = new ClassScores(columns);
    this.lastOrder = this.#filters.at(-1)?.member.order ?? -1;
    this.#tree = new ScoreTree(cluster.room);
  }

  /** The names of the plugins that score. */
  get scorers(): readonly string[] {
    return this.#scores.names;
  }

  /** How many hosts will do. */
  get feasible(): number {
    return this.#feasibleHosts;
  }

  /** How many hosts each verdict is for: not to be changed. */
  get counts(): ReadonlyMap<Verdict, number> {
    this.#isShared = true;
    return this.#counts;
  }

  /** The total of each host. @throws PluginError */
  get tree(): ScoreTree {
    this.#scores.expect();
    return this.#tree;
  }

  /** Writes the indexes of the hosts that will do to `indexes`, and answers how many they are. */
  listFeasible(indexes: Int32Array): number {
    const feasible = this.#feasible;
    const { bound } = this.#cluster;
    let hosts = 0;
    for (let index = 0; index < bound; index += 1) if (feasible[index] === 1) indexes[hosts++] = index;
    return hosts;
  }

  /** Whether the host is there and will do. */
  isFeasible(index: number): boolean {
    return this.#feasible[index] === 1;
  }

  verdict(index: number): Verdict | undefined {
    return this.#verdicts.get(index);
  }

  /** The normalised scores of a host that will do, in the order of {@link scorers}. */
  scoresOf(host: HostSlot<W, H>): number[] {
    return this.#scores.of(host);
  }

  /** The normalised scores of a host as if only the hosts with these indexes were in question, in the order of {@link scorers}. */
  scoresAmong(host: HostSlot<W, H>, indexes: Int32Array, hosts: number): number[] {
    return this.#scores.among(host, indexes, hosts);
  }

  /** Adds up what the hosts with these indexes have in total, as if no others were in question. @throws PluginError */
  totalAmong(indexes: Int32Array, hosts: number, totals: Float64Array): void {
    this.#scores.totalAmong(indexes, hosts, totals);
  }

  /** Whether all hosts were looked at, or that is of no use before a decision: what has changed since is still to be taken in. */
  get isReady(): boolean {
    // after a failure every host is looked at anew for the next decision
    return this.#scores.haveFailed || (this.#position !== undefined && this.#next === undefined);
  }

  /** Takes in what has changed. @throws PluginError; it is then as if nothing were known. @throws TypeError within a trial. */
  catchUp(): void {
    this.#goOn(NOT_YET);
  }

  /**
   * Does of {@link catchUp} what there is time for, and answers whether all of it is done.
   *
   * @param isTime - Asked before each piece whether to stop before it. @throws as {@link catchUp}.
   */
  prepare(isTime: () => boolean): boolean {
    return this.#scores.haveFailed || this.#goOn(isTime) || this.#scores.haveFailed;
  }

  #goOn(isTime: () => boolean): boolean {
    const { log } = this.#cluster;
    if (this.#cluster.inTrial) throw new TypeError('nothing can be remembered of a trial');
    let version = 0;
    for (const column of this.#columns) {
      column.catchUp();
      version += column.version ?? 0;
    }
    const from = this.#position;
    this.#position = undefined;
    if (
      from === undefined ||
      this.#scores.haveFailed ||
      version !== this.#version ||
      !log.has(from) ||
      !this.#tree.hasRoom(this.#cluster.room)
    ) {
      this.#startOver();
    } else {
      this.#readOn(from);
    }
    const isDone = this.#lookOn(isTime);
    this.#version = version;
    this.#position = log.position;
    return isDone;
  }

  #startOver(): void {
    const { room } = this.#cluster;
    this.#scores.startOver(room);
    if (!this.#tree.hasRoom(room)) this.#tree = new ScoreTree(room);
    this.#verdicts = new VerdictColumn(room);
    this.#feasible = new Uint8Array(room);
    this.#counts = new Map();
    this.#isShared = false;
    this.#feasibleHosts = 0;
    this.#next = 0;
  }

  /** Looks at the hosts that were not looked at yet; answers whether none is left. */
  #lookOn(isTime: () => boolean): boolean {
    if (this.#next === undefined) return true;
    const { bound } = this.#cluster;
    while (this.#next < bound) {
      if (isTime()) return false;
      const end = Math.min(this.#next + PIECE, bound);
      for (let index = this.#next; index < end; index += 1) this.#look(index);
      this.#next = end;
    }
    if (isTime()) return false;
    this.#next = undefined;
    this.#scores.haveMoved();
    this.#totalAll();
    return true;
  }

  #readOn(from: number): void {
    const { log } = this.#cluster;
    const { position } = log;
    if (from === position) return;
    const known = this.#next ?? this.#cluster.bound;
    for (let at = from; at < position; at += 1) {
      const index = log.at(at) >> 1;
      if (index < known) this.#look(index);
    }
    if (this.#next !== undefined) return;
    if (this.#scores.haveMoved()) this.#totalAll();
    else {
      for (let at = from; at < position; at += 1) {
        const index = log.at(at) >> 1;
        this.#tree.set(index, this.#total(index));
      }
    }
  }

  /** Finds out about a host, or that there is none. */
  #look(index: number): void {
    const before = this.#verdicts.get(index);
    const host = this.#cluster.at(index);
    const verdict = host === undefined ? undefined : this.#firstNo(host);
    if (verdict !== before) {
      if (before !== undefined) this.#count(before, -1);
      if (verdict !== undefined) this.#count(verdict, 1);
      this.#verdicts.set(index, verdict);
    }
    const wasFeasible = this.#feasible[index] === 1;
    if (host !== undefined && verdict === undefined) this.#enter(host, wasFeasible);
    else if (wasFeasible) this.#leave(index);
  }

  #firstNo(host: HostSlot<W, H>): Verdict | undefined {
    for (const column of this.#filters) {
      const verdict = column.verdict(host);
      if (verdict !== undefined) return verdict;
    }
    return undefined;
  }

  #count(verdict: Verdict, by: 1 | -1): void {
    if (this.#isShared) {
      this.#counts = new Map(this.#counts);
      this.#isShared = false;
    }
    const hosts = (this.#counts.get(verdict) ?? 0) + by;
    if (hosts === 0) this.#counts.delete(verdict);
    else this.#counts.set(verdict, hosts);
  }

  /** A host will do. */
  #enter(host: HostSlot<W, H>, wasFeasible: boolean): void {
    if (!wasFeasible) {
      this.#feasible[host.index] = 1;
      this.#feasibleHosts += 1;
    }
    this.#scores.enter(host, wasFeasible);
  }

  #leave(index: number): void {
    this.#feasible[index] = 0;
    this.#feasibleHosts -= 1;
    this.#scores.leave(index);
  }

  #total(index: number): number {
    return this.#feasible[index] === 1 ? this.#scores.total(index) : NEVER;
  }

  #totalAll(): void {
    const { bound } = this.#cluster;
    const totals = new Float64Array(bound);
    for (let index = 0; index < bound; index += 1) totals[index] = this.#total(index);
    this.#tree.setAll(totals, bound);
  }
}
