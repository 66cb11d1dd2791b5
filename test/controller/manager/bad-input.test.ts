import { EventEmitter } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import {
  ApiError,
  type Client,
  controller,
  type Controller,
  type ControllerOptions,
  intercept,
  type Logger,
  Manager,
  type ManagerOptions,
  type MetricsProvider,
  ObjectStore,
  type ReconcileContext,
  type ReconcileTracer,
  type RequestTarget,
  type VirtualClock,
} from '../../../src/index.js';
import { makeWorld, Page, Theme, Website } from '../website.js';

const key = (name: string) => ({ name, namespace: 'default' });
const site = (name: string) => ({ metadata: key(name), spec: {} });
const nothing = (): void => undefined;
const never = <T>(): Promise<T> => new Promise<T>(nothing);
const idle = controller('idle')
  .for(Website)
  .reconcile(async () => undefined);

let world: { store: ObjectStore; client: Client; clock: VirtualClock };
const managers: Manager[] = [];
const others: ObjectStore[] = [];
afterEach(async () => {
  const stopped = Promise.all(managers.splice(0).map((manager) => manager.stop()));
  await world.clock.advance(60_000);
  await stopped;
  expect(world.clock.timers).toBe(0);
  await Promise.all([world.store, ...others.splice(0)].map((store) => store.close()));
});

/** A manager in a new world. */
function make(controllers: readonly Controller[], options: Partial<ManagerOptions> = {}): Manager {
  world = makeWorld();
  return again(controllers, options);
}

/** One more manager in the same world. */
function again(controllers: readonly Controller[], options: Partial<ManagerOptions> = {}): Manager {
  const manager = new Manager({ client: world.client, controllers, ...options });
  managers.push(manager);
  return manager;
}

function tenant(): Client {
  const store = new ObjectStore({ resources: [Website, Page, Theme], clock: world.clock });
  others.push(store);
  return store.client();
}

/** A logger that keeps what it is told, from warnings on. */
function recorder(): Logger & { readonly lines: string[] } {
  const lines: string[] = [];
  const keep = ({ error }: Readonly<Record<string, unknown>>, message: string): void =>
    void lines.push(error instanceof Error ? `${message}: ${error.toString()}` : message);
  return { lines, debug: nothing, info: nothing, warn: keep, error: keep };
}

/** Lets everything go on that does not wait for the time, for so many turns. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
}

/** What becomes of a promise within a minute of virtual time. */
async function outcome(promise: Promise<unknown>): Promise<string> {
  let state = 'waits for ever';
  promise.then(
    () => (state = 'done'),
    (error: unknown) => (state = String(error)),
  );
  await world.clock.advance(60_000);
  return state;
}

