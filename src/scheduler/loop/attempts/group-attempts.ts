import type { Client } from '../../../client/index.js';
import type { ApiObject, Clock } from '../../../core/index.js';
import type { Cluster, PlacedWorkload } from '../../cluster/index.js';
import type { ProfileEngine } from '../../engine/profile-engine.js';
import type { Verdict } from '../../framework/index.js';
import {
  GANG_SCHEDULING,
  type Gang,
  type GangBook,
  GroupAhead,
  type GroupDecision,
  type GroupWish,
  placeGroup,
} from '../../gangs/index.js';
import type { SchedulingQueue } from '../../queue/index.js';
import { everyFilter, type Objections } from './attempt-end.js';
import { becauseOf, type GroupBindings, type Place } from '../bindings/group-bindings.js';
import type { KeptRoom } from '../kept-room.js';
import type { News } from '../news.js';
import type { Outcomes } from './outcomes.js';
import type { Profiles, WorkingProfile } from '../profiles.js';
import { permit, reserve } from '../bindings/reservation.js';
import type { SchedulerMetrics } from '../scheduler-metrics.js';
import type { Try } from './try.js';

/** What {@link GroupAttempts} work with. */
export interface GroupAttemptsParts<W extends ApiObject, H extends ApiObject> {
  readonly clock: Clock;
  readonly cluster: Cluster<W, H>;
  readonly queue: SchedulingQueue<W, H>;
  readonly profiles: Profiles<W, H>;
  readonly book: GangBook<W>;
  readonly together: GroupBindings<W, H>;
  readonly kept: KeptRoom<W, H>;
  readonly outcomes: Outcomes<W, H>;
  readonly news: News<W, H>;
  readonly metrics: SchedulerMetrics;
}

/** Only the plugin of groups said no. */
const TOO_FEW: Objections = /* @__PURE__ */ Object.freeze({
  rejectedBy: /* @__PURE__ */ new Set([GANG_SCHEDULING]),
  pendingPlugins: /* @__PURE__ */ new Set<string>(),
});

/**
 * Places the members of groups: enough of them for the group, or none.
 *
 * Whoever of a group has its turn is tried with all others that can be. Once enough members are placed, each further one is tried for itself.
 * None is bound before all that are placed may be.
 */
export class GroupAttempts<W extends ApiObject, H extends ApiObject> {
  readonly #parts: GroupAttemptsParts<W, H>;
  readonly #ahead: GroupAhead<W, H>;

  constructor(parts: GroupAttemptsParts<W, H>) {
    this.#parts = parts;
    this.#ahead = new GroupAhead(parts.cluster);
  }

