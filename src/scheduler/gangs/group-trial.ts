import type { ApiObject } from '../../core/index.js';
import type { Cluster, PlacedWorkload } from '../cluster/index.js';
import type { Choice } from '../engine/choice.js';
import type { Decision } from '../engine/decision.js';
import type { Narrowed } from '../engine/decider.js';
import type { ProfileEngine } from '../engine/profile-engine.js';
import { allBut, onlyHost } from './domain.js';

const NOBODY: ReadonlySet<string> = /* @__PURE__ */ new Set<string>();

/** Places members of a group one by one, each beside those before it: in a fork, which somebody else takes back. */
export class GroupTrial<W extends ApiObject, H extends ApiObject> {
  readonly #cluster: Cluster<W, H>;
  readonly #profile: ProfileEngine<W, H>;
  readonly #among: Narrowed | undefined;
  // the keys of the members that were placed before
  readonly #placed: ReadonlySet<string>;
  // each member is in one of these, or was not tried
  readonly #hosts = new Map<PlacedWorkload<W, H>, string>();
  readonly #refusals = new Map<PlacedWorkload<W, H>, Decision>();
  // those that were pushed off their hosts, in that order, and which hosts these were
  readonly #victims = new Map<PlacedWorkload<W, H>, string>();
  #total = 0;

  /** @param among - The only hosts in question; all of them unless given. @param placed - The keys of members that were placed before. */
  constructor(
    cluster: Cluster<W, H>,
    profile: ProfileEngine<W, H>,
    among: Narrowed | undefined,
    placed: ReadonlySet<string> = NOBODY,
  ) {
    this.#cluster = cluster;
    this.#profile = profile;
    this.#among = among;
    this.#placed = placed;
  }

  /** Where members were placed, in that order. */
  get hosts(): ReadonlyMap<PlacedWorkload<W, H>, string> {
    return this.#hosts;
  }

  /** Those that fit nowhere, and why. */
  get refusals(): ReadonlyMap<PlacedWorkload<W, H>, Decision> {
    return this.#refusals;
  }

  /** Those that have to go, the most important first. */
  get victims(): readonly PlacedWorkload<W, H>[] {
    return [...this.#victims.keys()].sort((a, b) => b.priority - a.priority);
  }

  /** The sum of the totals of the hosts that were chosen. */
  get total(): number {
    return this.#total;
  }

  /** Places each member that fits. Stops, and answers false, as soon as not so many of them as `least` can be placed any more. */
  placeFitting(members: readonly PlacedWorkload<W, H>[], least: number): boolean {
    for (const member of members) {
      const choice = this.#profile.decide(member, this.#among);
      if (choice.host !== undefined) this.#place(member, choice);
      else
        this.#refusals.set(
          member,
          this.#profile.decisionOf(member, choice, () => true),
        );
      if (members.length - this.#refusals.size < least) return false;
    }
    return true;
  }

  /** Makes room for those that fit nowhere, in their order, until so many as `least` are placed; answers whether they are. */
  makeRoom(least: number): boolean {
    let untried = this.#refusals.size;
    for (const member of this.#refusals.keys()) {
      if (this.#hosts.size >= least) return true;
      if (this.#hosts.size + untried < least) return false;
      untried -= 1;
      this.#makeRoomFor(member);
    }
    return this.#hosts.size >= least;
  }

  /** Lets victims stay after all, the most important first, beside whom every member still fits where it is. */
  reprieve(): void {
    for (const victim of this.victims) {
      const host = this.#victims.get(victim) as string;
      this.#cluster.place(victim, host);
      if (this.#allFit(host)) this.#victims.delete(victim);
      else this.#cluster.forget(victim);
    }
  }

  #makeRoomFor(member: PlacedWorkload<W, H>): void {
    let among = this.#among;
    let choice = this.#profile.decide(member, among);
    while (choice.host === undefined) {
      const answer = this.#profile.makeRoomFor(member, choice);
      if (answer === undefined || !('host' in answer)) return;
      if (among?.hosts.has(answer.host) === false) return;
      const victims = answer.victims.map(({ key }) => this.#occupant(key));
      // members do not push each other off
      const stays = victims.some((victim) => this.#hosts.has(victim) || this.#placed.has(victim.key));
      if (stays) {
        among = allBut(answer.host, among, this.#cluster);
      } else {
        for (const victim of victims) {
          this.#victims.set(victim, victim.hostName as string);
          this.#cluster.forget(victim);
        }
        among = onlyHost(answer.host, this.#cluster);
      }
      choice = this.#profile.decide(member, among);
      if (choice.host === undefined && !stays) return;
    }
    this.#refusals.delete(member);
    this.#place(member, choice);
  }

  #place(member: PlacedWorkload<W, H>, { host, total }: Choice<W, H>): void {
    const name = (host as NonNullable<typeof host>).name;
    this.#cluster.place(member, name);
    this.#hosts.set(member, name);
    this.#total += total;
  }

  /** Whether every member fits where it is: those on one host are asked first, as it has just changed. */
  #allFit(host: string): boolean {
    const fits = (member: PlacedWorkload<W, H>, where: string): boolean =>
      this.#profile.decide(member, onlyHost(where, this.#cluster)).host !== undefined;
    for (const [member, where] of this.#hosts) if (where === host && !fits(member, where)) return false;
    for (const [member, where] of this.#hosts) if (where !== host && !fits(member, where)) return false;
    return true;
  }

  #occupant(key: string): PlacedWorkload<W, H> {
    const occupant = this.#cluster.workload(key);
    if (occupant === undefined) {
      throw new TypeError(
        `Expected plugins to make room by removing what is placed, and ${key} is not placed`,
      );
    }
    return occupant;
  }
}
