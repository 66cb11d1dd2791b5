import { isConflict, isNotFound, keyOf, type Logger, type Timer, untilAborted } from '../core/index.js';
import { Lease } from '../resources/kinds/index.js';
import { assignShards } from './assignment.js';
import { BoardLock } from './board-lock.js';
import { Decision } from './decision.js';
import { LeaderElector } from './leader-elector.js';
import { LeaseBoard } from './lease-board.js';
import { leaseEntry } from './lease-entry.js';
import { Members } from './members.js';
import type { LeadShard, Shard } from './shard.js';
import type { ShardedElectorOptions } from './sharded-elector-options.js';
import { stableHash } from './stable-hash.js';
import type { Term } from './term.js';
import { checkTiming, type Timing } from './timing.js';
import { requestWithin } from './request-within.js';

/** A shard that this process stands for election for, owns, or is about to give up. */
interface Stake {
  readonly elector: LeaderElector;
  /** Aborted once the shard should go to another. */
  readonly abort: AbortController;
  /** Resolves when the shard was given up. */
  readonly over: Promise<void>;
}

/** The label of all leases that belong to one set of shards. */
const LABEL = 'keelson.dev/shards-of';
/** After how many lease durations without a change the lease of a member is deleted, by another. */
const ABANDONED = 4;
const NONE: ReadonlySet<number> = /* @__PURE__ */ new Set<number>();