  /**
   * Does in pieces what the decision about the group of a workload would do at once, and answers whether nothing of it is left: else it is to be
   * asked again once other work has had its turn, and goes on. It changes no decision: only how long one takes.
   *
   * @param isTime - Asked before each piece whether to stop before it.
   */
  prepare(first: PlacedWorkload<W, H>, profile: WorkingProfile<W, H>, isTime: () => boolean): boolean {
    const { book, queue } = this.#parts;
    const key = book.groupOf(first);
    const gang = key === undefined ? undefined : book.gang(key);
    if (gang === undefined || !book.ready(gang.key)) return true;
    const missing = book.missing(gang.key);
    const others = missing > 1 ? queue.takeable(this.#othersOf(first, profile, gang.key)) : [];
    if (others.length < missing - 1) return true;
    const members = [first, ...others.map((other) => this.#parts.profiles.describe(other))];
    try {
      return this.#ahead.prepare(this.#wishOf(gang, profile, members, missing), isTime);
    } catch {
      // a plugin says it again when the group is tried, which ends the attempts
      return true;
    }
  }

  /** Decides about the group of a workload, and has it bound; answers false where it has none. */
  make(client: Client, first: Try<W, H>): boolean {
    const key = this.#parts.book.groupOf(first.workload);
    if (key === undefined) return false;
    this.#make(client, first, key);
    return true;
  }

  #make(client: Client, first: Try<W, H>, key: string): void {
    const { book, outcomes } = this.#parts;
    const gang = book.gang(key);
    const missing = book.missing(key);
    if (gang === undefined || !book.ready(key)) {
      outcomes.unschedulable(first, TOO_FEW, `the group ${key} is not complete any more`);
      return;
    }
    const others = missing > 1 ? this.#others(first, key, missing - 1) : [];
    if (others === undefined) {
      const why = `the group ${key} needs ${missing} members at once, and not so many can be tried by the same rules now`;
      outcomes.unschedulable(first, TOO_FEW, why);
      return;
    }
    this.#try(client, gang, [first, ...others], missing);
  }

  /** The other members that can be tried; undefined where they are fewer than so many, and then they are left where they are. */
  #others(first: Try<W, H>, group: string, least: number): readonly Try<W, H>[] | undefined {
    const { queue, profiles } = this.#parts;
    const { workload, profile, start } = first;
    return queue
      .take(this.#othersOf(workload, profile, group), least)
      ?.map((attempt) => ({ attempt, workload: profiles.describe(attempt.workload), profile, start }));
  }

  /** The keys of the other members that are not placed, and are decided about by the same rules. */
  #othersOf(first: PlacedWorkload<W, H>, { name }: WorkingProfile<W, H>, group: string): readonly string[] {
    const { book, profiles, cluster } = this.#parts;
    return book
      .waiting(group)
      .filter(({ key, object }) => {
        return key !== first.key && profiles.of(object)?.name === name && cluster.workload(key) === undefined;
      })
      .map(({ key }) => key);
  }

  /** What is to be decided about members of a group. @param missing - How many it needs still. @throws PluginError */
  #wishOf(
    gang: Gang,
    { engine }: WorkingProfile<W, H>,
    members: readonly PlacedWorkload<W, H>[],
    missing: number,
  ): GroupWish<W, H> {
    const options = {
      minCount: Math.max(1, missing),
      topologyKey: gang.topologyKey,
      domain: this.#domainOf(gang),
      placed: this.#placedOf(gang),
      makeRoom: !members.some((member) => this.#isMakingRoom(member, engine)),
    };
    return { profile: engine, members, options };
  }

  #try(client: Client, gang: Gang, tries: readonly Try<W, H>[], missing: number): void {
    const { cluster, outcomes, metrics, clock, news, kept } = this.#parts;
    const [{ profile, start }] = tries as readonly [Try<W, H>, ...Try<W, H>[]];
    let decision: GroupDecision<W>;
    let isGoing: boolean;
    news.hold();
    try {
      const members = tries.map(({ workload }) => workload);
      const wish = this.#wishOf(gang, profile, members, missing);
      isGoing = wish.options.makeRoom !== true;
      decision = placeGroup(cluster, wish, this.#ahead);
    } catch (error) {
      news.release(true);
      for (const tried of tries) outcomes.error(tried, error);
      return;
    }
    metrics.decided((clock.monotonic() - start) / 1_000);
    if (decision.placed.size > 0) {
      this.#assume(client, gang, tries, decision);
    } else {
      news.release();
      // the room is kept for which somebody is going
      if (!isGoing) for (const { workload } of tries) kept.giveUp(workload.key);
      this.#unschedulable(gang, tries, decision);
    }
  }

  /** Whether somebody is on his way off the host where room is kept for a member. @throws PluginError */
  #isMakingRoom(workload: PlacedWorkload<W, H>, engine: ProfileEngine<W, H>): boolean {
    const host = this.#parts.kept.hostOf(workload.key);
    return host !== undefined && engine.isMakingRoom(workload, host);
  }

  /** Members are on their hosts from here on. */
  #assume(client: Client, gang: Gang, tries: readonly Try<W, H>[], decision: GroupDecision<W>): void {
    const { book, cluster, outcomes, news, together } = this.#parts;
    const places: Place<W, H>[] = [];
    const left: Try<W, H>[] = [];
    for (const tried of tries) {
      const host = cluster.host(decision.placed.get(tried.workload.key) ?? '');
      if (host === undefined) left.push(tried);
      else places.push({ tried, host, waits: new Map() });
    }
    for (const { tried, host } of places) book.set(tried.workload, host.name);
    const failure = this.#reserve(places);
    news.release(failure !== undefined);
    if (failure === undefined) {
      together.start(client, gang, places);
      // there is no room for them; now that they are not needed they may push others off, each for itself
      for (const tried of left) outcomes.again(tried, this.#objectionsOf(gang, tried, decision));
    } else {
      for (const { tried } of places) failure(tried);
      for (const tried of left) this.#rejected(gang, tried, decision);
    }
  }

