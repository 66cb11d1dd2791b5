import type { Node, Pod } from '../../../resources/kinds/index.js';
import type {
  ClusterView,
  HostInfo,
  ResourceColumn,
  RoomNeeded,
  Verdict,
  WorkloadInfo,
} from '../../framework/index.js';
import type { Budgets } from './budgets.js';
import { type Candidate, candidateOf } from './candidate.js';
import { countAtLeast, type Occupant } from './occupants.js';
import { compareRanks, RANK_SIZE } from './rank.js';
import { Reprieve } from './reprieve.js';
import { isSameList } from './same-list.js';

/** Some of the host's occupants would have to go. */
export const FITS = 0;
/** Nobody on the host is of a lower priority. */
export const NOBODY = -1;
/** What the host is rejected for has nothing to do with who is there. */
export const STAYS = -2;
/** Counting does not tell: it has to be tried. */
export const UNSURE = -3;
/** How many resources a Pod may need to be counted: what is short is a set of bits above 0. */
const MOST_RESOURCES = 30;

const NOBODY_ELSE: readonly never[] = /* @__PURE__ */ Object.freeze([]);

/**
 * What becomes of each host if those of a lower priority go, for all Pods that need the same room and are of the same priority: counted, where
 * nothing but room decides.
 *
 * What was found out about a host is remembered, and found out again once who is there, the host, the budgets or its verdict have changed.
 */
export class RoomClass {
  readonly #priority: number;
  // the plugin whose no says that something is short, and what it looks at, a row a resource
  readonly #plugin: string;
  readonly #resources: readonly string[];
  readonly #amounts: readonly number[];
  readonly #columns: readonly ResourceColumn[];
  readonly #budgets: Budgets;
  readonly #reprieve: Reprieve;
  // by the index of the host: what was found out, of whom and which verdict (undefined where nothing was found out)
  #outcomes = new Int32Array(0);
  readonly #occupants: (readonly Occupant[] | undefined)[] = [];
  readonly #verdicts: (Verdict | undefined)[] = [];
  // by the index of the host: for whom room was kept there at that time; nothing where that was nobody
  readonly #kept = new Map<number, readonly WorkloadInfo<Pod>[]>();
  // the rank of each host that FITS, RANK_SIZE numbers each
  #ranks = new Float64Array(0);
  // the version of the budgets that all this is of
  #version = -1;
  // the verdicts on hosts where room is short even if all have gone: by the verdict before, which is of one profile, and by what is short
  readonly #short = new WeakMap<Verdict, Map<number, Verdict>>();
  // of the host that is looked at: how many resources are short, which they are, and how much of each is left, first as it is, then with
  // those gone that could go; only the first #shorts places mean something
  #shorts = 0;
  readonly #rows: number[] = [];
  readonly #left: number[] = [];
  readonly #canStay = ({ pod }: Occupant): boolean => {
    const rows = this.#rows;
    for (let at = 0; at < this.#shorts; at += 1) {
      if (this.#requestOf(pod, rows[at] as number) > (this.#left[at] as number)) return false;
    }
    for (let at = 0; at < this.#shorts; at += 1) {
      this.#left[at] = (this.#left[at] as number) - this.#requestOf(pod, rows[at] as number);
    }
    return true;
  };

  constructor(
    priority: number,
    { plugin, amounts }: RoomNeeded,
    cluster: ClusterView<Pod, Node>,
    budgets: Budgets,
  ) {
    this.#priority = priority;
    this.#plugin = plugin;
    this.#resources = [...amounts.keys()];
    this.#amounts = [...amounts.values()];
    this.#columns = this.#resources.map((name) => cluster.resource(name));
    this.#budgets = budgets;
    this.#reprieve = new Reprieve(budgets);
  }