describe('a manager refuses what makes no sense', () => {
  it.each<[string, unknown, RegExp]>([
    ['no client', { client: undefined }, /^TypeError: Manager: client: expected a client, got undefined/],
    ['what is no client', { client: {} }, /Manager: client: expected a client, got {}/],
    ['a text for a number', { concurrency: '5' }, /Manager: concurrency: expected 1 or more, got "5"/],
    ['NaN', { concurrency: Number.NaN }, /Manager: concurrency: expected 1 or more, got NaN/],
    [
      'a text for a time',
      { gracefulShutdownTimeout: '5' },
      /gracefulShutdownTimeout: expected 0 milliseconds or more/,
    ],
    [
      'runnables that are none',
      { runnables: null },
      /Manager: runnables: expected a list of runnables, got null/,
    ],
    [
      'controllers that are none',
      { controllers: 5 },
      /Manager: controllers: expected a list of controllers, got 5/,
    ],
    ['stores that are none', { stores: null }, /Manager: stores: expected clients by name, got null/],
    ['a list of stores', { stores: [1] }, /Manager: stores: expected clients by name, got an array/],
    ['a store that is none', { stores: { red: 5 } }, /Manager: stores: red: expected a client, got 5/],
    [
      'a logger without methods',
      { logger: {} },
      /Manager: logger: expected an object with the methods debug, info/,
    ],
    ['null for a logger', { logger: null }, /Manager: logger: expected an object with the methods/],
    [
      'metrics without methods',
      { metrics: {} },
      /Manager: metrics: expected an object with the methods counter/,
    ],
    [
      'a tracer without methods',
      { tracer: {} },
      /Manager: tracer: expected an object with the methods began/,
    ],
    [
      'true for an election',
      { leaderElection: true },
      /leaderElection: expected { namespace, name }, got true/,
    ],
    ['an election without a name', { leaderElection: {} }, /namespace: expected a text, got undefined/],
    [
      'no shards',
      { leaderElection: { namespace: 'a', name: 'b', shards: 0 } },
      /shards: expected a whole number/,
    ],
  ])('%s', (_what, options, message) => {
    world = makeWorld();
    const unmade = (): Manager => new Manager({ client: world.client, ...(options as object) });
    expect(unmade).toThrow();
    expect(String(errorOf(unmade))).toMatch(message);
  });

  it('no options at all', () => {
    world = makeWorld();
    expect(() => new Manager(null as never)).toThrow('Manager: expected { client }, got null');
  });

  it.each<[string, object, RegExp]>([
    ['a name and a function alone', { name: 'x', reconcile: nothing }, /expected what .reconcile\(\) gives/],
    ['a name that is none', { ...idle, name: 'X Y' }, /expected what .reconcile\(\) gives/],
    ['no kinds', { ...idle, kinds: undefined }, /expected what .reconcile\(\) gives/],
    ['no sources', { ...idle, sources: undefined }, /expected what .reconcile\(\) gives/],
    ['no options', { ...idle, options: undefined }, /expected what .reconcile\(\) gives/],
    [
      'no workers',
      { ...idle, options: { concurrency: 0 } },
      /concurrency: expected a whole number above 0, got 0/,
    ],
    [
      'a rate limiter that is none',
      { ...idle, options: { rateLimiter: () => undefined } },
      /controller idle: rateLimiter: expected a function that makes { when, forget, retries }, it made undefined/,
    ],
  ])('a controller made by hand with %s, at the start and later', async (_what, definition, message) => {
    world = makeWorld();
    expect(() => again([definition as Controller])).toThrow(message);
    const manager = again([]);
    await manager.start();
    await expect(manager.add(definition as Controller)).rejects.toThrow(message);
    await manager.idle();
  });

  it('a store that is no client, while it runs', async () => {
    const manager = make([]);
    await manager.start();
    await expect(manager.addStore('red', 5 as never)).rejects.toThrow(
      'stores: red: expected a client, got 5',
    );
    await expect(manager.removeStore('red')).rejects.toThrow('expected the name of a store');
  });
});

describe('what a controller names', () => {
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a number', 5],
    ['numbers', [5]],
    ['nulls', [null]],
    ['objects without a name', [{}]],
    ['a number for a name', [{ name: 7 }]],
    ['an empty name', [{ name: '' }]],
    ['a name with a slash, which looks like another key', [{ name: 'default/a' }]],
    ['a number for a namespace', [{ name: 'a', namespace: 5 }]],
    ['a number for a store', [{ name: 'a', store: 5 }]],
    ['a promise', Promise.resolve([])],
    ['a good key and a bad one', [key('a'), {}]],
    [
      'a good key before it throws',
      (function* () {
        yield key('a');
        throw new Error('no more');
      })(),
    ],
  ])('as %s is told of, and asks for nothing', async (_what, targets) => {
    const logger = recorder();
    const seen: unknown[] = [];
    const watching = controller('watching')
      .for(Website)
      .watches(Page, { map: () => targets as Iterable<RequestTarget> })
      .reconcile(async (context) => void seen.push(context.key));
    const manager = make([watching], { logger });
    await manager.start();
    await world.client.create(Page, { metadata: key('p'), spec: { number: 1 } });
    await manager.idle();
    expect(seen).toEqual([]);
    expect(logger.lines).toEqual([
      expect.stringMatching(/^the function that says what an event asks for failed: /),
    ]);
    // the next event is heard
    await world.client.create(Website, site('a'));
    await manager.idle();
    expect(seen).toEqual([key('a')]);
  });

  it('as a key of no namespace is that of a cluster object', async () => {
    const seen: unknown[] = [];
    const watching = controller('watching')
      .for(Theme)
      .watches(Page, { map: () => [{ name: 'a', namespace: '' }] })
      .reconcile(async (context) => void seen.push(context.key));
    const manager = make([watching]);
    await manager.start();
    await world.client.create(Page, { metadata: key('p'), spec: { number: 1 } });
    await manager.idle();
    expect(seen).toEqual([{ name: 'a' }]);
  });

  it('in a source is told of, the source goes on, and an emitter that does not let go is left', async () => {
    const logger = recorder();
    const seen: unknown[] = [];
    const emitter = new EventEmitter();
    const stubborn = {
      on: (event: string, listener: (item: unknown) => void) => emitter.on(event, listener),
      off: () => {
        throw new Error('stay');
      },
    };
    const listening = controller('listening')
      .for(Website)
      .watchesSource(
        { emitter: stubborn, event: 'changed' },
        { keys: (item) => [item as RequestTarget], name: 'mail' },
      )
      .reconcile(async (context) => void seen.push(context.key));
    const manager = make([listening], { logger });
    await manager.start();
    for (const item of [5, { name: 'a/b' }, { name: 'a', store: 7 }, key('a')]) emitter.emit('changed', item);
    await manager.idle();
    expect(seen).toEqual([key('a')]);
    expect(logger.lines).toHaveLength(3);
    await manager.stop();
    expect(logger.lines.at(-1)).toBe('the source failed as it was left: Error: stay');
  });
});

