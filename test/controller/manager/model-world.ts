import { AsyncLocalStorage } from 'node:async_hooks';
import {
  ApiError,
  type Client,
  controller,
  type Controller,
  type ControllerOptions,
  intercept,
  isAlreadyExists,
  isConflict,
  isNotFound,
  Manager,
  ObjectStore,
  type ReconcileContext,
  SeededRandom,
  VirtualClock,
} from '../../../src/index.js';
import { ShuffledExecutor } from '../shuffled-executor.js';
import { makePages, Page, Theme, Website } from '../website.js';

/** How the managers of a world are made. */
export interface WorldOptions {
  readonly seed: number;
  readonly election: 'none' | 'leader' | 'shards';
  readonly concurrency: number;
  /** Of all controllers of a manager together. */
  readonly budget: number | undefined;
  readonly readYourWrites: NonNullable<ControllerOptions['readYourWrites']>;
  readonly reconcileTimeout: number | undefined;
}

/** One reconcile, as the world saw it. */
interface Run {
  readonly id: number;
  readonly process: Process;
  /** Controller, store and key. */
  readonly subject: string;
  readonly signal: AbortSignal;
  hasEnded: boolean;
}

/** A manager, and what became of it. */
export interface Process {
  readonly identity: string;
  readonly manager: Manager;
  /** Its requests fail; watches that it has go on. */
  isCut: boolean;
  isStopping: boolean;
  hasStopped: boolean;
}

/** Errors of operations that meet a stop, or each other. */
const EXPECTED_REFUSALS =
  /before stop|expected one controller of a name|expected the name of a|expected one of a name|was stopped|was removed/;
/** In milliseconds: longer than a reconcile may take to end. */
const PATIENCE = 2_000;
const LEASE = 4_000;
const ELECTION = {
  namespace: 'kube-system',
  name: 'model',
  leaseDuration: LEASE,
  renewDeadline: 3_000,
  retryPeriod: 1_000,
};
const SHARDS = 3;
const NAMES = ['a', 'b', 'c'];

/** Managers on two stores whose users, network and reconcilers do what chance and a history tell them. */
export class ManagerWorld {
  readonly clock = new VirtualClock();
  /** What must never happen, and did. */
  readonly violations: string[] = [];
  /** The home store, and one that managers may add as `red`. */
  readonly clients: { readonly home: Client; readonly red: Client };
  readonly processes: Process[] = [];
  readonly #options: WorldOptions;
  readonly #stores: readonly ObjectStore[];
  readonly #executor: ShuffledExecutor;
  // of what reconcilers do
  readonly #chance: SeededRandom;
  // whose write it is that comes to a store
  readonly #writer = new AsyncLocalStorage<Run>();
  // the last reconcile of each subject in each realm that began
  readonly #last = new Map<string, Run>();
  // the Website that the last reconcile of each subject in each realm saw
  readonly #seen = new Map<string, Website | undefined>();
  // subjects in their realms whose last reconcile has not ended, failed, or wished to look again
  readonly #open = new Set<string>();
  // the stores that the last reconcile of each subject of the census found
  readonly #counted = new Map<string, string>();
  // the revision of the last change of each Website by a user, by store and name
  readonly #touched = new Map<string, bigint>();
  // what was set going and not awaited
  readonly #pending = new Set<Promise<void>>();
  #runs = 0;
  #made = 0;
  // reconcilers do their work at once and well
  #isCalm = false;

  constructor(options: WorldOptions) {
    this.#options = options;
    const random = new SeededRandom(options.seed);
    this.#chance = new SeededRandom(options.seed + 1);
    const executor = new ShuffledExecutor(random);
    this.#executor = executor;
    const make = (): ObjectStore =>
      new ObjectStore({
        resources: [Website, Page, Theme],
        clock: this.clock,
        random: new SeededRandom(options.seed + 2),
        executor,
      });
    const [home, red] = [make(), make()];
    this.#stores = [home, red];
    this.clients = { home: home.client(), red: red.client() };
  }

  get alive(): readonly Process[] {
    return this.processes.filter(({ isStopping }) => !isStopping);
  }

