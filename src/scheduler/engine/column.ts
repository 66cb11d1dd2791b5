import type { ApiObject } from '../../core/index.js';
import { type Cluster, HOST_CHANGED, type HostSlot, type PlacedWorkload } from '../cluster/index.js';
import { SKIP, type Verdict } from '../framework/index.js';
import { prepareFilter, rejectionOf } from './filters.js';
import type { Member } from './profile.js';
import { prepareScore, rawScore } from './scores.js';
import { VerdictColumn } from './verdict-column.js';
import type { VerdictTable } from './verdict-table.js';

/**
 * What one plugin says of every host about all workloads that are equal in its eyes: asked once for each host, and again only
 * after the host has changed.
 */
export class Column<W extends ApiObject, H extends ApiObject> {
  readonly member: Member<W, H>;
  /** The no to all hosts at once. */
  readonly rejection: Verdict | undefined;
  /** The only hosts in question. */
  readonly hosts: ReadonlySet<string> | undefined;
  readonly filters: boolean;
  // what the plugin says that it looks at: read here once, and not for each decision
  readonly #countsPlaced: boolean;
  readonly #isVersioned: boolean;
  /** Whether it has a score; found out when it is first asked for. */
  #scores: boolean | undefined;
  // one of those workloads, for the plugin to look at
  readonly #workload: PlacedWorkload<W, H>;
  readonly #cluster: Cluster<W, H>;
  readonly #verdicts: VerdictTable;
  readonly #filterState: unknown;
  #scoreState: unknown;
  // by index of the host: whether its verdict is known, and the verdict; and its score, NaN for one that is not known. As of #position
  #isKnown = new Uint8Array(0);
  readonly #rejections = new VerdictColumn(0);
  #raw = new Float64Array(0);
  #position: number;
  #version: number | undefined;

  /** @throws PluginError */
  constructor(
    member: Member<W, H>,
    workload: PlacedWorkload<W, H>,
    cluster: Cluster<W, H>,
    verdicts: VerdictTable,
  ) {
    this.member = member;
    this.#workload = workload;
    this.#cluster = cluster;
    this.#verdicts = verdicts;
    this.#position = cluster.log.position;
    const { reads } = member.plugin;
    this.#countsPlaced = reads?.placed !== false;
    this.#isVersioned = reads?.version !== undefined;
    this.#version = reads?.version?.(cluster);
    const plan = prepareFilter(member, workload, cluster);
    this.filters = member.plugin.filter !== undefined && plan !== SKIP && !('code' in plan);
    if (plan === SKIP) return;
    if ('code' in plan) {
      this.rejection = verdicts.of(member.name, plan);
    } else {
      this.#filterState = plan.state;
      this.hosts = plan.hosts;
    }
  }

  get scores(): boolean {
    if (this.#scores === undefined) {
      const plan =
        this.member.plugin.score === undefined
          ? SKIP
          : prepareScore(this.member, this.#workload, this.#cluster, () => []);
      this.#scores = plan !== SKIP;
      if (plan !== SKIP) this.#scoreState = plan.state;
    }
    return this.#scores;
  }

  /** Counts what changes answers beside hosts: who remembers them starts over when it changes. */
  get version(): number | undefined {
    return this.#version;
  }

  /** Forgets what is no longer sure: to be called before it is asked. @throws TypeError within a trial. */
  catchUp(): void {
    const { log } = this.#cluster;
    const version = this.#isVersioned ? this.member.plugin.reads?.version?.(this.#cluster) : undefined;
    if (version === this.#version && this.#position === log.position) return;
    if (version !== this.#version || !log.has(this.#position)) {
      this.#version = version;
      this.#isKnown.fill(0);
      this.#raw.fill(Number.NaN);
      this.#position = log.position;
      return;
    }
    for (; this.#position < log.position; this.#position += 1) {
      const entry = log.at(this.#position);
      if (!this.#countsPlaced && (entry & HOST_CHANGED) === 0) continue;
      const index = entry >> 1;
      if (index < this.#isKnown.length) this.#isKnown[index] = 0;
      if (index < this.#raw.length) this.#raw[index] = Number.NaN;
    }
  }

  /** The no to a host. @throws PluginError */
  verdict(host: HostSlot<W, H>): Verdict | undefined {
    if (!this.filters) return undefined;
    const { index } = host;
    if (this.#isKnown[index] === 1) return this.#rejections.get(index);
    if (index >= this.#isKnown.length) this.#makeRoom();
    const filter = { member: this.member, state: this.#filterState };
    const verdict = rejectionOf(filter, this.#workload, host, this.#verdicts);
    this.#rejections.set(index, verdict);
    this.#isKnown[index] = 1;
    return verdict;
  }

  /** The score of a host, before it is normalised. @throws PluginError */
  raw(host: HostSlot<W, H>): number {
    const { index } = host;
    if (index >= this.#raw.length) {
      const raw = new Float64Array(this.#cluster.room).fill(Number.NaN);
      raw.set(this.#raw);
      this.#raw = raw;
    }
    let score = this.#raw[index] as number;
    if (Number.isNaN(score)) {
      score = rawScore(this.member, this.#workload, host, this.#scoreState);
      this.#raw[index] = score;
    }
    return score;
  }

  #makeRoom(): void {
    const { room } = this.#cluster;
    const isKnown = new Uint8Array(room);
    isKnown.set(this.#isKnown);
    this.#isKnown = isKnown;
    this.#rejections.grow(room);
  }
}
