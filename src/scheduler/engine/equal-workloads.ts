import { type ApiObject, RecentMap } from '../../core/index.js';
import type { Cluster, PlacedWorkload } from '../cluster/index.js';
import { Column } from './column.js';
import type { Member } from './profile.js';
import type { VerdictTable } from './verdict-table.js';
import type { WorkloadClass } from './workload-class.js';

/** How many sorts of workloads are remembered, and how many columns of a plugin. */
const SORTS = 64;
const COLUMNS = 128;

/** Workloads that are equal in the eyes of every plugin that looks at one host at a time. */
export interface Equals<W extends ApiObject, H extends ApiObject> {
  /** What each of those plugins sees of them. */
  readonly parts: readonly string[];
  /** What each of them says of the hosts, in their order. */
  readonly columns: readonly Column<W, H>[];
  /** Made when it is first needed. */
  cls: WorkloadClass<W, H> | undefined;
}

/** Finds out which workloads are equal, and remembers what was found out about those that were asked for of late. */
export class EqualWorkloads<W extends ApiObject, H extends ApiObject> {
  readonly #members: readonly Member<W, H>[];
  readonly #cluster: Cluster<W, H>;
  readonly #verdicts: VerdictTable;
  // for each of #members, by part
  readonly #columns: readonly RecentMap<string, Column<W, H>>[];
  // by all parts; and by the facts of workloads, which equal workloads share as a rule
  readonly #sorts = new RecentMap<string, Equals<W, H>>(SORTS);
  readonly #familiar = new RecentMap<unknown, Equals<W, H>>(SORTS);

  /** @param members - The plugins that look at one host at a time, in order. */
  constructor(members: readonly Member<W, H>[], cluster: Cluster<W, H>, verdicts: VerdictTable) {
    this.#members = members;
    this.#cluster = cluster;
    this.#verdicts = verdicts;
    this.#columns = members.map(() => new RecentMap(COLUMNS));
  }

  /** The workloads that are equal to one. @throws PluginError */
  of(workload: PlacedWorkload<W, H>): Equals<W, H> {
    const { facts } = workload;
    const familiar = facts === undefined ? undefined : this.#familiar.get(facts);
    if (familiar !== undefined && this.#hasParts(workload, familiar.parts)) return familiar;
    const parts = this.#members.map((member) => partOf(member, workload));
    // parts are any texts, which must not run into each other
    const key = JSON.stringify(parts);
    let equals = this.#sorts.get(key);
    if (equals === undefined) {
      equals = { parts, columns: this.#columnsOf(workload, parts), cls: undefined };
      this.#sorts.set(key, equals);
    }
    if (facts !== undefined) this.#familiar.set(facts, equals);
    return equals;
  }

  #hasParts(workload: PlacedWorkload<W, H>, parts: readonly string[]): boolean {
    const members = this.#members;
    for (let at = 0; at < members.length; at += 1) {
      if (partOf(members[at] as Member<W, H>, workload) !== parts[at]) return false;
    }
    return true;
  }

  #columnsOf(workload: PlacedWorkload<W, H>, parts: readonly string[]): readonly Column<W, H>[] {
    return this.#members.map((member, at) => {
      const part = parts[at] as string;
      const known = this.#columns[at] as RecentMap<string, Column<W, H>>;
      let column = known.get(part);
      if (column === undefined) {
        column = new Column(member, workload, this.#cluster, this.#verdicts);
        known.set(part, column);
      }
      return column;
    });
  }
}

/** The part of a workload that a plugin looks at. */
function partOf<W extends ApiObject, H extends ApiObject>(
  { plugin }: Member<W, H>,
  workload: PlacedWorkload<W, H>,
): string {
  return plugin.reads?.part?.(workload) ?? '';
}
