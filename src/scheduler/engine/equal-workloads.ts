import { type ApiObject, RecentMap } from '../../core/index.js';
import type { Cluster, PlacedWorkload } from '../cluster/index.js';
import { Column } from './column.js';
import type { Member, Profile } from './profile.js';
import type { VerdictTable } from './verdict-table.js';
import type { WorkloadClass } from './workload-class.js';

/** How many sorts of workloads are remembered, and how many columns of a plugin. */
const SORTS = 64;
const COLUMNS = 128;

const NOT_YET = (): boolean => false;

/** The part of a plugin in what is to be said before hosts are looked at, in the order of the plugins. */
export interface Preparation<W extends ApiObject, H extends ApiObject> {
  readonly member: Member<W, H>;
  /** What it has said to it, where that is remembered; who had nothing to say to it is left out. */
  readonly column: Column<W, H> | undefined;
}

/** What is remembered of workloads that are equal in the eyes of some plugins. */
export interface Remembered<W extends ApiObject, H extends ApiObject> {
  /** What each of these plugins says of the hosts, in their order. */
  readonly columns: readonly Column<W, H>[];
  /** What there is to ask before hosts are looked at. */
  readonly preparations: readonly Preparation<W, H>[];
  /** Those of them that look at one host at a time. */
  readonly localPreparations: readonly Preparation<W, H>[];
  /** The other plugins that score, which are asked anew for each decision; in order. */
  readonly scorers: readonly Member<W, H>[];
  /** Made when it is first needed. */
  cls: WorkloadClass<W, H> | undefined;
}

/** Workloads that are equal in the eyes of every plugin that looks at one host at a time. */
interface Sort<W extends ApiObject, H extends ApiObject> {
  /** What each of those plugins sees of them. */
  readonly parts: readonly string[];
  /** What all of those plugins say; made when the second of these workloads comes, and for the first sort of all at once. */
  remembered: Remembered<W, H> | undefined;
}

/**
 * Finds out which workloads are equal, and remembers what was found out about those that were asked for of late.
 *
 * For the first of its sort, as nobody knows whether there will be others, only that is remembered and made use of which many sorts have in
 * common: what those plugins say that do not look at what is placed, and see what they have seen before. The first sort of all is remembered at
 * once, as nothing says yet that sorts are many.
 */
export class EqualWorkloads<W extends ApiObject, H extends ApiObject> {
  readonly #profile: Profile<W, H>;
  // those of them that look at one host at a time, in order
  readonly #members: readonly Member<W, H>[];
  readonly #cluster: Cluster<W, H>;
  readonly #verdicts: VerdictTable;
  // for each of #members, by part
  readonly #columns: readonly RecentMap<string, Column<W, H>>[];
  // by all parts; and by the facts of workloads, which equal workloads share as a rule: of these only such as are remembered
  readonly #sorts = new RecentMap<string, Sort<W, H>>(SORTS);
  readonly #familiar = new RecentMap<unknown, Sort<W, H> & { remembered: Remembered<W, H> }>(SORTS);
  // what sorts have in common, by those parts, and null in place of all others
  readonly #common = new RecentMap<string, Remembered<W, H>>(SORTS);
  // whether no sort was seen yet
  #isFirst = true;

