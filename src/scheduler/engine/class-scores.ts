import type { ApiObject } from '../../core/index.js';
import type { HostSlot } from '../cluster/index.js';
import type { Column } from './column.js';
import { NormalizedColumn } from './normalized-column.js';

/** What the plugins that score make of the hosts that will do for a class of workloads. */
export class ClassScores<W extends ApiObject, H extends ApiObject> {
  readonly #columns: readonly Column<W, H>[];
  // those that score, without and with normalising
  #plain: readonly Column<W, H>[] = [];
  #normalized: readonly NormalizedColumn<W, H>[] = [];
  #names: readonly string[] = [];
  // what failed when hosts were to be scored, which matters to those only who ask for scores
  #failure: { readonly error: unknown } | undefined;
  // by index: the sum of the scores that need no normalising; of hosts that will do
  #base = new Float64Array(0);
  // by index, for each of #normalized: the score that it counts the host with; of hosts that will do
  #counted: readonly Float64Array[] = [];

  constructor(columns: readonly Column<W, H>[]) {
    this.#columns = columns;
  }

  /** The names of the plugins that score. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** Whether a host could not be scored since all was forgotten. */
  get haveFailed(): boolean {
    return this.#failure !== undefined;
  }

  /** @throws PluginError where a host could not be scored. */
  expect(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Forgets all, and finds out who scores. @param room - How many indexes there is to be room for. */
  startOver(room: number): void {
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
    this.#names = [...this.#plain, ...this.#normalized].map(({ member }) => member.name);
    this.#base = new Float64Array(room);
    this.#counted = this.#normalized.map(() => new Float64Array(room));
  }

  /** A host will do. @param isScored - Whether it did before, so that its scores may be others now. */
  enter(host: HostSlot<W, H>, isScored: boolean): void {
    if (this.#failure !== undefined) return;
    try {
      this.#score(host, isScored);
    } catch (error) {
      this.#failure = { error };
    }
  }

  /** A host will do no more. */
  leave(index: number): void {
    // all is scored anew after a failure
    if (this.#failure !== undefined) return;
    for (let at = 0; at < this.#normalized.length; at += 1) {
      (this.#normalized[at] as NormalizedColumn<W, H>).remove(
        (this.#counted[at] as Float64Array)[index] as number,
      );
    }
  }

  /** Whether the highest score of some plugin has changed since this was last asked: all totals are others then. */
  haveMoved(): boolean {
    let haveMoved = false;
    for (const normalized of this.#normalized) if (normalized.hasMoved()) haveMoved = true;
    return haveMoved;
  }

  /** The total of a host that will do. */
  total(index: number): number {
    let total = this.#base[index] as number;
    for (let at = 0; at < this.#normalized.length; at += 1) {
      const normalized = this.#normalized[at] as NormalizedColumn<W, H>;
      total += normalized.share((this.#counted[at] as Float64Array)[index] as number);
    }
    return total;
  }

  /** The normalised scores of a host that will do, in the order of {@link names}. */
  of(host: HostSlot<W, H>): number[] {
    const scores: number[] = [];
    for (const column of this.#plain) scores.push(column.raw(host));
    for (const normalized of this.#normalized) scores.push(normalized.normalized(normalized.raw(host)));
    return scores;
  }

  /** The normalised scores of a host as if only the hosts with these indexes were in question, in the order of {@link names}. */
  among(host: HostSlot<W, H>, indexes: Int32Array, hosts: number): number[] {
    return [
      ...this.#plain.map((column) => column.raw(host)),
      ...this.#normalized.map((normalized, which) =>
        normalized.normalizedAmong(host.index, this.#counted[which] as Float64Array, indexes, hosts),
      ),
    ];
  }

  /** Adds up what the hosts with these indexes have in total, as if no others were in question. @throws PluginError */
  totalAmong(indexes: Int32Array, hosts: number, totals: Float64Array): void {
    this.expect();
    const base = this.#base;
    let common = 0;
    for (const normalized of this.#normalized) common += normalized.commonShare ?? 0;
    for (let at = 0; at < hosts; at += 1) totals[at] = (base[indexes[at] as number] as number) + common;
    for (let which = 0; which < this.#normalized.length; which += 1) {
      const normalized = this.#normalized[which] as NormalizedColumn<W, H>;
      if (normalized.commonShare !== undefined) continue;
      normalized.addAmong(this.#counted[which] as Float64Array, indexes, hosts, totals);
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
}