  /** Forgets what is no longer sure, and makes room for hosts: to be called before a search. */
  catchUp(bound: number): void {
    const { version } = this.#budgets;
    if (version !== this.#version) this.#occupants.fill(undefined);
    this.#version = version;
    if (bound <= this.#outcomes.length) return;
    const room = Math.max(bound, this.#outcomes.length * 2);
    this.#outcomes = new Int32Array(room);
    this.#ranks = new Float64Array(room * RANK_SIZE);
    this.#occupants.length = 0;
  }

  /**
   * What becomes of a host: {@link FITS}, {@link NOBODY}, {@link STAYS}, {@link UNSURE}, or what is short as a set of bits.
   *
   * @param kept - Those for whom room is kept on the host.
   */
  look(
    { index }: HostInfo<Pod, Node>,
    verdict: Verdict,
    occupants: readonly Occupant[],
    kept: readonly WorkloadInfo<Pod>[],
  ): number {
    if (
      this.#occupants[index] === occupants &&
      this.#verdicts[index] === verdict &&
      isSameList(this.#kept.get(index) ?? NOBODY_ELSE, kept)
    ) {
      return this.#outcomes[index] as number;
    }
    const outcome = this.#find(index, verdict, occupants, kept);
    if (outcome === FITS) this.#reprieve.writeRank(this.#ranks, index * RANK_SIZE);
    this.#outcomes[index] = outcome;
    this.#occupants[index] = occupants;
    if (kept.length > 0) this.#kept.set(index, kept);
    else this.#kept.delete(index);
    this.#verdicts[index] = verdict;
    return outcome;
  }

  /** Takes over what was found out in another way about a candidate, until the next search. */
  enter({ host: { index }, rank }: Candidate): void {
    this.#ranks.set(rank, index * RANK_SIZE);
    this.#occupants[index] = undefined;
  }

  /** Whether a host with an index is better than another: both FIT, or were entered. */
  isBetter(a: number, b: number): boolean {
    return compareRanks(this.#ranks, a * RANK_SIZE, this.#ranks, b * RANK_SIZE) < 0;
  }

  /** A host that FITS, with those who have to go. */
  candidate(
    host: HostInfo<Pod, Node>,
    occupants: readonly Occupant[],
    kept: readonly WorkloadInfo<Pod>[],
  ): Candidate {
    this.#measure(host.index, kept);
    this.#count(occupants, countAtLeast(this.#priority, occupants));
    return candidateOf(host, this.#reprieve);
  }

  /** What is said where something is short even if all have gone; `ask` is asked where nobody has said it yet. */
  shortVerdict(before: Verdict, outcome: number, ask: () => Verdict): Verdict {
    let known = this.#short.get(before);
    if (known === undefined) this.#short.set(before, (known = new Map()));
    let verdict = known.get(outcome);
    if (verdict === undefined) known.set(outcome, (verdict = ask()));
    return verdict;
  }

  #find(
    index: number,
    verdict: Verdict,
    occupants: readonly Occupant[],
    kept: readonly WorkloadInfo<Pod>[],
  ): number {
    const from = countAtLeast(this.#priority, occupants);
    if (from === occupants.length) return NOBODY;
    if (verdict.plugin !== this.#plugin) return STAYS;
    if (this.#amounts.length > MOST_RESOURCES) return UNSURE;
    this.#measure(index, kept);
    // without that the plugin would have said yes
    return this.#shorts === 0 ? UNSURE : this.#count(occupants, from);
  }

  /** Finds out what is short on a host: what is enough now stays enough when Pods go. */
  #measure(index: number, kept: readonly WorkloadInfo<Pod>[]): void {
    this.#shorts = 0;
    for (let row = 0; row < this.#amounts.length; row += 1) {
      const { capacity, used } = this.#columns[row] as ResourceColumn;
      let left = (capacity[index] as number) - (used[index] as number) - (this.#amounts[row] as number);
      for (const pod of kept) left -= this.#requestOf(pod, row);
      if (left >= 0) continue;
      this.#left[this.#shorts] = left;
      this.#rows[this.#shorts] = row;
      this.#shorts += 1;
    }
  }

  /** Who has to go, of those from `from` on: {@link FITS}, or what is short even if all go, as a set of bits. */
  #count(occupants: readonly Occupant[], from: number): number {
    const rows = this.#rows;
    let short = 0;
    for (let at = 0; at < this.#shorts; at += 1) {
      const row = rows[at] as number;
      let left = this.#left[at] as number;
      for (let who = from; who < occupants.length; who += 1) {
        left += this.#requestOf((occupants[who] as Occupant).pod, row);
      }
      this.#left[at] = left;
      if (left < 0) short |= 1 << row;
    }
    if (short !== 0) return short;
    this.#reprieve.run(occupants, from, this.#canStay);
    return FITS;
  }

  #requestOf({ requests }: WorkloadInfo<Pod>, row: number): number {
    return requests.get(this.#resources[row] as string) ?? 0;
  }
}