describe('functions of a controller that fail', () => {
  it.each<[string, ControllerOptions, string]>([
    ['a flow that throws', { flowOf: () => thrown('no flow') }, 'the function that names flows failed'],
    ['a flow that is no text', { flowOf: (() => 5) as never }, 'the function that names flows failed'],
    [
      'a rate limiter that throws',
      { rateLimiter: limiter(() => thrown('no limit')) },
      'the rate limiter failed',
    ],
    [
      'a rate limiter without an answer',
      { rateLimiter: limiter(() => Number.NaN) },
      'the rate limiter failed',
    ],
  ])('%s: it is told of, and no key is lost', async (_what, options, message) => {
    const logger = recorder();
    let runs = 0;
    const failing = controller('failing')
      .for(Website)
      .options(options)
      .reconcile(async () => {
        runs += 1;
        if (runs < 3) throw new Error('not yet');
        return runs < 4 ? { requeueAfter: 10 } : undefined;
      });
    const manager = make([failing], { logger });
    await manager.start();
    await world.client.create(Website, site('a'));
    await world.clock.advance(60_000);
    await manager.idle();
    expect(runs).toBe(4);
    expect(logger.lines.some((line) => line.startsWith(message))).toBe(true);
  });

  it('a reconcile that blocks the process holds the others up, and no longer', async () => {
    const seen: string[] = [];
    const blocking = controller('blocking')
      .for(Website)
      .reconcile(async () => {
        const start = process.hrtime.bigint();
        while (process.hrtime.bigint() - start < 50_000_000n);
        seen.push('blocking');
      });
    const other = controller('other')
      .for(Website)
      .reconcile(async () => void seen.push('other'));
    const manager = make([blocking, other]);
    await manager.start();
    for (const name of ['a', 'b']) await world.client.create(Website, site(name));
    await manager.idle();
    expect(seen.toSorted()).toEqual(['blocking', 'blocking', 'other', 'other']);
  });
});

