import type { Client } from '../client/index.js';
import { type Clock, LabelSelector, type Logger } from '../core/index.js';
import { Reflector } from '../informer/index.js';
import { Lease } from '../resources/kinds/index.js';
import { leaseEntry } from './lease-entry.js';
import type { LockEntry, LockFollower } from './lock.js';
import { Observation } from './observation.js';

/** What a {@link LeaseBoard} is made from. */
export interface LeaseBoardOptions {
  readonly client: Client;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly logger: Logger;
  /** Called when a lease has changed. */
  readonly onChange: () => void;
}

/**
 * All leases with certain labels, followed by one watch, and since when each is as it is.
 *
 * Whoever begins to care for one of them need not begin to wait: how long it has not changed is known already.
 */
export class LeaseBoard {
  readonly #options: LeaseBoardOptions;
  readonly #clock: Clock;
  // every lease that is there, by its name
  readonly #leases = new Map<string, Observation>();
  // who wants to know of one lease, by its name; never an empty set
  readonly #followers = new Map<string, Set<LockFollower>>();
  #isFollowing = false;

  constructor(options: LeaseBoardOptions) {
    this.#options = options;
    this.#clock = options.client.clock;
  }

  /** Every lease that is there, by its name. */
  get leases(): ReadonlyMap<string, Observation> {
    return this.#leases;
  }

  /** Follows the leases until `signal` aborts. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const { client, namespace, labels, logger } = this.#options;
    const reflector = new Reflector<Lease>({
      client,
      resource: Lease,
      selection: { namespace, labelSelector: LabelSelector.from({ matchLabels: labels }) },
      logger,
      target: {
        replace: (leases) => this.#replace(leases),
        apply: ({ type, object }) => this.#set(object.metadata.name, type === 'DELETED' ? undefined : object),
        bookmark: () => undefined,
      },
      onState: (state) => this.#follow(state === 'watching'),
    });
    await reflector.run({ signal });
    this.#follow(false);
  }

  /** Tells a follower what becomes of one lease until `signal` aborts. */
  follow(name: string, follower: LockFollower, signal: AbortSignal): Promise<void> {
    const followers = this.#followers.get(name) ?? new Set();
    this.#followers.set(name, followers.add(follower));
    if (this.#isFollowing) {
      follower.changed(this.#entry(name));
      follower.following(true);
    }
    return new Promise((resolve) => {
      const end = (): void => {
        followers.delete(follower);
        if (followers.size === 0) this.#followers.delete(name);
        resolve();
      };
      if (signal.aborted) end();
      else signal.addEventListener('abort', end, { once: true });
    });
  }

  #entry(name: string): LockEntry | undefined {
    const lease = this.#leases.get(name);
    return lease?.entry === undefined ? undefined : { ...lease.entry, seenAt: lease.seenAt };
  }

  #replace(leases: readonly Lease[]): void {
    const present = new Set(leases.map(({ metadata }) => metadata.name));
    const gone = [...this.#leases.keys()].filter((name) => !present.has(name));
    for (const name of gone) this.#set(name, undefined);
    for (const lease of leases) this.#set(lease.metadata.name, lease);
  }

  #set(name: string, lease: Lease | undefined): void {
    if (lease === undefined) {
      this.#leases.delete(name);
    } else {
      const observation = this.#leases.get(name) ?? new Observation(this.#clock);
      this.#leases.set(name, observation);
      observation.see(leaseEntry(lease));
    }
    for (const follower of this.#followers.get(name) ?? []) follower.changed(this.#entry(name));
    this.#options.onChange();
  }

  #follow(isFollowing: boolean): void {
    if (isFollowing === this.#isFollowing) return;
    this.#isFollowing = isFollowing;
    for (const [name, followers] of this.#followers) {
      for (const follower of followers) {
        // it may be that nothing was told of a lease that is not there
        if (isFollowing) follower.changed(this.#entry(name));
        follower.following(isFollowing);
      }
    }
  }
}
