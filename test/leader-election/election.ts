import {
  LeaderElector,
  type LeaderElectorOptions,
  LeaseLock,
  type Term,
} from '../../src/leader-election/index.js';
import { Lease } from '../../src/resources/kinds/index.js';
import { type Machine, World } from './world.js';

export const KEY = { namespace: 'kube-system', name: 'demo' };

/** A Lease that somebody else holds, whose times say that it was over long ago. */
export const HELD = {
  holderIdentity: 'other',
  leaseDurationSeconds: 15,
  acquireTime: '2020-01-01T00:00:00.000000Z',
  renewTime: '2020-01-01T00:00:00.000000Z',
  leaseTransitions: 4,
};

/** A world in which candidates stand for one election. */
export class Election {
  readonly world: World;
  readonly #candidates: Candidate[] = [];

  constructor(world: World = new World()) {
    this.world = world;
  }

  candidate(
    identity: string,
    options: Partial<LeaderElectorOptions> = {},
    machine = this.world.machine(),
  ): Candidate {
    const candidate = new Candidate(this.world, identity, machine, options);
    this.#candidates.push(candidate);
    return candidate;
  }

  lease(): Promise<Lease> {
    return this.world.client.get(Lease, KEY);
  }

  /** Writes the Lease as somebody who is no elector of ours, such as client-go. */
  async writeLease(spec: NonNullable<Lease['spec']>): Promise<Lease> {
    const { client } = this.world;
    const [before] = (await client.list(Lease, { namespace: KEY.namespace })).items;
    return before === undefined
      ? client.create(Lease, { metadata: KEY, spec })
      : client.update(Lease, { ...before, spec });
  }

  /** Heals everything, stops everybody, and fails where a timer is left. */
  async end(): Promise<void> {
    const { world } = this;
    world.losses = 0;
    for (const machine of world.machines) {
      machine.mend();
      machine.resume();
    }
    const stopping = Promise.all(this.#candidates.map(({ elector }) => elector.stop()));
    await world.advance(120_000);
    await stopping;
    await world.store.close();
    if (world.clock.timers !== 0) throw new Error(`${world.clock.timers} timers are left`);
  }
}

/** An elector on a machine, and what became of it. */
export class Candidate {
  readonly machine: Machine;
  readonly elector: LeaderElector;
  /** What happened, in order, with the time of the world in milliseconds. */
  readonly log: string[] = [];
  /** The last term whose callback was called. */
  term: Term | undefined;
  /** How the run ended; undefined while it goes on. */
  end: 'resolved' | Error | undefined;
  readonly #world: World;

  constructor(world: World, identity: string, machine: Machine, options: Partial<LeaderElectorOptions>) {
    this.#world = world;
    this.machine = machine;
    const lock = new LeaseLock({ client: machine.client, identity, ...KEY });
    this.elector = new LeaderElector({ lock, ...options });
    this.elector.events.on('termStarted', ({ number }) => this.say(`term ${number} began`));
    this.elector.events.on('termEnded', ({ number }, why) => this.say(`term ${number} ended: ${why}`));
    this.elector.events.on('newLeader', (leader) => this.say(`leader ${leader}`));
  }

  /** Runs the elector; the callback leads until the end of the term unless given. */
  run(lead: (term: Term) => Promise<void> | void = untilEnd, signal?: AbortSignal): this {
    const callback = (term: Term): Promise<void> | void => {
      this.term = term;
      return lead(term);
    };
    this.end = undefined;
    this.elector.run(callback, { signal }).then(
      () => {
        this.end = 'resolved';
      },
      (error: Error) => {
        this.end = error;
      },
    );
    return this;
  }

  say(what: string): void {
    this.log.push(`${Math.round(this.#world.clock.monotonic())} ${what}`);
  }
}

/** Resolves when a term ends. */
export function untilEnd({ signal }: Term): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