describe('those who only look on', () => {
  const boom = (): never => thrown('out of order');

  /** Two reconciles of a key that each write: how many ran, and how many of one key at the same time. */
  async function observed(
    options: Partial<ManagerOptions>,
  ): Promise<{ runs: number; most: number; failed: number }> {
    const found = { runs: 0, most: 0, failed: 0 };
    let running = 0;
    const writing = controller('writing')
      .for(Website)
      .reconcile(async ({ client, key: name }) => {
        found.runs += 1;
        running += 1;
        found.most = Math.max(found.most, running);
        const patch = { metadata: { labels: { run: String(found.runs) } } };
        await client.patch(Website, name, { type: 'merge', patch }).catch(() => (found.failed += 1));
        await client.list(Website);
        running -= 1;
      });
    const manager = make([writing], options);
    await manager.start();
    await world.client.create(Website, site('a'));
    await world.clock.advance(100);
    await world.client.patch(Website, key('a'), { type: 'merge', patch: { spec: { pages: 3 } } });
    await world.clock.advance(100);
    await manager.stop();
    return found;
  }

  it.each<[string, () => ReconcileTracer, number]>([
    ['begins nothing', () => ({ began: boom }), 1],
    ['begins what is nothing', () => ({ began: (() => undefined) as never }), 0],
    ['hears of no write', () => ({ began: () => ({ wrote: boom, ended: nothing }) }), 1],
    ['hears of no end', () => ({ began: () => ({ wrote: nothing, ended: boom }) }), 1],
    ['calls nothing', () => ({ began: () => ({ wrote: nothing, ended: nothing, run: boom }) }), 1],
    [
      'does not answer',
      () => ({ began: () => ({ wrote: nothing, ended: nothing, run: (fn) => void fn() as never }) }),
      0,
    ],
    [
      'calls twice',
      () => ({ began: () => ({ wrote: nothing, ended: nothing, run: (fn) => (fn(), fn()) }) }),
      0,
    ],
  ])('a tracer that %s changes nothing', async (_what, tracer, lines) => {
    const logger = recorder();
    expect(await observed({ tracer: tracer(), logger })).toEqual({ runs: 2, most: 1, failed: 0 });
    // once a minute
    expect(logger.lines.filter((line) => line === 'the tracer failed: Error: out of order')).toHaveLength(
      lines,
    );
  });

  it('a metrics provider whose metrics throw changes nothing', async () => {
    const logger = recorder();
    const metrics: MetricsProvider = {
      counter: () => ({ add: boom }),
      gauge: () => ({ set: boom }),
      histogram: () => ({ observe: boom }),
    };
    expect(await observed({ metrics, logger })).toEqual({ runs: 2, most: 1, failed: 0 });
    expect(logger.lines).toEqual(['the metrics provider failed: Error: out of order']);
  });

  it('a metrics provider that makes none lets nobody make a manager', () => {
    world = makeWorld();
    const metrics = { counter: boom, gauge: boom, histogram: boom };
    expect(() => again([], { metrics })).toThrow('out of order');
  });

  it('a logger that throws ends the manager in order, as nobody would hear of anything', async () => {
    const logger: Logger = { debug: nothing, info: nothing, warn: nothing, error: boom };
    const failing = controller('failing')
      .for(Website)
      .reconcile(async () => thrown('not yet'));
    const manager = make([failing], { logger });
    const running = outcome(manager.run({ signal: new AbortController().signal }));
    await manager.start();
    await world.client.create(Website, site('a'));
    expect(await running).toBe('Error: out of order');
    expect((await manager.ready.run()).healthy).toBe(false);
    await manager.stop();
  });
});

