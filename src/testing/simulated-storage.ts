import {
  ApiError,
  type Clock,
  type Executor,
  microtaskExecutor,
  preview,
  type Random,
  SeededRandom,
  systemClock,
} from '../core/index.js';
import type { Storage, StorageChange, StorageContext, StorageEntry, StorageSession } from '../store/index.js';
import { type Latency, Network } from './network.js';
import {
  type AnswerOrder,
  type SimulatedFailure,
  type SimulatedOperation,
  type SimulatedServer,
  SimulatedSession,
} from './simulated-session.js';
import { StorageSpace } from './storage-space.js';

/** What a simulated storage is made from. */
export interface SimulatedStorageOptions {
  /** The machine's clock unless given. */
  readonly clock?: Clock;
  /** Seeded with 1 unless given. */
  readonly random?: Random;
  /** One microtask a hand-over unless given. */
  readonly executor?: Executor;
  /** Whether several stores may have it open at once; true unless given. */
  readonly shared?: boolean;
  /** Whether sessions have `newest`; where it is shared, unless given. */
  readonly newest?: boolean;
  /** Whether others use the same counter, so that revisions have gaps; false unless given. */
  readonly gaps?: boolean;
  /** After how many milliseconds a call is given up; never unless given. */
  readonly timeout?: number;
  /** How long a message takes, one way; no time, but a few hand-overs, unless given. */
  readonly latency?: Latency;
}

/** What can be asked of a simulated storage, for messages. */
const OPERATIONS: readonly SimulatedOperation[] = /* @__PURE__ */ Object.freeze([
  'open',
  'load',
  'commit',
  'newest',
  'replace',
  'compact',
  'changed',
]);

/**
 * A storage in memory that can do all that a real one might: be slow, be cut off, lose answers, fill up.
 *
 * It keeps the contract of `Storage` throughout, so whatever a store does wrong on it is wrong. What it holds outlives the
 * stores that have it open, as a disk or a server does. Runs repeat exactly where clock, randomness and executor do.
 *
 * The faults are methods. Those about one store take its session, in the order of opening in {@link sessions}, and mean all of
 * them without.
 *
 * @example
 * ```ts
 * const storage = new SimulatedStorage({ clock, random: new SeededRandom(1) });
 * const store = new ObjectStore({ resources: [Website], clock, storage });
 * await store.open();
 * storage.disconnect();
 * ```
 */
export class SimulatedStorage implements Storage {
  readonly name = 'simulated';
  /** When a store hears of its own transaction: the change first, the answer first, or either, by chance. */
  order: AnswerOrder = 'either';
  readonly #space = new StorageSpace();
  readonly #network: Network;
  readonly #options: SimulatedStorageOptions;
  readonly #failures = new Map<SimulatedOperation, SimulatedFailure[]>();
  readonly #server: SimulatedServer;
  // those that are open, in the order of opening
  readonly #sessions: SimulatedSession[] = [];
  #opened = 0;
  #isFull = false;

  constructor(options: SimulatedStorageOptions = {}) {
    const { clock = systemClock, random = new SeededRandom(1), executor = microtaskExecutor } = options;
    this.#options = options;
    this.#network = new Network(clock, random, executor);
    this.#resetLatency();
    this.#server = this.#makeServer();
  }

  /** Those that have it open, in the order of opening. */
  get sessions(): readonly SimulatedSession[] {
    return [...this.#sessions];
  }

  /** Everything that ever happened since the beginning, in order, compacted or not; replacements are not among it. */
  get log(): readonly StorageChange[] {
    return this.#space.log;
  }

  /** What there is now, in no particular order. */
  get entries(): readonly StorageEntry[] {
    return this.#space.entries();
  }

  get revision(): number {
    return this.#space.revision;
  }

  /** @throws ApiError ServiceUnavailable where it is not shared and a store has it open. */
  readonly open = (context: StorageContext): Promise<StorageSession> => {
    const lane = { kind: 'answer', name: `${this.name} open` } as const;
    return new Promise((resolve, reject) => {
      this.#network.send(lane, 'open', () => {
        if (this.#takeFailure('open') !== undefined) {
          reject(ApiError.serviceUnavailable('the storage failed to open, as it was told to'));
          return;
        }
        const { shared = true, newest = shared } = this.#options;
        if (!shared && this.#sessions.length > 0) {
          reject(ApiError.serviceUnavailable('the storage is open already, and not shared'));
          return;
        }
        this.#opened += 1;
        const name = `${this.name} ${this.#opened}`;
        const session = new SimulatedSession(this.#server, context.listener, name, newest);
        this.#sessions.push(session);
        this.#network.send(lane, 'open', () => resolve(session));
      });
    });
  };

