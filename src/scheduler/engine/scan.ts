import type { ApiObject } from '../../core/index.js';
import type { Cluster, HostSlot, PlacedWorkload } from '../cluster/index.js';
import type { Rejection, Verdict } from '../framework/index.js';
import type { Beside } from './beside-others.js';
import { type ActiveFilter, rejectionOf } from './filters.js';
import { PluginError } from './plugin-error.js';
import type { Profile } from './profile.js';
import { Tally } from './tally.js';
import type { VerdictTable } from './verdict-table.js';
import type { WorkloadClass } from './workload-class.js';

/** Whose word counts about a host: that of its class, another, or the one about all hosts that are not in question. */
const BY_CLASS = 0;
const INSTEAD = 1;
const OUTSIDE = 2;

/** What is asked of hosts in a scan. */
export interface ScanQuestion<W extends ApiObject, H extends ApiObject> {
  readonly workload: PlacedWorkload<W, H>;
  /** What is remembered of the hosts. */
  readonly cls: WorkloadClass<W, H>;
  /** Those of whom nothing is remembered, in order. */
  readonly filters: readonly ActiveFilter<W, H>[];
  /** What counts instead of all that. */
  readonly beside: Beside;
}

/** Asks plugins that look further than one host about every host that is left, and remembers nothing. */
export class Scan<W extends ApiObject, H extends ApiObject> {
  readonly #cluster: Cluster<W, H>;
  readonly #verdictTable: VerdictTable;
  // the place of each plugin in the profile
  readonly #orders: ReadonlyMap<string, number>;
  // of the last scan: what was said of hosts by class, by index what counts instead, and of hosts that were not in question; and by index
  // which of these counts
  #class: WorkloadClass<W, H> | undefined;
  #instead: (Verdict | undefined)[] = [];
  #others: Verdict | undefined;
  #source = new Uint8Array(0);
  // of the last scan: the indexes of the hosts that will do, #left of them
  #indexes = new Int32Array(0);
  #left = 0;
  // of the last scan: how many hosts were looked at, and for how many of them each verdict is
  #evaluated = 0;
  #counts: ReadonlyMap<Verdict, number> = new Map();
  // filled anew by each scan, so that none leaves garbage of the size of the cluster
  readonly #hosts: HostSlot<W, H>[] = [];
  // whether #hosts is of the last scan
  #isListed = false;
  #totals = new Float64Array(0);
  // what one plugin said of hosts, place by place
  readonly #rejections: (Rejection | undefined)[] = [];

  constructor(profile: Profile<W, H>, cluster: Cluster<W, H>, verdicts: VerdictTable) {
    this.#cluster = cluster;
    this.#verdictTable = verdicts;
    this.#orders = new Map(profile.members.map(({ name, order }) => [name, order]));
  }

  /** How many hosts will do. */
  get left(): number {
    return this.#left;
  }

  /** Their indexes, in order; there are {@link left} of them. */
  get indexes(): Int32Array {
    return this.#indexes;
  }

  /** How many hosts each verdict is for, of those that were looked at. */
  get counts(): ReadonlyMap<Verdict, number> {
    return this.#counts;
  }

  /** How many hosts were looked at. */
  get evaluated(): number {
    return this.#evaluated;
  }

  verdict(index: number): Verdict | undefined {
    const source = this.#source[index];
    if (source === INSTEAD) return this.#instead[index];
    return source === OUTSIDE ? this.#others : this.#class?.verdict(index);
  }