describe('starts, stops and changes that meet each other', () => {
  const TURNS = [0, 1, 2, 3, 5, 8, 13, 30];
  const everywhere = (): Controller =>
    controller('everywhere')
      .for(Website, { stores: 'every' })
      .reconcile(async () => undefined);

  it.each(TURNS)('a stop during the start, after %i turns: the start says so', async (count) => {
    const manager = make([idle]);
    const started = outcome(manager.start());
    await turns(count);
    await manager.stop();
    expect(await started).toMatch(/^(TypeError: Manager: expected start before stop|done)/);
  });

  it('a stop while the server does not answer: the start says so', async () => {
    world = makeWorld();
    const client = intercept(world.client, { list: () => never() });
    const manager = again([idle], { client });
    const started = manager.start();
    await world.clock.advance(1);
    await manager.stop();
    await expect(started).rejects.toThrow('Manager: expected start before stop');
  });

  it.each(TURNS)(
    'a controller added during the start, after %i turns, has its own number of workers',
    async (count) => {
      let running = 0;
      let most = 0;
      const slow = controller('slow')
        .for(Website)
        .reconcile(async ({ clock }) => {
          running += 1;
          most = Math.max(most, running);
          await new Promise<void>((resolve) => void clock.setTimer(10, resolve));
          running -= 1;
        });
      const manager = make([idle]);
      for (const name of ['a', 'b', 'c']) await world.client.create(Website, site(name));
      const started = manager.start();
      await turns(count);
      await Promise.all([started, manager.add(slow)]);
      await world.clock.advance(100);
      expect(most).toBe(1);
    },
  );

  it.each(TURNS)('a controller removed during the start, after %i turns: the others start', async (count) => {
    const manager = make([idle, everywhere()]);
    const started = manager.start();
    await turns(count);
    await manager.remove('everywhere');
    await started;
    await manager.idle();
  });

  it.each(TURNS)('a controller removed while it is added, after %i turns: it is gone', async (count) => {
    let runs = 0;
    const counting = controller('counting')
      .for(Website)
      .reconcile(async () => void (runs += 1));
    const manager = make([]);
    await manager.start();
    await world.client.create(Website, site('a'));
    const added = outcome(manager.add(counting));
    await turns(count);
    await manager.remove('counting');
    const before = runs;
    await world.client.create(Website, site('b'));
    expect(await added).toMatch(/^(Error: Manager: add: the controller counting was removed|done)/);
    await manager.idle();
    expect(runs).toBe(before);
  });

  it.each(TURNS)(
    'a store added during the start, after %i turns, is heard once and can be taken out',
    async (count) => {
      let runs = 0;
      const counting = controller('counting')
        .for(Website, { stores: 'every' })
        .reconcile(async () => void (runs += 1));
      const manager = make([counting]);
      const red = tenant();
      await red.create(Website, site('a'));
      const started = manager.start();
      await turns(count);
      await Promise.all([started, manager.addStore('red', red)]);
      await manager.idle();
      expect(runs).toBe(1);
      await manager.removeStore('red');
      await red.create(Website, site('b'));
      await world.clock.advance(100);
      expect(runs).toBe(1);
    },
  );

  it.each(TURNS)('a store removed during the start, after %i turns: the rest starts', async (count) => {
    world = makeWorld();
    const manager = again([everywhere()], { stores: { red: tenant() } });
    const started = manager.start();
    await turns(count);
    await manager.removeStore('red');
    await started;
    await manager.idle();
  });

  it.each(TURNS)('a store removed while it is added, after %i turns, is gone', async (count) => {
    const manager = make([everywhere()]);
    await manager.start();
    const added = outcome(manager.addStore('red', tenant()));
    await turns(count);
    await manager.removeStore('red');
    expect(await added).toMatch(/was removed|^done/);
    await expect(manager.removeStore('red')).rejects.toThrow('expected the name of a store');
    await manager.idle();
  });

  it('a store that is taken out while a reconcile of it runs: that is waited for, and the store can come back', async () => {
    const seen: string[] = [];
    const slow = controller('slow')
      .for(Website, { stores: 'added' })
      .reconcile(async ({ clock, client, key: name }) => {
        await new Promise<void>((resolve) => void clock.setTimer(1_000, resolve));
        const patch = { metadata: { labels: { seen: 'yes' } } };
        const { metadata } = await client.patch(Website, name, { type: 'merge', patch });
        seen.push(String(metadata.labels?.['seen']));
      });
    const manager = make([slow]);
    const red = tenant();
    await manager.start();
    await manager.addStore('red', red);
    await red.create(Website, site('a'));
    await world.clock.advance(0);
    const removed = manager.removeStore('red');
    await world.clock.advance(1_000);
    await removed;
    expect(seen).toEqual(['yes']);
    await manager.addStore('red', red);
    await world.clock.advance(5_000);
    await manager.idle();
    expect(seen).toEqual(['yes', 'yes']);
  });

  it('a removal aborts the signals of what runs', async () => {
    let reason: unknown;
    const waiting = controller('waiting')
      .for(Website)
      .reconcile(
        ({ signal }) =>
          new Promise<void>((resolve) =>
            signal.addEventListener('abort', () => ((reason = signal.reason), resolve()), { once: true }),
          ),
      );
    const manager = make([waiting, idle]);
    await manager.start();
    await world.client.create(Website, site('a'));
    await world.clock.advance(0);
    await manager.remove('waiting');
    expect(String(reason)).toBe('Error: the controller waiting was removed');
    expect(world.clock.monotonic()).toBe(0);
  });

  it('a stop waits for a controller that is about to leave', async () => {
    let ended = false;
    const slow = controller('slow')
      .for(Website)
      .reconcile(async ({ clock }) => {
        await new Promise<void>((resolve) => void clock.setTimer(3_000, resolve));
        ended = true;
      });
    const manager = make([slow]);
    await manager.start();
    await world.client.create(Website, site('a'));
    await world.clock.advance(0);
    const removed = manager.remove('slow');
    const stopped = manager.stop().then(() => ended);
    await world.clock.advance(10_000);
    expect(await stopped).toBe(true);
    await removed;
  });

  it('a controller that comes back waits for the one of its name that leaves', async () => {
    let running = 0;
    let most = 0;
    const slow = controller('slow')
      .for(Website)
      .reconcile(async ({ clock }) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise<void>((resolve) => void clock.setTimer(3_000, resolve));
        running -= 1;
      });
    const manager = make([slow]);
    await manager.start();
    await world.client.create(Website, site('a'));
    await world.clock.advance(0);
    const changed = Promise.all([manager.remove('slow'), manager.add(slow)]);
    await world.clock.advance(10_000);
    await changed;
    expect(most).toBe(1);
  });

  it('a stop with work left lets go of all metrics', async () => {
    let watched = 0;
    const observe = (): (() => void) => {
      watched += 1;
      return () => void (watched -= 1);
    };
    const metrics: MetricsProvider = {
      counter: () => ({ add: nothing }),
      gauge: () => ({ set: nothing, observe }),
      histogram: () => ({ observe: nothing }),
    };
    const waiting = controller('waiting')
      .for(Website)
      .reconcile(
        ({ signal }) =>
          new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
      );
    const manager = make([waiting], { metrics });
    await manager.start();
    for (const name of ['a', 'b', 'c']) await world.client.create(Website, site(name));
    await world.clock.advance(0);
    expect(watched).toBeGreaterThan(0);
    await manager.stop();
    expect(watched).toBe(0);
  });
});