/** One run of a sharded elector. */
export class ShardedRun {
  readonly #options: ShardedElectorOptions & { readonly logger: Logger };
  readonly #lead: LeadShard;
  readonly #timing: Timing;
  // what the names of the members' leases begin with
  readonly #prefix: string;
  readonly #board: LeaseBoard;
  readonly #members: Members;
  readonly #stop = new AbortController();
  // the term of this member's own lease; undefined while it has none, and then it owns nothing
  #membership: Term | undefined;
  // every shard that is not somebody else's business alone, by its index
  readonly #stakes = new Map<number, Stake>();
  // the members that the last division was made for, and what it gave to this one
  #division: { readonly members: readonly string[]; readonly own: ReadonlySet<number> } = {
    members: [],
    own: NONE,
  };
  // fires when the first lease of a member is over; undefined where none can be
  #timer: Timer | undefined;
  // the uids of abandoned leases that were to be deleted already
  readonly #tidied = new Set<string>();
  // resolves when they are deleted
  #tidying: Promise<void> = Promise.resolve();
  // open once it is known who has the shards of the first division
  readonly #decision = new Decision();
  // what a callback threw first
  #failure: { readonly error: unknown } | undefined;

  constructor(options: ShardedElectorOptions & { readonly logger: Logger }, lead: LeadShard) {
    const { client, namespace, name, logger } = options;
    this.#options = options;
    this.#lead = lead;
    this.#timing = checkTiming('ShardedElector', options);
    this.#prefix = `${name}-member-`;
    this.#board = new LeaseBoard({
      client,
      namespace,
      labels: { [LABEL]: name },
      logger,
      onChange: () => this.#rebalance(),
    });
    this.#members = new Members(this.#board.leases, this.#prefix, client.clock);
  }

  get owned(): readonly number[] {
    const own = [...this.#stakes].filter(([, { elector }]) => elector.isLeader);
    return own.map(([index]) => index).sort((a, b) => a - b);
  }

  get members(): readonly string[] {
    const own = this.#isMember ? [this.#options.identity] : [];
    return [...new Set([...this.#members.live(), ...own])].sort();
  }

  /** Resolves once it is known for the first time who has the shards that this member should have, or the run is over. */
  decided(): Promise<void> {
    return this.#decision.made;
  }

  /** Takes part until {@link stop} is called, or a callback throws; then rejects with its error. */
  async run(): Promise<void> {
    const end = new AbortController();
    const watching = this.#board.run({ signal: end.signal });
    const membership = this.#join();
    await untilAborted(this.#stop.signal);
    // from now on this member should have nothing
    this.#rebalance();
    await membership;
    await Promise.all([...this.#stakes.values()].map(({ over }) => over));
    this.#timer?.cancel();
    await this.#leave();
    await this.#tidying;
    end.abort(this.#stop.signal.reason);
    await watching;
    this.#decision.make();
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  stop(reason: unknown): void {
    this.#stop.abort(reason);
  }

  /** @throws ApiError ServiceUnavailable */
  check(timeout: number): void {
    for (const { elector } of this.#stakes.values()) elector.check(timeout);
  }

  get #memberName(): string {
    const { identity } = this.#options;
    const hash = (text: string): string => stableHash(text).toString(16).padStart(8, '0');
    return this.#prefix + hash(identity) + hash(`${identity}/`);
  }

  get #isMember(): boolean {
    return this.#membership !== undefined && !this.#membership.signal.aborted;
  }

  /** Holds the lease of this member, for as long as it takes part. */
  async #join(): Promise<void> {
    // its own metrics would be of no interest
    const elector = this.#elector(this.#memberName, { metrics: undefined });
    const hold = async (term: Term): Promise<void> => {
      this.#membership = term;
      this.#rebalance();
      await untilAborted(term.signal);
      this.#membership = undefined;
      this.#rebalance();
    };
    try {
      await elector.run(hold, { signal: this.#stop.signal });
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Stands for election for the shards that this member should have, and gives up those that it should not. */
  #rebalance(): void {
    const own = this.#ownShards();
    for (const [index, { abort }] of this.#stakes) {
      if (!own.has(index))
        abort.abort(new DOMException(`shard ${index} goes to another member`, 'AbortError'));
    }
    for (const index of own) if (!this.#stakes.has(index)) this.#stand(index);
    if (this.#isMember) void this.#decide();
    this.#arm();
    this.#tidy();
  }

  /** The shards that this member should have. */
  #ownShards(): ReadonlySet<number> {
    if (!this.#isMember || this.#stop.signal.aborted) return NONE;
    const { members } = this;
    const { members: before } = this.#division;
    if (members.length !== before.length || members.some((member, index) => member !== before[index])) {
      const { identity, shards } = this.#options;
      this.#division = { members, own: new Set(assignShards(members, shards).get(identity)) };
      this.#options.logger.info({ members, own: [...this.#division.own] }, 'the shards were divided anew');
    }
    return this.#division.own;
  }

  #stand(index: number): void {
    const abort = new AbortController();
    const elector = this.#elector(`${this.#options.name}-${index}`);
    const lead = async (term: Term): Promise<void> => {
      await this.#lead(shardOfTerm(index, term));
      await untilAborted(term.signal);
    };
    const over = elector
      .run(lead, { signal: abort.signal })
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#stakes.delete(index);
        // it may have come back meanwhile
        this.#rebalance();
      });
    this.#stakes.set(index, { elector, abort, over });
  }

  /** The first division is decided when all elections that this member stands for are. */
  async #decide(): Promise<void> {
    await Promise.all(Array.from(this.#stakes.values(), ({ elector }) => elector.decided()));
    this.#decision.make();
  }

  #elector(leaseName: string, options: { readonly metrics?: undefined } = {}): LeaderElector {
    const { client, namespace, name, identity } = this.#options;
    const labels = { [LABEL]: name };
    const lock = new BoardLock(this.#board, { client, namespace, name: leaseName, identity, labels });
    return new LeaderElector({ ...this.#options, ...options, lock, name: lock.name });
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.stop(error);
  }

  /** (Re)arms the timer of the first member whose lease is over. */
  #arm(): void {
    this.#timer?.cancel();
    const { untilNext } = this.#members;
    this.#timer =
      untilNext === undefined || this.#stop.signal.aborted
        ? undefined
        : this.#options.client.clock.setTimer(untilNext, () => this.#rebalance());
  }

  /** Deletes what dead members have left; the first of those that are there does it. */
  #tidy(): void {
    if (!this.#isMember || this.members[0] !== this.#options.identity) return;
    for (const lease of this.#members.abandoned(ABANDONED * this.#timing.leaseDuration)) {
      const { uid, name } = lease.metadata;
      if (this.#tidied.has(uid)) continue;
      this.#tidied.add(uid);
      const request = (signal: AbortSignal): Promise<void> => this.#delete(lease, signal);
      this.#tidying = this.#tidying.then(() => this.#deleting(name, request));
    }
  }

  /** Deletes the lease of this member, unless it is held. */
  #leave(): Promise<void> {
    const { client, namespace } = this.#options;
    const key = { namespace, name: this.#memberName };
    return this.#deleting(key.name, async (signal) => {
      const lease = await client.get(Lease, key, { signal });
      if (leaseEntry(lease).record.holderIdentity === '') await this.#delete(lease, signal);
    });
  }

  async #delete({ metadata }: Lease, signal: AbortSignal): Promise<void> {
    const { uid, resourceVersion } = metadata;
    const preconditions = { uid, resourceVersion };
    await this.#options.client.delete(Lease, keyOf({ metadata }), { preconditions, signal });
  }

  /** A deletion that may find that it is not wanted any more, and is no great loss where it fails. */
  async #deleting(lease: string, request: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { client, logger } = this.#options;
    try {
      await requestWithin(client.clock, this.#timing.requestTimeout, undefined, request);
    } catch (error) {
      if (isConflict(error) || isNotFound(error)) return;
      logger.warn({ error, lease }, 'the lease of a member could not be deleted');
    }
  }
}

function shardOfTerm(index: number, term: Term): Shard {
  return {
    index,
    number: term.number,
    identity: term.identity,
    signal: term.signal,
    client: term.client,
    fence: (client) => term.fence(client),
    remaining: () => term.remaining(),
  };
}
