import { type Client, intercept, type RequestOptions, type Watch } from '../../src/client/index.js';
import { type Clock, type Random, SeededRandom, type Timer, VirtualClock } from '../../src/core/index.js';
import type { AnyResource } from '../../src/resources/index.js';
import { ObjectStore } from '../../src/store/index.js';

/** What may become of a request on its way. */
export type Loss = 'request' | 'answer';

/** A store and the machines that reach it over a network, all under one virtual clock. */
export class World {
  readonly clock = new VirtualClock();
  readonly random: Random;
  readonly store: ObjectStore;
  readonly machines: Machine[] = [];
  /** The longest that a message takes, in milliseconds; none takes time unless given. */
  latency = 0;
  /** The share of requests that are lost on their way there, and of those whose answers are. */
  losses = 0;

  constructor(resources: readonly AnyResource[] = [], seed = 1) {
    this.random = new SeededRandom(seed);
    this.store = new ObjectStore({ resources, clock: this.clock, random: new SeededRandom(seed + 1) });
  }

  /** The client of somebody beside the store, whom no fault touches. */
  get client(): Client {
    return this.store.client();
  }

  machine(options: { readonly rate?: number } = {}): Machine {
    const machine = new Machine(this, this.machines.length, options.rate ?? 1);
    this.machines.push(machine);
    return machine;
  }

  /** Moves the time on by so many milliseconds of the store's clock. */
  async advance(duration: number): Promise<void> {
    await this.clock.advance(duration);
  }
}

/**
 * One process on a machine of its own: with a clock that runs at its own rate and shows its own time, and a client whose messages can be
 * slow, lost or held up. It can stand still as a process that was stopped.
 */
export class Machine {
  readonly clock: Clock;
  readonly client: Client;
  /** What becomes of the next requests, by verb: taken one after another. */
  readonly lose: { verb: string; loss: Loss }[] = [];
  /** How many requests were sent, by verb. */
  readonly sent: Record<string, number> = {};
  readonly #world: World;
  // what waits for the process to go on; empty while it does
  readonly #held: (() => void)[] = [];
  #isStopped = false;
  // messages that wait for the network; empty while it is there
  readonly #cut: (() => void)[] = [];
  #isCut = false;

  constructor(world: World, index: number, rate: number) {
    this.#world = world;
    const { clock } = world;
    this.clock = {
      // nobody may rely on what the clocks of others show
      now: () => clock.now() * rate - index * 86_400_000,
      monotonic: () => clock.monotonic() * rate + index * 1_000_003,
      setTimer: (delay, task) => this.#setTimer(delay / rate, task),
    };
    const random = new SeededRandom(1_000 + index);
    const { executor } = world.client;
    const send = <T>(verb: string, options: RequestOptions | undefined, call: () => Promise<T>): Promise<T> =>
      this.#send(verb, options?.signal, call);
    const wired = intercept(world.client, {
      create: (next, resource, object, options) =>
        send('create', options, () => next(resource, object, unsignalled(options))),
      get: (next, resource, key, options) =>
        send('get', options, () => next(resource, key, unsignalled(options))),
      list: (next, resource, options) => send('list', options, () => next(resource, unsignalled(options))),
      update: (next, resource, object, options) =>
        send('update', options, () => next(resource, object, unsignalled(options))),
      patch: (next, resource, key, patch, options) =>
        send('patch', options, () => next(resource, key, patch, unsignalled(options))),
      delete: (next, resource, key, options) =>
        send('delete', options, () => next(resource, key, unsignalled(options))),
      watch: (next, resource, options) => {
        this.#count('watch');
        return this.#tell(next(resource, options), options?.signal);
      },
    });
    this.client = { ...wired, clock: this.clock, random, executor, capabilities: wired.capabilities };
  }

  /** The process stands still, and its clock goes on. */
  stop(): void {
    this.#isStopped = true;
  }