  constructor(profile: Profile<W, H>, cluster: Cluster<W, H>, verdicts: VerdictTable) {
    this.#profile = profile;
    this.#members = profile.members.filter(
      ({ isLocal, plugin }) =>
        isLocal &&
        (plugin.filter !== undefined || plugin.preFilter !== undefined || plugin.score !== undefined),
    );
    this.#cluster = cluster;
    this.#verdicts = verdicts;
    this.#columns = this.#members.map(() => new RecentMap(COLUMNS));
  }

  /** What is remembered of workloads like this one, which is thereby seen. @throws PluginError */
  of(workload: PlacedWorkload<W, H>): Remembered<W, H> {
    // it is asked for at once
    return this.#find(workload, true, NOT_YET) as Remembered<W, H>;
  }

  /**
   * What {@link of} would answer; undefined where something is to be made ready for it and it is time to stop.
   *
   * The workload does not count as seen by that, be it the first of its sort. @throws PluginError
   */
  ahead(workload: PlacedWorkload<W, H>, isTime: () => boolean): Remembered<W, H> | undefined {
    return this.#find(workload, false, isTime);
  }

  #find(
    workload: PlacedWorkload<W, H>,
    isSeen: boolean,
    isTime: () => boolean,
  ): Remembered<W, H> | undefined {
    const { facts } = workload;
    const familiar = facts === undefined ? undefined : this.#familiar.get(facts);
    if (familiar !== undefined && this.#hasParts(workload, familiar.parts)) return familiar.remembered;
    const parts = this.#members.map((member) => partOf(member, workload));
    // parts are any texts, which must not run into each other
    const key = JSON.stringify(parts);
    let sort = this.#sorts.get(key);
    if (sort === undefined) {
      sort = { parts, remembered: undefined };
      if (isSeen || this.#isFirst) this.#sorts.set(key, sort);
      if (!this.#isFirst) return this.#commonOf(workload, parts, isSeen);
      this.#isFirst = false;
    }
    if (sort.remembered === undefined) {
      const columns: Column<W, H>[] = [];
      for (const [at, part] of parts.entries()) {
        if (isTime()) return undefined;
        columns.push(this.#columnOf(workload, at, part));
      }
      sort.remembered = this.#remember(columns);
    }
    const { remembered } = sort;
    if (facts !== undefined) this.#familiar.set(facts, { parts, remembered });
    return remembered;
  }

  #hasParts(workload: PlacedWorkload<W, H>, parts: readonly string[]): boolean {
    const members = this.#members;
    for (let at = 0; at < members.length; at += 1) {
      if (partOf(members[at] as Member<W, H>, workload) !== parts[at]) return false;
    }
    return true;
  }

  /** What the first of a sort has in common with others. @param isSeen - Whether parts that are new are known from now on. */
  #commonOf(workload: PlacedWorkload<W, H>, parts: readonly string[], isSeen: boolean): Remembered<W, H> {
    const columns = parts.map((part, at) => {
      if (this.#members[at]?.plugin.reads?.placed !== false) return undefined;
      const column = this.#columns[at]?.get(part);
      // it says nothing before it is asked, which is when the same part comes again
      if (column === undefined && isSeen) this.#columnOf(workload, at, part);
      return column;
    });
    const key = JSON.stringify(parts.map((part, at) => (columns[at] === undefined ? null : part)));
    let common = this.#common.get(key);
    if (common === undefined) {
      common = this.#remember(columns.filter((column) => column !== undefined));
      this.#common.set(key, common);
    }
    return common;
  }

  #remember(columns: readonly Column<W, H>[]): Remembered<W, H> {
    const known = new Map(columns.map((column) => [column.member, column]));
    const scorers = this.#profile.scorers.filter((member) => !known.has(member));
    const preparations: Preparation<W, H>[] = [];
    for (const member of this.#profile.members) {
      const column = known.get(member);
      const isAsked =
        column === undefined
          ? this.#profile.filters.includes(member)
          : column.rejection !== undefined || column.hosts !== undefined;
      if (isAsked) preparations.push({ member, column });
    }
    const localPreparations = preparations.filter(({ member }) => member.isLocal);
    return { columns, preparations, localPreparations, scorers, cls: undefined };
  }

  #columnOf(workload: PlacedWorkload<W, H>, at: number, part: string): Column<W, H> {
    const known = this.#columns[at] as RecentMap<string, Column<W, H>>;
    let column = known.get(part);
    if (column === undefined) {
      column = new Column(this.#members[at] as Member<W, H>, workload, this.#cluster, this.#verdicts);
      known.set(part, column);
    }
    return column;
  }
}

/** The part of a workload that a plugin looks at. */
function partOf<W extends ApiObject, H extends ApiObject>(
  { plugin }: Member<W, H>,
  workload: PlacedWorkload<W, H>,
): string {
  return plugin.reads?.part?.(workload) ?? '';
}
