import { ApiError, type Lane } from '../core/index.js';
import type {
  StorageChange,
  StorageEntry,
  StorageListener,
  StorageOutcome,
  StorageSession,
  StorageTransaction,
  StorageWrite,
} from '../store/index.js';
import type { Network } from './network.js';
import { type LineItem, OrderedLine } from './ordered-line.js';
import type { StorageSpace } from './storage-space.js';

/** What a store asks of a simulated storage; `changed` is what it is told. */
export type SimulatedOperation = 'open' | 'load' | 'commit' | 'newest' | 'replace' | 'compact' | 'changed';

/**
 * How an operation fails.
 *
 * - `refused`: it does not happen, and the error says so.
 * - `happens`: it happens, and its answer is lost.
 * - `vanishes`: it never happens, and nobody can know.
 * - `late`: it happens after its error was answered.
 *
 * What only reads is `refused` whichever is asked for.
 */
export type SimulatedFailure = 'refused' | 'happens' | 'vanishes' | 'late';

/** When a store hears of its own transaction, as a change and as the answer to its commit. */
export type AnswerOrder = 'changed-first' | 'answer-first' | 'either';

/** What a session needs from the storage that it is one of. */
export interface SimulatedServer {
  readonly space: StorageSpace;
  readonly network: Network;
  readonly isShared: boolean;
  /** After how many milliseconds a call is given up; undefined for never. */
  readonly timeout: number | undefined;
  readonly order: () => AnswerOrder;
  readonly isFull: () => boolean;
  /** How many revisions others have taken before the next transaction. */
  readonly skipped: () => number;
  /** The failure that was asked for the next operation of this kind, which is thereby used up. */
  readonly takeFailure: (operation: SimulatedOperation) => SimulatedFailure | undefined;
  /** Tells all sessions of a change. */
  readonly publish: (change: StorageChange) => void;
  /** Tells all sessions but this one that everything was replaced. */
  readonly replaced: (by: SimulatedSession) => void;
  /** A session is over. */
  readonly leave: (session: SimulatedSession) => void;
}

/** What a store has asked of the storage. */
interface Request<T> {
  readonly operation: SimulatedOperation;
  /** Whether it changes anything. */
  readonly writes: boolean;
  /** What happens at the storage. */
  readonly work: () => T;
  /** Called with the answer right before the caller has it. */
  readonly answered?: (answer: T) => void;
  /** Called instead, where the caller gets an error. */
  readonly failed?: () => void;
  /** What the answer waits for. */
  readonly answerAfter?: () => LineItem | undefined;
}

/** A request on its way. */
interface Call {
  readonly writes: boolean;
  /** False where it was refused before it was sent. */
  wasSent: boolean;
  hasArrived: boolean;
  /** True where the request will never arrive. */
  isLost: boolean;
  /** True where no answer will arrive. */
  isCut: boolean;
  readonly fail: (error: unknown) => void;
}

/**
 * A simulated storage that one store has open.
 *
 * The faults are on the storage; here is what they do to one store.
 */
export class SimulatedSession implements StorageSession {
  readonly newest?: (collection?: string) => Promise<number>;
  readonly #server: SimulatedServer;
  readonly #listener: StorageListener;
  readonly #lane: Lane;
  // what the listener is told
  readonly #line: OrderedLine;
  // what is asked, where it must not get out of order
  readonly #requests: OrderedLine | undefined;
  // those that the caller has no answer to, in the order in which they were made
  readonly #calls = new Set<Call>();
  // all up to #sent was put into the line, and all up to #told has left it; undefined while no change is told
  #sent: number | undefined;
  #told: number | undefined;
  // the item of the change at #sent, if it came after the load
  #last: LineItem | undefined;
  // true from when changes are missed until the listener has heard so, or a load makes up for it
  #owesLost = false;
  #isConnected = true;
  // why no transaction will happen any more; #owesFailed is true until the listener has heard so
  #failure: ApiError | undefined;
  #owesFailed = false;
  // why nothing at all is answered any more
  #end: string | undefined;
  #closed: Promise<void> | undefined;
  #onSettled: (() => void) | undefined;