  /** Starts one more manager. */
  begin(): void {
    this.#made += 1;
    const identity = `m${this.#made}`;
    const { election, budget } = this.#options;
    // the controllers are made for the process that is made here
    const process: Process = {
      identity,
      isCut: false,
      isStopping: false,
      hasStopped: false,
      manager: new Manager({
        client: this.#link(this.clients.home, () => process),
        stores: { red: this.#link(this.clients.red, () => process) },
        controllers: [
          this.#websites(() => process),
          this.#labels(() => process),
          this.#census(() => process),
        ],
        leaderElection:
          election === 'none'
            ? undefined
            : { ...ELECTION, identity, shards: election === 'shards' ? SHARDS : undefined },
        concurrency: budget,
        gracefulShutdownTimeout: PATIENCE,
      }),
    };
    this.processes.push(process);
    this.#go(
      process.manager.start().catch((error: unknown) => {
        // what fails to start has stopped
        Object.assign(process, { isStopping: true, hasStopped: true });
        throw error;
      }),
    );
  }

  end(process: Process): void {
    process.isStopping = true;
    this.#go(
      process.manager.stop().then(() => {
        process.hasStopped = true;
      }),
    );
  }

  addController(process: Process): void {
    this.#go(process.manager.add(this.#labels(() => process)));
  }

  removeController(process: Process): void {
    this.#go(process.manager.remove('labels'));
  }

  /** Takes a controller out and puts it in again, before it has ended. */
  replaceController(process: Process): void {
    this.removeController(process);
    this.addController(process);
  }

  /** Takes a store out and puts it in again, before what runs there has ended. */
  replaceStore(process: Process): void {
    this.removeStore(process);
    this.addStore(process);
  }

  addStore(process: Process): void {
    this.#go(
      process.manager.addStore(
        'red',
        this.#link(this.clients.red, () => process),
      ),
    );
  }

  removeStore(process: Process): void {
    this.#go(process.manager.removeStore('red'));
  }

  /** Does what a user does to a Website or its Pages; that nothing is there, or something is, is all right. */
  async user(store: 'home' | 'red', act: (client: Client) => Promise<unknown>): Promise<void> {
    try {
      const { kind, metadata } = (await act(this.clients[store])) as Partial<Website>;
      // that what is to go does go shows in the end
      if (kind !== 'Website' || metadata === undefined || metadata.deletionTimestamp !== undefined) return;
      this.#touched.set(`${store} ${metadata.name}`, BigInt(metadata.resourceVersion));
    } catch (error) {
      if (!isAlreadyExists(error) && !isNotFound(error) && !isConflict(error)) throw error;
    }
  }

  /** Moves the time on, a little at a time, and lets everybody do what there is to do in between. */
  async wait(time: number): Promise<void> {
    const end = this.clock.monotonic() + time;
    for (;;) {
      do await breathe();
      while (!this.#executor.isIdle);
      const left = end - this.clock.monotonic();
      if (left <= 0) return;
      const { untilNext = left } = this.clock;
      await this.clock.advance(Math.min(left, untilNext));
    }
  }

  /** Moves the time on, a little at a time, until something is so. @throws Error where it takes longer than `most` milliseconds. */
  async until(what: string, most: number, promise: Promise<unknown>): Promise<void> {
    const progress: { state: 'waits' | 'done' | 'failed'; error?: unknown } = { state: 'waits' };
    promise.then(
      () => (progress.state = 'done'),
      (error: unknown) => Object.assign(progress, { state: 'failed', error }),
    );
    const end = this.clock.monotonic() + most;
    while (progress.state === 'waits') {
      if (this.clock.monotonic() >= end) throw new Error(`expected ${what} within ${most} ms`);
      await this.wait(50);
    }
    if (progress.state === 'failed') throw progress.error;
  }

  /** Heals everything, and waits until the managers have come to rest. */
  async heal(): Promise<void> {
    this.#isCalm = true;
    for (const process of this.processes) process.isCut = false;
    await this.until('all operations to end', 120_000, this.#settled());
    if (this.alive.length === 0) this.begin();
    await this.until('one manager to start', 120_000, this.#settled());
    for (const process of this.alive) {
      this.addStore(process);
      this.addController(process);
    }
    await this.until('controllers and stores to be added', 120_000, this.#settled());
    // terms that were lost are won again, and retries come due
    await this.wait(4 * LEASE);
    await this.until('all to be idle', 120_000, Promise.all(this.alive.map(({ manager }) => manager.idle())));
  }

  /** Stops everything. */
  async close(): Promise<void> {
    this.#isCalm = true;
    for (const process of this.alive) this.end(process);
    await this.until('all to stop', 120_000, this.#settled());
    if (this.clock.timers !== 0) this.violations.push(`${this.clock.timers} timers were left`);
    await this.wait(3 * PATIENCE);
    await Promise.all(this.#stores.map((store) => store.close()));
  }

  /** What differs between what is there and what is wanted. */
  async differences(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const [store, client] of Object.entries(this.clients)) {
      const sites = (await client.list(Website)).items;
      const pages = (await client.list(Page)).items;
      const wanted = new Set<string>();
      for (const { metadata, spec, status } of sites) {
        for (let number = 0; number < spec.pages; number += 1)
          wanted.add(`${metadata.name}-${number} of ${metadata.uid}`);
        if (status?.pages !== spec.pages)
          found.push(`${store}: status of ${metadata.name} is ${status?.pages}, not ${spec.pages}`);
        found.push(...this.#unseen(store, metadata.name));
        if (store === 'home') found.push(...this.#uncounted(metadata.name));
        if (metadata.deletionTimestamp !== undefined) found.push(`${store}: ${metadata.name} is still there`);
      }
      for (const { metadata, spec } of pages) {
        const name = `${metadata.name} of ${metadata.ownerReferences?.[0]?.uid}`;
        if (!wanted.delete(name)) found.push(`${store}: page ${name} is not wanted`);
        if (metadata.labels?.['number'] !== String(spec.number))
          found.push(`${store}: page ${name} has no label`);
      }
      for (const name of wanted) found.push(`${store}: page ${name} is missing`);
    }
    return found;
  }

  /** In which realms no reconcile has seen what a user did last to a Website. */
  #unseen(store: string, name: string): readonly string[] {
    const touched = this.#touched.get(`${store} ${name}`);
    if (touched === undefined) return [];
    const subject = `website ${store} ${name}`;
    const realms = new Set(this.alive.map((process) => this.#realm({ process, subject })));
    return [...realms].flatMap((realm) => {
      if (this.#open.has(realm)) return [`${realm}: nobody looked again after a wish or a failure`];
      const seen = this.#seen.get(realm)?.metadata.resourceVersion;
      return seen !== undefined && BigInt(seen) >= touched
        ? []
        : [`${realm}: has not seen ${touched}, but ${seen}`];
    });
  }

  /** In which realms the last reconcile of a Website by the census did not find the store that was added. */
  #uncounted(name: string): readonly string[] {
    const subject = `census home ${name}`;
    const realms = new Set(this.alive.map((process) => this.#realm({ process, subject })));
    return [...realms].flatMap((realm) => {
      const counted = this.#counted.get(realm);
      return counted === 'red' ? [] : [`${realm}: has found the stores [${counted}]`];
    });
  }

  async #settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  #go(operation: Promise<unknown>): void {
    const pending = operation.then(
      () => undefined,
      (error: unknown) => {
        if (!isOutage(error) && !EXPECTED_REFUSALS.test(String(error)))
          this.violations.push(
            `an operation failed: ${error instanceof Error ? error.stack : String(error)}`,
          );
      },
    );
    this.#pending.add(pending);
    void pending.then(() => this.#pending.delete(pending));
  }

  /** The network between a process and a store. */
  #link(client: Client, process: () => Process): Client {
    const read = <T>(next: () => Promise<T>): Promise<T> => {
      if (process().isCut) throw ApiError.serviceUnavailable('the network is down');
      return next();
    };
    const write = async <T>(next: () => Promise<T>): Promise<T> => {
      const run = this.#writer.getStore();
      const isLate = run !== undefined && this.#last.get(this.#realm(run)) !== run;
      const answer = await read(next);
      if (isLate)
        this.violations.push(`${run.subject}: a write of run ${run.id} landed after the next had begun`);
      return answer;
    };
    return intercept(client, {
      get: (next, ...args) => read(() => next(...args)),
      list: (next, ...args) => read(() => next(...args)),
      barrier: (next) => read(() => next()),
      create: (next, ...args) => write(() => next(...args)),
      update: (next, ...args) => write(() => next(...args)),
      patch: (next, ...args) => write(() => next(...args)),
      apply: (next, ...args) => write(() => next(...args)),
      delete: (next, ...args) => write(() => next(...args)),
    });
  }

  /** Where a subject is in one hand at a time: in all processes of an election, or in each alone. */
  #realm({ process, subject }: Pick<Run, 'process' | 'subject'>): string {
    return this.#options.election === 'none' ? `${process.identity} ${subject}` : subject;
  }

  #websites(process: () => Process): Controller {
    return controller('website')
      .for(Website, { stores: 'every' })
      .owns(Page)
      .options(this.#controllerOptions())
      .reconcile((context) => this.#reconcile('website', process(), context, () => makeSite(context)));
  }

  #labels(process: () => Process): Controller {
    return controller('labels')
      .for(Page, { stores: 'every' })
      .options(this.#controllerOptions())
      .reconcile((context) => this.#reconcile('labels', process(), context, () => label(context)));
  }

  /** Knows which stores there are, as each Website of the home store is to be told. */
  #census(process: () => Process): Controller {
    return controller('census')
      .for(Website)
      .watches(Page, { stores: 'added', map: () => [] })
      .options(this.#controllerOptions())
      .reconcile((context) =>
        this.#reconcile('census', process(), context, async () => {
          const subject = `census home ${context.key.name}`;
          this.#counted.set(this.#realm({ process: process(), subject }), context.stores.join());
        }),
      );
  }

  #controllerOptions(): ControllerOptions {
    const { concurrency, readYourWrites, reconcileTimeout } = this.#options;
    return { concurrency, readYourWrites, reconcileTimeout };
  }

  /** A reconcile with the failings that chance has in mind. */
  async #reconcile(
    name: string,
    process: Process,
    context: Pick<ReconcileContext<unknown>, 'key' | 'store' | 'signal' | 'object'>,
    work: () => Promise<void>,
  ): Promise<{ requeueAfter: number } | undefined> {
    const { key, store = 'home', signal, object } = context;
    this.#runs += 1;
    const run: Run = {
      id: this.#runs,
      process,
      subject: `${name} ${store} ${key.name}`,
      signal,
      hasEnded: false,
    };
    const realm = this.#realm(run);
    const before = this.#last.get(realm);
    // what was told to stop may go on, but not write
    if (before?.hasEnded === false && !before.signal.aborted)
      this.violations.push(`${run.subject}: run ${run.id} began before ${before.id} had ended`);
    if (process.hasStopped) this.violations.push(`${run.subject}: run ${run.id} began after a stop`);
    this.#last.set(realm, run);
    this.#open.add(realm);
    if (name === 'website') this.#seen.set(realm, object as Website | undefined);
    return this.#writer.run(run, async () => {
      try {
        const whim = this.#isCalm ? 0 : this.#chance.integer(10);
        if (whim === 1) throw new Error('not yet');
        if (whim === 2) await this.#sleep(this.#chance.integer(PATIENCE));
        if (whim === 3) await this.#sleep(this.#chance.integer(2 * PATIENCE), signal);
        if (whim === 4) await this.#sleep(2 * PATIENCE);
        await work();
        if (whim === 5) throw new Error('almost');
        if (whim === 6) return { requeueAfter: 500 };
        if (this.#last.get(realm) === run) this.#open.delete(realm);
        return undefined;
      } finally {
        run.hasEnded = true;
      }
    });
  }

  #sleep(delay: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.clock.setTimer(delay, resolve);
      signal?.addEventListener('abort', () => (timer.cancel(), reject(signal.reason as Error)), {
        once: true,
      });
    });
  }
}

function breathe(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** The names of the Websites of a world. */
export function siteKey(index: number): { readonly name: string; readonly namespace: string } {
  return { name: NAMES[index % NAMES.length] ?? '', namespace: 'default' };
}

async function makeSite({ object, key, client }: ReconcileContext<Website>): Promise<void> {
  if (object === undefined) return;
  const { finalizers = [], deletionTimestamp } = object.metadata;
  if (deletionTimestamp !== undefined) {
    if (finalizers.length > 0)
      await client.patch(Website, key, { type: 'merge', patch: { metadata: { finalizers: null } } });
    return;
  }
  await makePages(client, object);
  const { pages } = object.spec;
  await client.patch(
    Website,
    key,
    { type: 'merge', patch: { status: { pages } } },
    { subresource: 'status' },
  );
}

async function label({
  object,
  client,
}: ReconcileContext<{ metadata: Page['metadata']; spec: Page['spec'] }>): Promise<void> {
  if (object === undefined || object.metadata.labels?.['number'] !== undefined) return;
  const { name, namespace, uid } = object.metadata;
  const patch = { metadata: { uid, labels: { number: String(object.spec.number) } } };
  await client.patch(Page, { name, namespace: namespace ?? '' }, { type: 'merge', patch });
}

function isOutage(error: unknown): boolean {
  return String(error).includes('the network is down');
}
