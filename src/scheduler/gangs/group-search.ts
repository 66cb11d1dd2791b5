import { type ApiObject, keyOf } from '../../core/index.js';
import type { Cluster, PlacedWorkload } from '../cluster/index.js';
import type { ProfileEngine } from '../engine/profile-engine.js';
import { type Domain, domainsOf, fillOf } from './domain.js';
import { inOrder } from './group-order.js';
import type { GroupDecision } from './group-decision.js';
import type { GroupOptions } from './group-options.js';
import { type GroupOutcome, isBetter } from './group-outcome.js';
import { GroupTrial } from './group-trial.js';

/** Hosts are looked for in one domain, or everywhere. */
type Place = Domain | undefined;

const EVERYWHERE: readonly Place[] = /* @__PURE__ */ Object.freeze([undefined]);
const NOWHERE: ReadonlyMap<string, string> = /* @__PURE__ */ new Map<string, string>();

/** What is to be found: where the members of a group go, by the rules of a profile. None of them is placed. */
export interface GroupWish<W extends ApiObject, H extends ApiObject> {
  readonly profile: ProfileEngine<W, H>;
  readonly members: readonly PlacedWorkload<W, H>[];
  readonly options: GroupOptions;
}

const NOT_YET = (): boolean => false;

/** The search for where a group goes: in one place after the other, first without anybody's going. */
export class GroupSearch<W extends ApiObject, H extends ApiObject> {
  readonly #cluster: Cluster<W, H>;
  readonly #profile: ProfileEngine<W, H>;
  readonly #options: GroupOptions;
  // in the order in which they are tried
  readonly #members: readonly PlacedWorkload<W, H>[];
  readonly #least: number;
  readonly #resources: ReadonlySet<string>;
  // of all trials: who said no; and of the first one that came to nothing: why members were left
  readonly #unschedulable = new Set<string>();
  readonly #pending = new Set<string>();
  #reasons: ReadonlyMap<string, string> | undefined;
  // the places, listed when the first of them is tried; how many were tried, without or with making room; and what was best so far
  #places: readonly Place[] | undefined;
  #tried = 0;
  #makesRoom = false;
  #best: GroupOutcome<W, H> | undefined;

  constructor(cluster: Cluster<W, H>, { profile, members, options }: GroupWish<W, H>) {
    this.#cluster = cluster;
    this.#profile = profile;
    this.#options = options;
    this.#members = inOrder(members);
    this.#least = options.minCount ?? members.length;
    this.#resources = new Set(members.flatMap(({ requests }) => [...requests.keys()]));
  }