  /** @param name - For the traces of an executor. */
  constructor(server: SimulatedServer, listener: StorageListener, name: string, hasNewest: boolean) {
    this.#server = server;
    this.#listener = listener;
    this.#lane = { kind: 'answer', name };
    this.#line = new OrderedLine(server.network, { kind: 'watch', name });
    this.#requests = server.isShared ? undefined : new OrderedLine(server.network, this.#lane);
    if (hasNewest) {
      this.newest = (collection) =>
        this.#call({ operation: 'newest', writes: false, work: () => server.space.newest(collection) });
    }
  }

  /** False after `disconnect`, until `reconnect`. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  load(take: (entry: StorageEntry) => void): Promise<number> {
    const { space } = this.#server;
    const wasTold = this.#sent !== undefined || this.#owesLost;
    this.#stopTelling();
    const loaded = this.#call({
      operation: 'load',
      writes: false,
      work: () => ({ revision: space.revision, entries: this.#shuffled(space.entries()) }),
      answered: ({ revision, entries }) => {
        for (const entry of entries) take(entry);
        this.#tellFrom(revision);
      },
      failed: () => {
        if (wasTold) this.#tellLost();
      },
    });
    return loaded.then(({ revision }) => revision);
  }

  commit(transaction: StorageTransaction): Promise<StorageOutcome> {
    const { space } = this.#server;
    let own: LineItem | undefined;
    const release = (): void => {
      if (own !== undefined) this.#line.release(own);
    };
    return this.#call({
      operation: 'commit',
      writes: true,
      work: () => {
        this.#checkRoom();
        const { outcome, change } = space.decide(transaction, this.#server.skipped());
        if (change !== undefined) {
          this.#server.publish(change);
          if (this.#sent === change.revision) own = this.#last;
        }
        return outcome;
      },
      answerAfter: () => (own !== undefined && this.#isTold(own) ? own : undefined),
      answered: release,
      failed: release,
    });
  }

  replace(entries: Iterable<StorageWrite>, revision: number): Promise<void> {
    const writes = [...entries];
    const wasTold = this.#sent !== undefined;
    let hasHappened = false;
    let hasFailed = false;
    const tellUnknowing = (): void => {
      if (hasHappened && hasFailed && wasTold) this.#tellLost();
    };
    return this.#call({
      operation: 'replace',
      writes: true,
      work: () => {
        this.#checkRoom();
        this.#server.space.replace(writes, revision);
        this.#server.replaced(this);
        this.#stopTelling();
        hasHappened = true;
        tellUnknowing();
      },
      failed: () => {
        hasFailed = true;
        tellUnknowing();
      },
    });
  }

  compact(revision: number): Promise<void> {
    const { space } = this.#server;
    return this.#call({ operation: 'compact', writes: false, work: () => space.compact(revision) });
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** Tells of a change, in its turn; nothing where the listener is not told of changes now. */
  tell(change: StorageChange): void {
    if (this.#sent === undefined || change.revision <= this.#sent) return;
    if (!this.#isConnected || this.#failure !== undefined || this.#end !== undefined) return;
    this.#sent = change.revision;
    this.#last = this.#line.add('changed', () => {
      this.#told = change.revision;
      this.#listener.changed(change);
    });
  }