  /** From now on nothing arrives and nothing is told: as a process that was stopped. */
  pause(): void {
    this.#network.pause();
  }

  /** What waited goes on. */
  resume(): void {
    this.#network.resume();
  }

  /**
   * Breaks the connection. Calls under way fail, writes among them ambiguously: what they asked for may have happened, or happen
   * later. Calls meanwhile fail and certainly do not happen.
   */
  disconnect(session?: SimulatedSession): void {
    for (const each of this.#those(session)) each.disconnect();
  }

  /** Restores the connection: all changes since are told, or `lost` where they were compacted. */
  reconnect(session?: SimulatedSession): void {
    for (const each of this.#those(session)) each.reconnect();
  }

  /** Tells that changes may have been missed, and no change until the store has loaded anew. */
  lose(session?: SimulatedSession): void {
    for (const each of this.#those(session)) each.lose();
  }

  /** From now on no transaction of a session happens, and it is told so. */
  fail(session?: SimulatedSession): void {
    for (const each of this.#those(session))
      each.fail(ApiError.serviceUnavailable('EIO: the storage failed'));
  }

  /**
   * The process that has it open is gone, in the middle of what it did: every call fails ambiguously, nothing is told any more, and the
   * storage can be opened anew.
   */
  crash(session?: SimulatedSession): void {
    for (const each of this.#those(session)) each.crash();
  }

  /** From now on there is no room: a commit is refused, and its session told that it failed. */
  fill(): void {
    this.#isFull = true;
  }

  /** There is room again, for sessions that have not failed. */
  free(): void {
    this.#isFull = false;
  }

  /** Forgets what happened up to a revision, the newest unless given. */
  compact(revision: number = this.#space.revision): void {
    this.#space.compact(revision);
  }

  /** Makes the next operation of this kind fail that no earlier call is meant for. */
  failNext(operation: Exclude<SimulatedOperation, 'changed'>, failure: SimulatedFailure = 'refused'): void {
    const failures = this.#failures.get(operation);
    if (failures === undefined) this.#failures.set(operation, [failure]);
    else failures.push(failure);
  }

  /**
   * Ends every fault that can end: goes on, connects everybody, makes room, takes the time that it took at first, and lets nothing
   * fail that has not failed yet.
   */
  heal(): void {
    this.resume();
    this.reconnect();
    this.free();
    this.#failures.clear();
    this.#resetLatency();
  }

  /** How long messages of an operation take from now on, one way. @throws RangeError unless `0 <= least <= most`. */
  setLatency(operation: SimulatedOperation, latency: Latency): void {
    if (!OPERATIONS.includes(operation)) {
      throw new RangeError(`expected one of ${OPERATIONS.join(', ')}, got ${preview(operation)}`);
    }
    this.#network.setLatency(operation, latency);
  }

  #resetLatency(): void {
    const { latency = { least: 0, most: 0 } } = this.#options;
    for (const operation of OPERATIONS) this.#network.setLatency(operation, latency);
  }

  #those(session: SimulatedSession | undefined): readonly SimulatedSession[] {
    return session === undefined ? this.sessions : [session];
  }

  #takeFailure(operation: SimulatedOperation): SimulatedFailure | undefined {
    return this.#failures.get(operation)?.shift();
  }

  #makeServer(): SimulatedServer {
    const { gaps = false, shared = true, timeout } = this.#options;
    const { random } = this.#network;
    return {
      space: this.#space,
      network: this.#network,
      isShared: shared,
      timeout,
      order: () => this.order,
      isFull: () => this.#isFull,
      skipped: () => (gaps && random.next() < 0.3 ? 1 + random.integer(3) : 0),
      takeFailure: (operation) => this.#takeFailure(operation),
      publish: (change) => {
        for (const session of this.#sessions) session.tell(change);
      },
      replaced: (by) => {
        for (const session of this.#sessions) if (session !== by) session.lose();
      },
      leave: (session) => {
        const index = this.#sessions.indexOf(session);
        if (index !== -1) this.#sessions.splice(index, 1);
      },
    };
  }
}