describe('many', () => {
  it('controllers, shards and changes leave no trail of listeners', async () => {
    world = makeWorld();
    const warnings: string[] = [];
    const hear = ({ name }: Error): void => void warnings.push(name);
    process.on('warning', hear);
    const named = (name: string): Controller => ({ ...idle, name });
    const crowd = again(Array.from({ length: 12 }, (_, index) => named(`c${index}`)));
    const election = { namespace: 'default', name: 'many', shards: 16 };
    const sharded = again([named('sharded')], { leaderElection: election });
    await Promise.all([crowd.start(), sharded.start()]);
    for (let turn = 0; turn < 12; turn += 1) {
      await crowd.add(named('guest'));
      await crowd.remove('guest');
    }
    // warnings come a turn later
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', hear);
    expect(warnings).toEqual([]);
  });
});

describe('a server that fails for ever', () => {
  it('is told of, keeps nobody from stopping, and holds nothing back where it comes back', async () => {
    world = makeWorld();
    const logger = recorder();
    let isDown = false;
    const fail = <T>(next: () => T): T => {
      if (isDown) throw ApiError.serviceUnavailable('the server is down');
      return next();
    };
    const client = intercept(world.client, {
      get: (next, ...args) => fail(() => next(...args)),
      list: (next, ...args) => fail(() => next(...args)),
      watch: (next, ...args) => fail(() => next(...args)),
      barrier: (next) => fail(() => next()),
    });
    let runs = 0;
    const asking = controller('asking')
      .for(Website)
      .reconcile(async ({ client: own, key: name }) => {
        runs += 1;
        await own.get(Website, name);
      });
    const manager = again([asking], { client, logger });
    await manager.start();
    isDown = true;
    await world.client.create(Website, site('a'));
    await world.clock.advance(60_000);
    expect(runs).toBeGreaterThan(5);
    expect(runs).toBeLessThan(20);
    expect(logger.lines).toHaveLength(runs);
    await expect(manager.idle()).rejects.toThrow('the server is down');
    await expect(manager.add({ ...idle })).rejects.toThrow('the server is down');
    isDown = false;
    await world.clock.advance(120_000);
    await manager.idle();
  });
});

describe('the context of a reconcile', () => {
  it('can be spread, taken apart late, and kept: what it writes then is told of', async () => {
    const logger = recorder();
    let kept: ReconcileContext<Website> | undefined;
    let spread: ReconcileContext<Website> | undefined;
    const keeping = controller('keeping')
      .for(Website)
      .owns(Page)
      .reconcile(async (context) => {
        kept = context;
        spread = { ...context };
      });
    const manager = make([keeping], { logger });
    await manager.start();
    await world.client.create(Website, site('a'));
    await manager.idle();
    expect(spread).toMatchObject({ key: key('a'), attempt: 1, reconcileId: 'keeping#1', clock: world.clock });
    const { cache, signal, at, client, snapshot } = kept as ReconcileContext<Website>;
    expect(cache.list(Website)).toHaveLength(1);
    expect(spread?.cache.list(Website)).toHaveLength(1);
    expect(signal.aborted).toBe(false);
    expect(() => at('red')).toThrow('at: expected a store that it watches (its own), got red');
    expect(() => snapshot()).toThrow('snapshot: expected a reconcile that has not ended');
    const patch = { metadata: { labels: { late: 'yes' } } };
    await client.patch(Website, key('a'), { type: 'merge', patch });
    expect(logger.lines).toEqual([
      expect.stringMatching(/^a patch of a Website went on after the reconcile had ended/),
    ]);
    await manager.stop();
    expect(signal.aborted).toBe(true);
  });
});

function thrown(message: string): never {
  throw new Error(message);
}

function limiter(when: () => number): NonNullable<ControllerOptions['rateLimiter']> {
  return () => ({ when, forget: nothing, retries: () => 0 });
}

function errorOf(action: () => unknown): unknown {
  try {
    action();
    return undefined;
  } catch (error) {
    return error;
  }
}