  /**
   * Does of the search what there is time for, and answers whether all of it is done; nothing may change in between.
   *
   * @param isTime - Asked before each place whether to stop before it. @throws PluginError
   */
  goOn(isTime: () => boolean): boolean {
    for (;;) {
      const places = this.#allPlaces();
      if (this.#tried === places.length && !this.#beginAgain()) return true;
      if (isTime()) return false;
      const place = places[this.#tried];
      this.#tried += 1;
      // where nobody has to go, what places fewer members than the best is not better
      const least = this.#makesRoom ? this.#least : Math.max(this.#least, this.#best?.hosts.size ?? 0);
      const outcome = this.#try(place, least);
      if (outcome !== undefined && (this.#best === undefined || isBetter(outcome, this.#best))) {
        this.#best = outcome;
      }
    }
  }

  /** Does what is left of the search, and places the group where it was found best. @throws PluginError */
  decide(): GroupDecision<W> {
    this.goOn(NOT_YET);
    const outcome = this.#best;
    if (outcome === undefined) return this.#failure();
    const { left, victims } = outcome;
    const hosts = new Map(Array.from(outcome.hosts, ([{ key }, host]) => [key, host]));
    const found = { left, domain: outcome.domain, victims, ...this.#objectors() };
    if (victims.length > 0) {
      const message = `${victims.length} others have to go before ${hosts.size} members can be placed`;
      return { ...found, placed: NOWHERE, intended: hosts, message };
    }
    for (const [member, host] of outcome.hosts) this.#cluster.place(member, host);
    this.#profile.sequence = outcome.sequence;
    return { ...found, placed: hosts, intended: NOWHERE };
  }

  #allPlaces(): readonly Place[] {
    const { topologyKey, domain } = this.#options;
    this.#places ??= topologyKey === undefined ? EVERYWHERE : domainsOf(this.#cluster, topologyKey, domain);
    return this.#places;
  }

  /** Where no place will do, all are tried once more, as others may go: answers whether there is anything to try. */
  #beginAgain(): boolean {
    const { makeRoom = false } = this.#options;
    if (this.#makesRoom || !makeRoom || this.#best !== undefined) return false;
    this.#makesRoom = true;
    this.#tried = 0;
    return this.#allPlaces().length > 0;
  }

  /** Tries the group in one place, and takes everything back. */
  #try(place: Place, least: number): GroupOutcome<W, H> | undefined {
    const cluster = this.#cluster;
    const makesRoom = this.#makesRoom;
    const { sequence } = this.#profile;
    const trial = new GroupTrial(cluster, this.#profile, place, this.#options.placed);
    cluster.fork();
    try {
      // room that is kept for members is there for all of them
      for (const { object } of this.#members) cluster.unset(cluster.model.workload, keyOf(object));
      const fits = trial.placeFitting(this.#members, makesRoom ? 0 : least);
      const isPlaced = makesRoom ? trial.makeRoom(least) : fits;
      this.#note(trial, place?.name);
      if (!isPlaced) return undefined;
      if (makesRoom) trial.reprieve();
      return {
        domain: place?.name,
        hosts: trial.hosts,
        left: reasonsOf(trial),
        victims: trial.victims,
        total: trial.total,
        fill: place === undefined ? 0 : fillOf(cluster, place, this.#resources),
        sequence: this.#profile.sequence,
      };
    } finally {
      cluster.rollback();
      this.#profile.sequence = sequence;
    }
  }

  #note(trial: GroupTrial<W, H>, domain: string | undefined): void {
    this.#reasons ??= reasonsOf(
      trial,
      domain === undefined ? '' : `${this.#options.topologyKey}=${domain}: `,
    );
    for (const decision of trial.refusals.values()) {
      for (const plugin of decision.unschedulablePlugins) this.#unschedulable.add(plugin);
      for (const plugin of decision.pendingPlugins) this.#pending.add(plugin);
    }
  }

  #failure(): GroupDecision<W> {
    const message = this.#whyNot();
    const reasons = this.#reasons ?? NOWHERE;
    const left = new Map(this.#members.map(({ key }) => [key, reasons.get(key) ?? message]));
    return { placed: NOWHERE, intended: NOWHERE, left, victims: [], message, ...this.#objectors() };
  }

  #whyNot(): string {
    const { topologyKey, domain } = this.#options;
    const wanted = `${this.#least} of ${this.#members.length} members`;
    if (topologyKey === undefined) return `there is no room for ${wanted}`;
    const label = domain === undefined ? topologyKey : `${topologyKey}=${domain}`;
    return this.#allPlaces().length === 0
      ? `no node has the label ${label}`
      : `no domain of ${label} has room for ${wanted}`;
  }

  #objectors(): Pick<GroupDecision<W>, 'unschedulablePlugins' | 'pendingPlugins'> {
    return { unschedulablePlugins: this.#unschedulable, pendingPlugins: this.#pending };
  }
}

/** Why members were left, by key; `prefix` comes before each reason. */
function reasonsOf<W extends ApiObject, H extends ApiObject>(
  { refusals }: GroupTrial<W, H>,
  prefix = '',
): ReadonlyMap<string, string> {
  return new Map(Array.from(refusals, ([{ key }, { message }]) => [key, `${prefix}${message ?? ''}`]));
}
