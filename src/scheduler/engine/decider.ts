import type { ApiObject } from '../../core/index.js';
import type { Cluster, HostSlot, PlacedWorkload } from '../cluster/index.js';
import { SKIP, type Verdict } from '../framework/index.js';
import { type Choice, nowhere } from './choice.js';
import type { Column } from './column.js';
import { EqualWorkloads } from './equal-workloads.js';
import { type ActiveFilter, keptFor, prepareFilter, rejectionBesideOthers, rejectionOf } from './filters.js';
import type { Member, Profile } from './profile.js';
import { type Beside, Scan } from './scan.js';
import { normalize, prepareScore, rawScore, rawScores } from './scores.js';
import { Tally } from './tally.js';
import { draw } from './tie.js';
import type { VerdictTable } from './verdict-table.js';
import { WorkloadClass } from './workload-class.js';

/** A score that has something to say about a workload. */
interface ActiveScore<W extends ApiObject, H extends ApiObject> {
  readonly member: Member<W, H>;
  readonly state: unknown;
}

/** The only hosts in question, and what is to be said of all others. */
export interface Narrowed {
  readonly hosts: ReadonlySet<string>;
  readonly others: Verdict;
}

/** What the filters make of a workload before any host is looked at. */
interface Outlook<W extends ApiObject, H extends ApiObject> {
  /** The filters that look further than one host. */
  readonly filters: readonly ActiveFilter<W, H>[];
  readonly rejection?: Verdict | undefined;
  readonly narrowed?: Narrowed | undefined;
  /** The plugins that named them, where that is a reason why no host will do. */
  readonly narrowedBy?: readonly string[] | undefined;
}

const NO_COUNTS: ReadonlyMap<Verdict, number> = /* @__PURE__ */ new Map<Verdict, number>();
const NOBODY: Beside = /* @__PURE__ */ new Map<number, Verdict | undefined>();

/**
 * Decides for the best host, exactly as if every plugin were asked about every host.
 *
 * What plugins that look at one host at a time have said is remembered in columns, and put together by class of workloads. Where they alone
 * have something to say, a decision costs as much as has changed since the last one of that class. The others are asked about each
 * host that is left.
 */
export class Decider<W extends ApiObject, H extends ApiObject> {
  readonly #profile: Profile<W, H>;
  readonly #cluster: Cluster<W, H>;
  readonly #verdicts: VerdictTable;
  readonly #seed: number;
  // those that look further and score
  readonly #distantScorers: readonly Member<W, H>[];
  readonly #equals: EqualWorkloads<W, H>;
  readonly #scan: Scan<W, H>;
  // for each of #distantScorers: the scores of one decision, written over by the next
  readonly #scoresOf: readonly number[][];
  /** How many decisions were made: draws among equals go by it. */
  sequence = 0;

  constructor(profile: Profile<W, H>, cluster: Cluster<W, H>, verdicts: VerdictTable, seed: number) {
    this.#profile = profile;
    this.#cluster = cluster;
    this.#verdicts = verdicts;
    this.#seed = seed;
    const takesPart = ({ plugin }: Member<W, H>): boolean =>
      plugin.filter !== undefined || plugin.preFilter !== undefined || plugin.score !== undefined;
    const local = profile.members.filter((member) => member.isLocal && takesPart(member));
    this.#equals = new EqualWorkloads(local, cluster, verdicts);
    this.#distantScorers = profile.scorers.filter(({ isLocal }) => !isLocal);
    this.#scan = new Scan(profile, cluster, verdicts);
    this.#scoresOf = this.#distantScorers.map(() => []);
  }

