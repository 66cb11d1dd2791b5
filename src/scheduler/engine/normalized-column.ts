import type { ApiObject } from '../../core/index.js';
import type { HostSlot } from '../cluster/index.js';
import type { Column } from './column.js';
import type { Member } from './profile.js';
import { byHighest } from './scores.js';

/** The scores of a plugin that are measured by the highest one among the hosts in question. */
export class NormalizedColumn<W extends ApiObject, H extends ApiObject> {
  readonly member: Member<W, H>;
  readonly #column: Column<W, H>;
  readonly #weight: number;
  readonly #isReverse: boolean;
  // how many hosts in question have each score, and the highest of them; 0 without any, as no score is below it
  readonly #hosts = new Map<number, number>();
  #highest = 0;
  // the highest when it was last asked whether it has moved
  #highestBefore = 0;

  constructor(column: Column<W, H>) {
    this.member = column.member;
    this.#column = column;
    this.#weight = column.member.weight;
    this.#isReverse = column.member.plugin.normalize === 'reverse';
  }

  /** Whether the highest score is another than it was when this was last asked: all shares are others then. */
  hasMoved(): boolean {
    const before = this.#highestBefore;
    this.#highestBefore = this.#highest;
    return before !== this.#highest;
  }

  raw(host: HostSlot<W, H>): number {
    return this.#column.raw(host);
  }

  /** A host is in question. */
  add(score: number): void {
    this.#hosts.set(score, (this.#hosts.get(score) ?? 0) + 1);
    if (score > this.#highest) this.#highest = score;
  }

  /** A host of that score is in question no more. */
  remove(score: number): void {
    const left = (this.#hosts.get(score) as number) - 1;
    if (left > 0) {
      this.#hosts.set(score, left);
      return;
    }
    this.#hosts.delete(score);
    if (score < this.#highest) return;
    this.#highest = 0;
    for (const other of this.#hosts.keys()) if (other > this.#highest) this.#highest = other;
  }

  /** What a score adds to the total of a host. */
  share(score: number): number {
    return this.#weight * this.normalized(score);
  }

  normalized(score: number): number {
    return byHighest(score, this.#highest, this.#isReverse);
  }

  /** What each host in question adds to its total, whichever of them are left; undefined where they are not all alike. */
  get commonShare(): number | undefined {
    return this.#hosts.size > 1 ? undefined : this.share(this.#highest);
  }

  /** Adds to the totals of the hosts with these indexes, of which `scores` has the scores, as if no others were in question. */
  addAmong(scores: Float64Array, indexes: Int32Array, hosts: number, totals: Float64Array): void {
    const highest = highestAmong(scores, indexes, hosts);
    for (let at = 0; at < hosts; at += 1) {
      const score = scores[indexes[at] as number] as number;
      totals[at] = (totals[at] as number) + this.#weight * byHighest(score, highest, this.#isReverse);
    }
  }

  /** The score of a host as if no others were in question than those with these indexes. */
  normalizedAmong(index: number, scores: Float64Array, indexes: Int32Array, hosts: number): number {
    if (this.#hosts.size <= 1) return this.normalized(scores[index] as number);
    return byHighest(scores[index] as number, highestAmong(scores, indexes, hosts), this.#isReverse);
  }
}

function highestAmong(scores: Float64Array, indexes: Int32Array, hosts: number): number {
  let highest = 0;
  for (let at = 0; at < hosts; at += 1) {
    const score = scores[indexes[at] as number] as number;
    if (score > highest) highest = score;
  }
  return highest;
}
