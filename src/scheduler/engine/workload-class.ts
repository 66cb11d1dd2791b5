import type { ApiObject } from '../../core/index.js';
import type { Cluster, HostSlot } from '../cluster/index.js';
import type { Verdict } from '../framework/index.js';
import type { Column } from './column.js';
import { NormalizedColumn } from './normalized-column.js';
import { NEVER, ScoreTree } from './score-tree.js';
import { VerdictColumn } from './verdict-column.js';

/**
 * All workloads that are equal in the eyes of every plugin that looks at one host at a time, and what those plugins make of each host.
 *
 * Kept up to date from the log of changed hosts: a decision costs as much as has changed since the last one.
 */
export class WorkloadClass<W extends ApiObject, H extends ApiObject> {
  readonly #cluster: Cluster<W, H>;
  readonly #filters: readonly Column<W, H>[];
  readonly #columns: readonly Column<W, H>[];
  // those that score, without and with normalising
  #plain: readonly Column<W, H>[] = [];
  #normalized: readonly NormalizedColumn<W, H>[] = [];
  #scorers: readonly string[] = [];
  // what failed when hosts were to be scored, which matters to those only who ask for scores
  #failure: { readonly error: unknown } | undefined;
  /** The place in the profile of the last plugin that filters; -1 where none does. */
  readonly lastOrder: number;
  // by index: why the host will not do, undefined where it will or where there is no host
  #verdicts = new VerdictColumn(0);
  // by index: 1 where the host is there and will do
  #feasible = new Uint8Array(0);
  // by index: the sum of the scores that need no normalising; of hosts that will do
  #base = new Float64Array(0);
  // by index, for each of #normalized: the score that it counts the host with; of hosts that will do
  #counted: Float64Array[] = [];
  // how many hosts each verdict is for; shared with decisions once it was given out, and then replaced before it changes
  #counts = new Map<Verdict, number>();
  #isShared = false;
  #feasibleHosts = 0;
  #tree: ScoreTree;
  // up to where the log is read; undefined before anything is known
  #position: number | undefined;
  // the sum of the versions of the columns
  #version = 0;

  constructor(cluster: Cluster<W, H>, columns: readonly Column<W, H>[]) {
    this.#cluster = cluster;
    this.#columns = columns;
    this.#filters = columns.filter(({ filters }) => filters);
    this.lastOrder = this.#filters.at(-1)?.member.order ?? -1;
    this.#tree = new ScoreTree(cluster.room);
  }

  /** The names of the plugins that score. */
  get scorers(): readonly string[] {
    return this.#scorers;
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
    this.#expectScores();
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
    const scores: number[] = [];
    for (const column of this.#plain) scores.push(column.raw(host));
    for (const normalized of this.#normalized) scores.push(normalized.normalized(normalized.raw(host)));
    return scores;
  }

  /** The normalised scores of a host as if only the hosts with these indexes were in question, in the order of {@link scorers}. */
  scoresAmong(host: HostSlot<W, H>, indexes: Int32Array, hosts: number): number[] {
    return [
      ...this.#plain.map((column) => column.raw(host)),
      ...this.#normalized.map((normalized, which) =>
        normalized.normalizedAmong(host.index, this.#counted[which] as Float64Array, indexes, hosts),
      ),
    ];
  }

  /** Adds up what the hosts with these indexes have in total, as if no others were in question. @throws PluginError */
  totalAmong(indexes: Int32Array, hosts: number, totals: Float64Array): void {
    this.#expectScores();
    for (let at = 0; at < hosts; at += 1) totals[at] = this.#base[indexes[at] as number] as number;
    for (let which = 0; which < this.#normalized.length; which += 1) {
      (this.#normalized[which] as NormalizedColumn<W, H>).addAmong(
        this.#counted[which] as Float64Array,
        indexes,
        hosts,
        totals,
      );
    }
  }

  /** Takes in what has changed. @throws PluginError; it is then as if nothing were known. */
  catchUp(): void {
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
      this.#failure !== undefined ||
      version !== this.#version ||
      !log.has(from) ||
      !this.#tree.hasRoom(this.#cluster.room)
    ) {
      this.#startOver();
    } else {
      this.#readOn(from);
    }
    this.#version = version;
    this.#position = log.position;
  }

  #startOver(): void {
    const { bound, room } = this.#cluster;
    this.#findScorers();
    if (!this.#tree.hasRoom(room)) this.#tree = new ScoreTree(room);
    this.#base = new Float64Array(room);
    this.#verdicts = new VerdictColumn(room);
    this.#feasible = new Uint8Array(room);
    this.#counted = this.#normalized.map(() => new Float64Array(room));
    this.#counts = new Map();
    this.#isShared = false;
    this.#feasibleHosts = 0;
    for (let index = 0; index < bound; index += 1) this.#look(index);
    this.#haveMoved();
    this.#totalAll();
  }

  #findScorers(): void {
    this.#failure = undefined;
    let scorers: readonly Column<W, H>[] = [];
    try {
      scorers = this.#columns.filter(({ scores }) => scores);
    } catch (error) {
      this.#failure = { error };
    }
    this.#plain = scorers.filter(({ member }) => member.plugin.normalize === undefined);
    this.#normalized = scorers
      .filter(({ member }) => member.plugin.normalize !== undefined)
      .map((column) => new NormalizedColumn(column));
    this.#scorers = [...this.#plain, ...this.#normalized].map(({ member }) => member.name);
  }