  /** The process goes on: what came meanwhile happens now, in any order. */
  resume(): void {
    this.#isStopped = false;
    const held = this.#held.splice(0);
    while (held.length > 0) held.splice(this.#world.random.integer(held.length), 1)[0]?.();
  }

  /** From now on no message comes through, in either direction. */
  cut(): void {
    this.#isCut = true;
  }

  /** What was held up comes through. */
  mend(): void {
    this.#isCut = false;
    for (const message of this.#cut.splice(0)) message();
  }

  #setTimer(delay: number, task: () => void): Timer {
    let isCancelled = false;
    const timer = this.#world.clock.setTimer(delay, () => {
      this.#enter(() => {
        if (!isCancelled) task();
      });
    });
    return {
      cancel: () => {
        isCancelled = true;
        timer.cancel();
      },
    };
  }

  /** Something happens in the process. */
  #enter(task: () => void): void {
    if (this.#isStopped) this.#held.push(task);
    else task();
  }

  /** A message takes its time, and is held up where the network is cut. */
  #travel(message: () => void): void {
    const { clock, random, latency } = this.#world;
    const arrive = (): void => {
      if (this.#isCut) this.#cut.push(message);
      else message();
    };
    if (latency === 0) arrive();
    else clock.setTimer(random.integer(latency + 1), arrive);
  }

  #send<T>(verb: string, signal: AbortSignal | undefined, call: () => Promise<T>): Promise<T> {
    this.#count(verb);
    const loss = this.#lossOf(verb);
    return new Promise((resolve, reject) => {
      const abort = (): void => reject(signal?.reason as Error);
      if (signal?.aborted) {
        abort();
        return;
      }
      // whoever gives up does not call the message back
      signal?.addEventListener('abort', abort, { once: true });
      const answer = (deliver: () => void): void => {
        if (loss !== 'answer') this.#travel(() => this.#enter(deliver));
      };
      const release = (): void => signal?.removeEventListener('abort', abort);
      this.#travel(() => {
        if (loss === 'request') return;
        call().then(
          (result) => answer(() => (release(), resolve(result))),
          (error: unknown) => answer(() => (release(), reject(error))),
        );
      });
    });
  }

  #lossOf(verb: string): Loss | undefined {
    const index = this.lose.findIndex((each) => each.verb === verb);
    if (index !== -1) return this.lose.splice(index, 1)[0]?.loss;
    const { random, losses } = this.#world;
    if (losses === 0 || random.next() >= 2 * losses) return undefined;
    return random.integer(2) === 0 ? 'request' : 'answer';
  }

  #tell<O>(watch: Watch<O>, signal: AbortSignal | undefined): Watch<O> {
    type Result = Awaited<ReturnType<Watch<O>['next']>>;
    const ended = (): Result => ({ value: undefined, done: true });
    const told: Watch<O> = {
      next: () =>
        new Promise<Result>((resolve, reject) => {
          const abort = (): void => resolve(ended());
          signal?.addEventListener('abort', abort, { once: true });
          const deliver = (task: () => void): void =>
            this.#travel(() =>
              this.#enter(() => {
                signal?.removeEventListener('abort', abort);
                task();
              }),
            );
          watch.next().then(
            (result) => deliver(() => resolve(result)),
            (error: unknown) => deliver(() => reject(error)),
          );
        }),
      return: () => watch.return(),
      stop: () => watch.stop(),
      [Symbol.asyncIterator]: () => told,
      [Symbol.asyncDispose]: async () => watch.stop(),
    };
    return told;
  }

  #count(verb: string): void {
    this.sent[verb] = (this.sent[verb] ?? 0) + 1;
  }
}

/** The signal is for whoever asks: a request on its way does not hear of it. */
function unsignalled<O extends RequestOptions>(options: O | undefined): O | undefined {
  return options === undefined ? undefined : { ...options, signal: undefined };
}