  /** The hosts that will do, until the next scan: listed when they are first asked for. */
  hosts(): HostSlot<W, H>[] {
    const hosts = this.#hosts;
    if (this.#isListed) return hosts;
    this.#isListed = true;
    hosts.length = this.#left;
    for (let at = 0; at < this.#left; at += 1) {
      hosts[at] = this.#cluster.at(this.#indexes[at] as number) as HostSlot<W, H>;
    }
    return hosts;
  }

  /** What the hosts that will do have in total by class, in their order, to be added to; until the next scan. */
  totals(cls: WorkloadClass<W, H>): Float64Array {
    if (this.#totals.length < this.#left) this.#totals = new Float64Array(this.#indexes.length);
    const totals = this.#totals.subarray(0, this.#left);
    cls.totalAmong(this.#indexes, this.#left, totals);
    return totals;
  }

  /** Asks the filters about every host, in their order among those that were asked by class. @throws PluginError */
  run(question: ScanQuestion<W, H>): void {
    const { cls, filters, beside } = question;
    this.#start(cls);
    const tally = new Tally(cls.counts);
    this.#askEarlier(question, tally);
    for (const [index, verdict] of beside) this.#replace(index, verdict, tally);
    this.#left = cls.listFeasible(this.#indexes);
    if (beside.size > 0) this.#leaveOut(beside);
    for (const filter of filters) this.#filter(filter, question, tally, 0);
    this.#evaluated = this.#cluster.size;
    this.#counts = tally.finish();
  }

  /**
   * The same for as many hosts only as it takes to find `enough` that will do.
   *
   * @param start - The index where it starts; it goes on by index, from the last one to the first.
   * @throws PluginError
   */
  runUntil(enough: number, start: number, question: ScanQuestion<W, H>): void {
    this.#start(question.cls);
    const { bound } = this.#cluster;
    const tally = new Tally();
    let index = start;
    let passed = 0;
    let evaluated = 0;
    while (this.#left < enough && passed < bound) {
      // no more at a time than are still to be found, so that nobody is asked about a host behind the last of them
      const from = this.#left;
      for (; this.#left < enough && passed < bound; passed += 1, index = index + 1 < bound ? index + 1 : 0) {
        if (this.#cluster.at(index) === undefined) continue;
        evaluated += 1;
        this.#take(index, question, tally);
      }
      for (const filter of question.filters) this.#filter(filter, question, tally, from);
    }
    this.#evaluated = evaluated;
    this.#counts = tally.finish();
  }

  /** The same for the hosts with these indexes alone, all others being out of the question. @throws PluginError */
  runAmong(asked: Int32Array, others: Verdict, question: ScanQuestion<W, H>): void {
    this.#start(question.cls);
    this.#source.fill(OUTSIDE);
    this.#others = others;
    const tally = new Tally();
    for (let at = 0; at < asked.length; at += 1) {
      const index = asked[at] as number;
      this.#source[index] = BY_CLASS;
      this.#take(index, question, tally);
    }
    for (const filter of question.filters) this.#filter(filter, question, tally, 0);
    this.#evaluated = asked.length;
    const counts = new Map(tally.finish());
    const { size } = this.#cluster;
    if (size > asked.length) counts.set(others, size - asked.length);
    this.#counts = counts;
  }

  /** Takes in what is known of one host before the filters are asked about those that are left. */
  #take(index: number, question: ScanQuestion<W, H>, tally: Tally): void {
    const { cls, beside } = question;
    let verdict = cls.verdict(index);
    if (beside.has(index)) {
      verdict = beside.get(index);
      this.#sayInstead(index, verdict);
    } else if (verdict !== undefined) {
      const earlier = this.#earlierNo(index, verdict, question);
      if (earlier !== undefined) this.#sayInstead(index, (verdict = earlier));
    }
    if (verdict === undefined) this.#indexes[this.#left++] = index;
    else tally.add(verdict);
  }

  /** Forgets the last scan. */
  #start(cls: WorkloadClass<W, H>): void {
    const { room } = this.#cluster;
    if (this.#indexes.length < room) {
      this.#indexes = new Int32Array(room);
      this.#source = new Uint8Array(room);
      this.#instead = Array.from<Verdict | undefined>({ length: room });
    } else {
      this.#source.fill(BY_CLASS);
    }
    this.#class = cls;
    this.#left = 0;
    this.#isListed = false;
  }

  /** Where a filter comes before the one that has said no by class, it is asked, and its no counts. */
  #askEarlier(question: ScanQuestion<W, H>, tally: Tally): void {
    const { cls, filters } = question;
    const first = filters[0]?.member.order ?? Number.POSITIVE_INFINITY;
    if (cls.lastOrder < first) return;
    for (let index = 0; index < this.#cluster.bound; index += 1) {
      const verdict = cls.verdict(index);
      if (verdict === undefined) continue;
      const earlier = this.#earlierNo(index, verdict, question);
      if (earlier !== undefined) this.#replace(index, earlier, tally);
    }
  }

  /** The no of a filter that comes before the one that has said no by class. */
  #earlierNo(
    index: number,
    verdict: Verdict,
    { workload, filters }: ScanQuestion<W, H>,
  ): Verdict | undefined {
    const order = this.#orders.get(verdict.plugin) ?? 0;
    for (const filter of filters) {
      if (filter.member.order > order) break;
      const host = this.#cluster.at(index) as HostSlot<W, H>;
      const earlier = rejectionOf(filter, workload, host, this.#verdictTable);
      if (earlier !== undefined) return earlier;
    }
    return undefined;
  }

  #replace(index: number, verdict: Verdict | undefined, tally: Tally): void {
    const before = this.verdict(index);
    tally.finish();
    if (before !== undefined) tally.remove(before);
    if (verdict !== undefined) tally.add(verdict);
    this.#sayInstead(index, verdict);
  }

  #sayInstead(index: number, verdict: Verdict | undefined): void {
    this.#source[index] = INSTEAD;
    this.#instead[index] = verdict;
  }

  /** Leaves out the hosts that will not do beside others. */
  #leaveOut(beside: Beside): void {
    let left = 0;
    for (let at = 0; at < this.#left; at += 1) {
      const index = this.#indexes[at] as number;
      if (beside.get(index) === undefined) this.#indexes[left++] = index;
    }
    this.#left = left;
  }

  /** Asks one filter about the hosts that are left, from a place among them on, but those in `beside`, of which all is known. */
  #filter(
    { member, state }: ActiveFilter<W, H>,
    { workload, beside }: ScanQuestion<W, H>,
    tally: Tally,
    from: number,
  ): void {
    const { plugin, name } = member;
    // read once and not for each host: there are many hosts, and plugins of many shapes
    const filter = plugin.filter?.bind(plugin);
    if (filter === undefined) return;
    const indexes = this.#indexes;
    const asked = this.#left;
    const isBeside = beside.size > 0;
    const rejections = isBeside || plugin.filterAll === undefined ? undefined : this.#rejections;
    let left = from;
    let lastRejection: Rejection | undefined;
    let lastVerdict: Verdict | undefined;
    try {
      if (rejections !== undefined)
        plugin.filterAll?.(workload, indexes.subarray(from, asked), state, rejections);
      for (let at = from; at < asked; at += 1) {
        const index = indexes[at] as number;
        let rejection: Rejection | undefined;
        if (rejections !== undefined) rejection = rejections[at - from];
        else if (!isBeside || !beside.has(index))
          rejection = filter(workload, this.#cluster.at(index) as HostSlot<W, H>, state);
        if (rejection === undefined) {
          indexes[left++] = index;
          continue;
        }
        if (rejection !== lastRejection) {
          lastRejection = rejection;
          lastVerdict = this.#verdictTable.of(name, rejection);
        }
        this.#sayInstead(index, lastVerdict);
        tally.add(lastVerdict as Verdict);
      }
    } catch (error) {
      throw new PluginError(name, 'filter', error);
    }
    this.#left = left;
  }
}