  #expectScores(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #readOn(from: number): void {
    const { log } = this.#cluster;
    const { position } = log;
    if (from === position) return;
    for (let at = from; at < position; at += 1) this.#look(log.at(at) >> 1);
    if (this.#haveMoved()) this.#totalAll();
    else {
      for (let at = from; at < position; at += 1) {
        const index = log.at(at) >> 1;
        this.#tree.set(index, this.#total(index));
      }
    }
  }

  /** Whether the highest score of some plugin has changed since this was last asked. */
  #haveMoved(): boolean {
    let haveMoved = false;
    for (const normalized of this.#normalized) if (normalized.hasMoved()) haveMoved = true;
    return haveMoved;
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

  /** A host will do. @param isScored - Whether it did before, so that its scores may be others now. */
  #enter(host: HostSlot<W, H>, isScored: boolean): void {
    if (!isScored) {
      this.#feasible[host.index] = 1;
      this.#feasibleHosts += 1;
    }
    if (this.#failure !== undefined) return;
    try {
      this.#score(host, isScored);
    } catch (error) {
      this.#failure = { error };
    }
  }

  #score(host: HostSlot<W, H>, isScored: boolean): void {
    const { index } = host;
    let base = 0;
    for (const column of this.#plain) base += column.member.weight * column.raw(host);
    this.#base[index] = base;
    for (let at = 0; at < this.#normalized.length; at += 1) {
      const normalized = this.#normalized[at] as NormalizedColumn<W, H>;
      const counted = this.#counted[at] as Float64Array;
      const score = normalized.raw(host);
      if (isScored) {
        if (counted[index] === score) continue;
        normalized.remove(counted[index] as number);
      }
      counted[index] = score;
      normalized.add(score);
    }
  }

  #leave(index: number): void {
    this.#feasible[index] = 0;
    this.#feasibleHosts -= 1;
    // all is scored anew after a failure
    if (this.#failure !== undefined) return;
    for (let at = 0; at < this.#normalized.length; at += 1) {
      (this.#normalized[at] as NormalizedColumn<W, H>).remove(
        (this.#counted[at] as Float64Array)[index] as number,
      );
    }
  }

  #total(index: number): number {
    if (this.#feasible[index] !== 1) return NEVER;
    let total = this.#base[index] as number;
    for (let at = 0; at < this.#normalized.length; at += 1) {
      const normalized = this.#normalized[at] as NormalizedColumn<W, H>;
      total += normalized.share((this.#counted[at] as Float64Array)[index] as number);
    }
    return total;
  }

  #totalAll(): void {
    const { bound } = this.#cluster;
    const totals = new Float64Array(bound);
    for (let index = 0; index < bound; index += 1) totals[index] = this.#total(index);
    this.#tree.setAll(totals, bound);
  }
}