  /** The connection breaks: calls under way fail, and nothing is told. */
  disconnect(): void {
    if (!this.#isConnected) return;
    this.#isConnected = false;
    this.#cut('the connection to the storage broke');
    this.#clear();
  }

  /** The connection is there again: everything since is told, or that some of it is forgotten. */
  reconnect(): void {
    if (this.#isConnected) return;
    this.#isConnected = true;
    if (this.#owesLost) this.#tellLost();
    else if (this.#told !== undefined) this.#tellFrom(this.#told);
  }

  /** Changes are missed: the listener hears so, and of no change any more until it has loaded. */
  lose(): void {
    if (this.#sent !== undefined) this.#tellLost();
  }

  /** No transaction of this session happens any more. */
  fail(error: ApiError): void {
    if (this.#failure !== undefined || this.#end !== undefined) return;
    this.#failure = error;
    this.#owesFailed = true;
    this.#tellFailed(error);
  }

  /** The process that has this open is gone: calls under way come to nothing that it could see, and it hears of nothing. */
  crash(): void {
    if (this.#end !== undefined) return;
    this.#end = 'the process that had the storage open has crashed';
    this.#cut(this.#end);
    this.#stopTelling();
    this.#server.leave(this);
  }

  /** Begins to tell of everything after a revision. */
  #tellFrom(revision: number): void {
    this.#stopTelling();
    this.#sent = revision;
    this.#told = revision;
    const changes = this.#server.space.since(revision);
    if (changes === undefined) this.#tellLost();
    else for (const change of changes) this.tell(change);
  }

  #stopTelling(): void {
    this.#sent = undefined;
    this.#told = undefined;
    this.#owesLost = false;
    this.#clear();
  }

  #tellLost(): void {
    this.#stopTelling();
    this.#owesLost = true;
    // what is missed without a connection is noticed with the next one
    if (!this.#isConnected || this.#end !== undefined) return;
    this.#line.add('changed', () => {
      this.#owesLost = false;
      this.#listener.lost();
    });
  }

  #tellFailed(error: ApiError): void {
    this.#line.add('changed', () => {
      this.#owesFailed = false;
      this.#listener.failed(error);
    });
  }