  /** Lets plugins take what they need for all, and asks for their permission; where one says no all is taken back, and the answer ends attempts. */
  #reserve(places: readonly Place<W, H>[]): ((tried: Try<W, H>) => void) | undefined {
    const { outcomes } = this.#parts;
    const reserved = new Set<Place<W, H>>();
    let failure: (tried: Try<W, H>) => void;
    try {
      const no = this.#firstNo(places, reserved);
      if (no === undefined) return undefined;
      const others = becauseOf(no.tried.workload.key, no.verdict);
      failure = (tried) => outcomes.rejected(tried, tried === no.tried ? no.verdict : others);
    } catch (error) {
      failure = (tried) => outcomes.error(tried, error);
    }
    for (const place of places) {
      if (reserved.has(place)) outcomes.giveBack(place.tried, place.host.name);
      else outcomes.forget(place.tried);
    }
    return failure;
  }

  /** The first no of a plugin. @param reserved - Gets those for which something may be reserved. @throws PluginError */
  #firstNo(
    places: readonly Place<W, H>[],
    reserved: Set<Place<W, H>>,
  ): { readonly tried: Try<W, H>; readonly verdict: Verdict } | undefined {
    const { cluster } = this.#parts;
    for (const place of places) {
      const { tried, host } = place;
      reserved.add(place);
      const verdict = reserve(tried.profile.members, tried.workload, host, cluster);
      if (verdict !== undefined) return { tried, verdict };
    }
    for (const { tried, host, waits } of places) {
      const verdict = permit(tried.profile.members, tried.workload, host, cluster, waits);
      if (verdict !== undefined) return { tried, verdict };
    }
    return undefined;
  }

  /** The members go nowhere; or somebody may have to go for them. */
  #unschedulable(gang: Gang, tries: readonly Try<W, H>[], decision: GroupDecision<W>): void {
    const { outcomes } = this.#parts;
    const { intended, victims } = decision;
    for (const tried of tries) {
      if (!intended.has(tried.workload.key)) this.#rejected(gang, tried, decision);
    }
    const waiting = tries.filter(({ workload }) => intended.has(workload.key));
    outcomes.keepRoom(waiting, intended);
    const ended = (failed: boolean): void => {
      for (const tried of waiting)
        outcomes.roomMade(tried, this.#objectionsOf(gang, tried, decision), failed);
    };
    // the first one has all of them evicted, as the group needs all of the room
    waiting.forEach((tried, at) => {
      const { key } = tried.workload;
      const room = {
        host: intended.get(key) as string,
        victims,
        onEnd: (failed?: { readonly error: unknown }) => ended(failed !== undefined),
      };
      const objections = this.#objectionsOf(gang, tried, decision);
      outcomes.makesRoom(tried, objections, messageOf(gang, decision, key), at === 0 ? room : undefined);
    });
  }

  #rejected(gang: Gang, tried: Try<W, H>, decision: GroupDecision<W>): void {
    const objections = this.#objectionsOf(gang, tried, decision);
    this.#parts.outcomes.unschedulable(tried, objections, messageOf(gang, decision, tried.workload.key));
  }

  #objectionsOf({ topologyKey }: Gang, { profile }: Try<W, H>, decision: GroupDecision<W>): Objections {
    const { unschedulablePlugins, pendingPlugins } = decision;
    const rejectedBy = new Set([...unschedulablePlugins].filter((name) => !pendingPlugins.has(name)));
    // hosts may change their domain
    if (topologyKey !== undefined) rejectedBy.add(GANG_SCHEDULING);
    const objections = { rejectedBy, pendingPlugins };
    return this.#parts.cluster.size === 0 ? everyFilter(profile, objections) : objections;
  }

  /** The members of a group that are placed. */
  #placedOf({ key }: Gang): ReadonlySet<string> {
    return new Set(this.#parts.book.placed(key).keys());
  }

  /** The domain in which members of a group are already. */
  #domainOf({ key, topologyKey }: Gang): string | undefined {
    if (topologyKey === undefined) return undefined;
    const { book, cluster } = this.#parts;
    for (const name of book.placed(key).values()) {
      const labels = cluster.host(name)?.labels ?? {};
      if (Object.hasOwn(labels, topologyKey)) return labels[topologyKey];
    }
    return undefined;
  }
}

/** Why a member was not placed. */
function messageOf(gang: Gang, { message = '', left }: GroupDecision<ApiObject>, key: string): string {
  const why = `group ${gang.key}: ${message}`;
  const own = left.get(key);
  return own === undefined || own === message ? why : `${why}: ${own}`;
}