  /** @param among - The only hosts in question; all of them unless given. @throws PluginError; nothing has changed then. */
  decide(workload: PlacedWorkload<W, H>, among?: Narrowed): Choice<W, H> {
    const { size } = this.#cluster;
    if (size === 0) return nowhere({ evaluated: 0, counts: NO_COUNTS, verdictOf: () => undefined });
    const equals = this.#equals.of(workload);
    const { columns } = equals;
    const { filters, rejection, narrowed, narrowedBy } = this.#outlook(workload, columns, among);
    if (rejection !== undefined) {
      const counts = new Map([[rejection, size]]);
      return nowhere({ evaluated: 0, counts, rejection, narrowedBy, verdictOf: () => rejection });
    }
    if (narrowed !== undefined) {
      return { ...this.#decideAmong(workload, columns, filters, narrowed), narrowedBy };
    }

    const cls = (equals.cls ??= new WorkloadClass(this.#cluster, columns));
    cls.catchUp();
    const beside = this.#besideOthers(workload, columns, filters);
    if (filters.length > 0 || beside.size > 0) return this.#decideByScan(workload, cls, filters, beside);
    if (cls.feasible === 0) {
      return nowhere({ evaluated: size, counts: cls.counts, verdictOf: ({ index }) => cls.verdict(index) });
    }
    const scan = (): HostSlot<W, H>[] => {
      this.#scan.run(workload, cls, [], NOBODY);
      return this.#scan.hosts();
    };
    const scores = this.#prepareScores(workload, scan);
    return scores.length === 0
      ? this.#decideByClass(cls)
      : this.#decideByScan(workload, cls, filters, beside, scores);
  }

  /** Only plugins that look at one host at a time have something to say. */
  #decideByClass(cls: WorkloadClass<W, H>): Choice<W, H> {
    const { tree } = cls;
    const index = tree.pick(draw(this.#seed, this.sequence++, tree.equals));
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

  /** @param prepared - The scores that look further, where they were made ready for these hosts before. */
  #decideByScan(
    workload: PlacedWorkload<W, H>,
    cls: WorkloadClass<W, H>,
    filters: readonly ActiveFilter<W, H>[],
    beside: Beside,
    prepared?: readonly ActiveScore<W, H>[],
  ): Choice<W, H> {
    const scan = this.#scan;
    const counts = scan.run(workload, cls, filters, beside);
    const evaluated = this.#cluster.size;
    const verdictOf = ({ index }: HostSlot<W, H>): Verdict | undefined => scan.verdict(index);
    if (scan.left === 0) return nowhere({ evaluated, counts, verdictOf });
    const totals = scan.totals(cls);
    const hosts = scan.hosts();
    const active = prepared ?? this.#prepareScores(workload, () => hosts);
    const distant = active.map(({ member, state }, at) => {
      const scores = rawScores(member, workload, hosts, state, this.#scoresOf[at]);
      normalize(member, scores, workload, hosts, state);
      addTo(totals, scores, member.weight);
      return { name: member.name, scores };
    });
    const chosen = this.#drawBest(totals);
    const host = hosts[chosen] as HostSlot<W, H>;
    return {
      host,
      feasible: hosts.length,
      evaluated,
      counts,
      verdictOf,
      plugins: [...cls.scorers, ...distant.map(({ name }) => name)],
      scores: [
        ...cls.scoresAmong(host, scan.indexes, scan.left),
        ...distant.map(({ scores }) => scores[chosen] as number),
      ],
      total: totals[chosen] as number,
    };
  }

  /** Some plugin has named the only hosts in question: so few that nothing is worth remembering of them as a class. */
  #decideAmong(
    workload: PlacedWorkload<W, H>,
    columns: readonly Column<W, H>[],
    filters: readonly ActiveFilter<W, H>[],
    narrowed: Narrowed,
  ): Choice<W, H> {
    const { size } = this.#cluster;
    const tally = new Tally();
    const verdicts = new Map<string, Verdict>();
    const asked = this.#named(narrowed.hosts);
    const beside = this.#besideOthers(workload, columns, filters);
    for (const column of columns) column.catchUp();
    const inOrder = [
      ...columns.map((column) => ({
        order: column.member.order,
        ask: (host: HostSlot<W, H>) => column.verdict(host),
      })),
      ...filters.map((filter) => ({
        order: filter.member.order,
        ask: (host: HostSlot<W, H>) => rejectionOf(filter, workload, host, this.#verdicts),
      })),
    ].sort((a, b) => a.order - b.order);
    const hosts = asked.filter((host) => {
      let verdict = beside.get(host.index);
      if (!beside.has(host.index)) {
        for (const { ask } of inOrder) if ((verdict = ask(host)) !== undefined) break;
      }
      if (verdict === undefined) return true;
      verdicts.set(host.name, verdict);
      tally.add(verdict);
      return false;
    });
    const counts = new Map(tally.finish());
    if (size > asked.length) counts.set(narrowed.others, size - asked.length);
    const verdictOf = ({ name }: HostSlot<W, H>): Verdict | undefined =>
      narrowed.hosts.has(name) ? verdicts.get(name) : narrowed.others;
    if (hosts.length === 0) return nowhere({ evaluated: asked.length, counts, verdictOf });
    const totals = new Float64Array(hosts.length);
    const given = this.#scorersFor(workload, columns, hosts).map(({ member, raw, state }) => {
      const scores = hosts.map(raw);
      normalize(member, scores, workload, hosts, state);
      addTo(totals, scores, member.weight);
      return { name: member.name, scores };
    });
    const chosen = this.#drawBest(totals);
    return {
      host: hosts[chosen],
      feasible: hosts.length,
      evaluated: asked.length,
      counts,
      verdictOf,
      plugins: given.map(({ name }) => name),
      scores: given.map(({ scores }) => scores[chosen] as number),
      total: totals[chosen] as number,
    };
  }

  #scorersFor(
    workload: PlacedWorkload<W, H>,
    columns: readonly Column<W, H>[],
    hosts: readonly HostSlot<W, H>[],
  ): readonly { member: Member<W, H>; state: unknown; raw: (host: HostSlot<W, H>) => number }[] {
    const local = columns
      .filter(({ scores }) => scores)
      .map((column) => ({
        member: column.member,
        state: undefined,
        raw: (host: HostSlot<W, H>) => column.raw(host),
      }));
    const distant = this.#prepareScores(workload, () => hosts).map(({ member, state }) => ({
      member,
      state,
      raw: (host: HostSlot<W, H>) => rawScore(member, workload, host, state),
    }));
    return [...local, ...distant];
  }

  #named(names: ReadonlySet<string>): HostSlot<W, H>[] {
    const hosts: HostSlot<W, H>[] = [];
    for (const name of names) {
      const host = this.#cluster.host(name);
      if (host !== undefined) hosts.push(host);
    }
    return hosts.sort((a, b) => a.index - b.index);
  }

  /** The place of one of the highest totals. */
  #drawBest(totals: Float64Array): number {
    let highest = Number.NEGATIVE_INFINITY;
    let equals = 0;
    for (let at = 0; at < totals.length; at += 1) {
      const total = totals[at] as number;
      if (total > highest) {
        highest = total;
        equals = 1;
      } else if (total === highest) equals += 1;
    }
    let left = draw(this.#seed, this.sequence++, equals);
    for (let at = totals.indexOf(highest); ; at = totals.indexOf(highest, at + 1)) {
      if (left === 0) return at;
      left -= 1;
    }
  }

  /** Runs what is left of `preFilter`, in the order of the plugins. */
  #outlook(
    workload: PlacedWorkload<W, H>,
    columns: readonly Column<W, H>[],
    among: Narrowed | undefined,
  ): Outlook<W, H> {
    const filters: ActiveFilter<W, H>[] = [];
    const narrowing: string[] = [];
    let hosts: ReadonlySet<string> | undefined;
    let next = 0;
    const narrow = (name: string, named: ReadonlySet<string> | undefined): void => {
      if (named === undefined) return;
      narrowing.push(name);
      const before = hosts;
      hosts = before === undefined ? named : new Set([...named].filter((host) => before.has(host)));
    };
    for (const member of this.#profile.members) {
      const { name, plugin } = member;
      if (columns[next]?.member === member) {
        const column = columns[next] as Column<W, H>;
        next += 1;
        if (column.rejection !== undefined) return { filters: [], rejection: column.rejection };
        narrow(name, column.hosts);
        continue;
      }
      if (plugin.filter === undefined && plugin.preFilter === undefined) continue;
      const plan = prepareFilter(member, workload, this.#cluster);
      if (plan === SKIP) continue;
      if ('code' in plan) return { filters: [], rejection: this.#verdicts.of(name, plan) };
      narrow(name, plan.hosts);
      if (plugin.filter !== undefined) filters.push({ member, state: plan.state });
    }
    if (hosts === undefined) return { filters, narrowed: among };
    const narrowedBy = narrowing;
    if (hosts.size === 0)
      return { filters: [], narrowedBy, rejection: this.#verdicts.nothingLeft(narrowing) };
    const others = this.#verdicts.leftOut(narrowing);
    if (among !== undefined) hosts = new Set([...hosts].filter((host) => among.hosts.has(host)));
    return { filters, narrowedBy, narrowed: { hosts, others } };
  }

  /** The scores that look further than one host and have something to say. */
  #prepareScores(
    workload: PlacedWorkload<W, H>,
    hosts: () => readonly HostSlot<W, H>[],
  ): readonly ActiveScore<W, H>[] {
    const scores: ActiveScore<W, H>[] = [];
    for (const member of this.#distantScorers) {
      const plan = prepareScore(member, workload, this.#cluster, hosts);
      if (plan !== SKIP) scores.push({ member, state: plan.state });
    }
    return scores;
  }

  /** The verdicts of the hosts on which room is kept for others. */
  #besideOthers(
    workload: PlacedWorkload<W, H>,
    columns: readonly Column<W, H>[],
    filters: readonly ActiveFilter<W, H>[],
  ): Beside {
    const hosts = this.#cluster.nominatedHosts();
    if (hosts.length === 0) return NOBODY;
    const members = [...columns.filter((column) => column.filters), ...filters]
      .map(({ member }) => member)
      .sort((a, b) => a.order - b.order);
    let beside: Map<number, Verdict | undefined> | undefined;
    for (const name of hosts) {
      const host = this.#cluster.host(name);
      if (host === undefined || keptFor(this.#cluster, workload, host).length === 0) continue;
      beside ??= new Map();
      beside.set(host.index, rejectionBesideOthers(members, this.#cluster, workload, host, this.#verdicts));
    }
    return beside ?? NOBODY;
  }
}

function addTo(totals: Float64Array, scores: readonly number[], weight: number): void {
  for (let at = 0; at < scores.length; at += 1) {
    totals[at] = (totals[at] as number) + weight * (scores[at] as number);
  }
}