  /** Drops what has not been told; that the storage failed is not dropped. */
  #clear(): void {
    this.#line.clear();
    if (this.#owesFailed && this.#failure !== undefined && this.#end === undefined) {
      this.#tellFailed(this.#failure);
    }
  }

  /** Decides in which order the store hears of its own transaction; true where it is told before it is answered. */
  #isTold(own: LineItem): boolean {
    const { order, network } = this.#server;
    const wanted = order();
    const drawn = wanted === 'either' ? network.random.integer(3) : wanted === 'changed-first' ? 0 : 1;
    own.isKept = drawn === 1;
    return drawn === 0;
  }

  /** Sends a request, lets its work happen when it arrives, and sends the answer back. */
  #call<T>(request: Request<T>): Promise<T> {
    const { operation, writes } = request;
    const { network, timeout } = this.#server;
    return new Promise<T>((resolve, reject) => {
      const settle = (answer: () => void): void => {
        if (!this.#calls.delete(call)) return;
        timer?.cancel();
        answer();
        if (this.#calls.size === 0) this.#onSettled?.();
      };
      const fail = (error: unknown): void =>
        settle(() => {
          request.failed?.();
          // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- what the work threw is passed on as it is
          reject(error);
        });
      const call: Call = { writes, wasSent: true, hasArrived: false, isLost: false, isCut: false, fail };
      this.#calls.add(call);
      const timer =
        timeout === undefined
          ? undefined
          : network.clock.setTimer(timeout, () => {
              fail(timedOut(operation, timeout, writes && call.wasSent));
            });
      const refusal = this.#refusal(writes);
      if (refusal !== undefined) {
        call.wasSent = false;
        network.here(this.#lane, () => fail(refusal));
        return;
      }
      const answer = (task: () => void): void =>
        network.send(this.#lane, operation, () => {
          if (!call.isCut) task();
        });
      const succeed = (value: T): void =>
        settle(() => {
          request.answered?.(value);
          resolve(value);
        });
      const arrive = (): void => {
        if (call.isLost) return;
        call.hasArrived = true;
        // what its caller has given up happens all the same
        if (this.#calls.has(call)) this.#arrive(request, { answer, succeed, fail });
        else attempt(request.work);
      };
      if (this.#requests === undefined) network.send(this.#lane, operation, arrive);
      else this.#requests.add(operation, arrive);
    });
  }

  /** Carries out a request that has reached the storage. */
  #arrive<T>(
    { operation, writes, work, answerAfter }: Request<T>,
    {
      answer,
      succeed,
      fail,
    }: {
      readonly answer: (task: () => void) => void;
      readonly succeed: (value: T) => void;
      readonly fail: (error: unknown) => void;
    },
  ): void {
    const failure = this.#server.takeFailure(operation);
    if (failure === 'refused' || (failure !== undefined && !writes)) {
      answer(() => fail(failed(operation, false)));
    } else if (failure === 'vanishes') {
      answer(() => fail(failed(operation, true)));
    } else if (failure === 'late') {
      answer(() => {
        fail(failed(operation, true));
        this.#server.network.send(this.#lane, operation, () => void attempt(work));
      });
    } else {
      const result = attempt(work);
      if (failure === 'happens') {
        answer(() => fail(failed(operation, true)));
      } else if ('error' in result) {
        answer(() => fail(result.error));
      } else {
        const before = answerAfter?.();
        if (before === undefined) answer(() => succeed(result.value));
        else before.onGone = () => answer(() => succeed(result.value));
      }
    }
  }

  /** Why a call cannot even be sent. */
  #refusal(writes: boolean): ApiError | undefined {
    if (this.#end !== undefined) return ApiError.serviceUnavailable(this.#end);
    if (this.#closed !== undefined) return ApiError.serviceUnavailable('the storage is closed');
    if (writes && this.#failure !== undefined) return this.#failure;
    if (!this.#isConnected) return ApiError.serviceUnavailable('there is no connection to the storage');
    return undefined;
  }

  /** Fails every call under way; a request that has not arrived is lost or will still arrive. */
  #cut(why: string): void {
    const { network, isShared } = this.#server;
    let isLost = false;
    for (const call of this.#calls) {
      if (!call.wasSent || call.isCut) continue;
      call.isCut = true;
      if (!call.hasArrived) {
        // where requests keep their order, what follows a lost one is lost too
        isLost = (isLost && !isShared) || network.random.next() < 0.5;
        call.isLost = isLost;
      }
      const error = new ApiError({ reason: 'ServiceUnavailable', message: why, ambiguous: call.writes });
      network.here(this.#lane, () => call.fail(error));
    }
  }

  /** @throws ApiError ServiceUnavailable where the storage is full; then this session has failed. */
  #checkRoom(): void {
    if (!this.#server.isFull()) return;
    const error = ApiError.serviceUnavailable('ENOSPC: no space left for the storage');
    this.fail(error);
    throw error;
  }

  async #close(): Promise<void> {
    if (this.#calls.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onSettled = resolve;
      });
    }
    if (this.#end !== undefined) return;
    this.#end = 'the storage is closed';
    this.#stopTelling();
    this.#server.leave(this);
  }

  #shuffled<T>(values: readonly T[]): readonly T[] {
    const { random } = this.#server.network;
    const rest = [...values];
    return values.map(() => rest.splice(random.integer(rest.length), 1)[0] as T);
  }
}

/** What became of some work. */
type Attempt<T> = { readonly value: T } | { readonly error: unknown };

function attempt<T>(work: () => T): Attempt<T> {
  try {
    return { value: work() };
  } catch (error) {
    return { error };
  }
}

function failed(operation: string, ambiguous: boolean): ApiError {
  const message = `the storage failed at ${operation}, as it was told to`;
  return new ApiError({ reason: 'ServiceUnavailable', message, ambiguous });
}

function timedOut(operation: string, timeout: number, ambiguous: boolean): ApiError {
  const message = `the storage did not answer ${operation} within ${timeout} ms`;
  return new ApiError({ reason: 'Timeout', message, ambiguous });
}
