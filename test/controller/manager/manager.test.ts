import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  type Controller,
  controller,
  defineResource,
  edit,
  intercept,
  isNotFound,
  type Logger,
  Manager,
  type ManagerOptions,
  type ObjectStore,
  type ReconcileContext,
  TerminalError,
  type VirtualClock,
} from '../../../src/index.js';
import { makePages, makeWorld, Page, Theme, Website } from '../website.js';

let store: ObjectStore;
let manager: Manager | undefined;
afterEach(async () => {
  await manager?.stop();
  await store?.close();
});

interface Run {
  readonly client: ReturnType<ObjectStore['client']>;
  readonly clock: VirtualClock;
  readonly manager: Manager;
}

/** A started manager over a fresh world. */
async function run(controllers: readonly Controller[], options: Partial<ManagerOptions> = {}): Promise<Run> {
  const world = makeWorld();
  store = world.store;
  manager = new Manager({ client: world.client, controllers, ...options });
  await manager.start();
  return { ...world, manager };
}

const site = (name: string, spec: { pages?: number; theme?: string } = {}) => ({
  metadata: { name, namespace: 'default' },
  spec,
});

/** A logger that keeps what it is told. */
function recorder(): Logger & {
  readonly lines: { level: string; message: string; fields: Readonly<Record<string, unknown>> }[];
} {
  const lines: { level: string; message: string; fields: Readonly<Record<string, unknown>> }[] = [];
  const at = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) => {
    lines.push({ level, message, fields });
  };
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

const pages = controller('website')
  .for(Website)
  .owns(Page)
  .reconcile(async ({ object, client }) => {
    if (object !== undefined) await makePages(client, object);
  });

describe('the control loop', () => {
  it('converges after a create, an update and a delete', async () => {
    const { client } = await run([pages]);
    await client.create(Website, site('a', { pages: 2 }));
    await manager?.idle();
    expect((await client.list(Page)).items.map(({ metadata }) => metadata.name)).toEqual(['a-0', 'a-1']);

    await client.patch(
      Website,
      { name: 'a', namespace: 'default' },
      { type: 'merge', patch: { spec: { pages: 3 } } },
    );
    await manager?.idle();
    expect((await client.list(Page)).items).toHaveLength(3);

    await client.delete(Website, { name: 'a', namespace: 'default' });
    await manager?.idle();
    expect((await client.list(Page)).items).toEqual([]);
  });

  it('repairs what was deleted behind its back', async () => {
    const { client } = await run([pages]);
    await client.create(Website, site('a'));
    await manager?.idle();
    await client.delete(Page, { name: 'a-0', namespace: 'default' });
    await manager?.idle();
    expect((await client.list(Page)).items).toHaveLength(1);
  });

  it('works off what was there before it started', async () => {
    const world = makeWorld();
    store = world.store;
    for (let index = 0; index < 20; index += 1) await world.client.create(Website, site(`site-${index}`));
    manager = new Manager({ client: world.client, controllers: [pages] });
    await manager.start();
    await manager.idle();
    expect((await world.client.list(Page)).items).toHaveLength(20);
  });

  it('asks for both owners when an object changes hands', async () => {
    const seen: string[] = [];
    const watching = controller('watching')
      .for(Website)
      .owns(Page)
      .reconcile(async ({ key }) => void seen.push(key.name));
    const { client } = await run([watching]);
    const a = await client.create(Website, site('a'));
    const b = await client.create(Website, site('b'));
    await makePages(client, a);
    await manager?.idle();
    seen.length = 0;
    const page = await client.get(Page, { name: 'a-0', namespace: 'default' });
    await client.update(
      Page,
      edit(page, (draft) => {
        draft.metadata.ownerReferences = [
          { apiVersion: 'example.com/v1', kind: 'Website', name: 'b', uid: b.metadata.uid, controller: true },
        ];
      }),
    );
    await manager?.idle();
    expect(seen.sort()).toEqual(['a', 'b']);
  });

  it('asks for what a map function names, before and after the change', async () => {
    const seen: string[] = [];
    const themed = controller('themed')
      .for(Website)
      .watches(Theme, { map: (theme) => [{ name: theme.spec.color, namespace: 'default' }] })
      .reconcile(async ({ key }) => void seen.push(key.name));
    const { client } = await run([themed]);
    const theme = await client.create(Theme, { metadata: { name: 'dark' }, spec: { color: 'black' } });
    await manager?.idle();
    await client.update(
      Theme,
      edit(theme, (draft) => void (draft.spec.color = 'grey')),
    );
    await manager?.idle();
    expect(seen).toEqual(['black', 'black', 'grey']);
  });

  it('hands the reconciler what the design promises', async () => {
    let seen: ReconcileContext<unknown> | undefined;
    const { client, clock } = await run([
      controller('website')
        .for(Website)
        .owns(Page)
        .reconcile(async (context) => {
          seen = context;
          expect(context.cache.get(Website, context.key)).toBe(context.object);
          expect(context.cache.list(Page)).toEqual([]);
          expect(() => context.cache.get(Theme, { name: 'x' })).toThrow(
            /is for, owns, watches or reads, got Theme/,
          );
        }),
    ]);
    await client.create(Website, site('a'));
    await manager?.idle();
    expect(seen?.key).toEqual({ name: 'a', namespace: 'default' });
    expect(seen?.object).toMatchObject({ kind: 'Website', spec: { pages: 1 } });
    expect(seen?.attempt).toBe(1);
    expect(seen?.clock).toBe(clock);
    expect(seen?.signal.aborted).toBe(false);
  });

  it('never runs one key twice at the same time, and no more keys than the concurrency', async () => {
    const running = new Map<string, number>();
    let most = 0;
    const slow = controller('slow')
      .for(Website)
      .options({ concurrency: 3 })
      .reconcile(async ({ key, client }) => {
        expect(running.get(key.name) ?? 0).toBe(0);
        running.set(key.name, 1);
        most = Math.max(
          most,
          [...running.values()].reduce((sum, one) => sum + one, 0),
        );
        for (let turn = 0; turn < 5; turn += 1) await client.list(Website);
        running.set(key.name, 0);
      });
    const { client } = await run([slow]);
    for (let turn = 0; turn < 3; turn += 1) {
      for (let index = 0; index < 10; index += 1) {
        const patch = { spec: { pages: turn } };
        if (turn === 0) await client.create(Website, site(`site-${index}`, { pages: 9 }));
        else
          await client.patch(
            Website,
            { name: `site-${index}`, namespace: 'default' },
            { type: 'merge', patch },
          );
      }
    }
    await manager?.idle();
    expect(most).toBe(3);
  });

  it('keeps to one budget for all controllers where there is one', async () => {
    let running = 0;
    let most = 0;
    const busy = (name: string): Controller =>
      controller(name)
        .for(Website)
        .options({ concurrency: 5 })
        .reconcile(async ({ client }) => {
          running += 1;
          most = Math.max(most, running);
          await client.list(Website);
          running -= 1;
        });
    const { client } = await run([busy('one'), busy('two')], { concurrency: 2 });
    for (let index = 0; index < 10; index += 1) await client.create(Website, site(`site-${index}`));
    await manager?.idle();
    expect(most).toBe(2);
  });
});

describe('results and errors', () => {
  it('looks again after requeueAfter, and not before', async () => {
    let runs = 0;
    const { client, clock } = await run([
      controller('again')
        .for(Website)
        .reconcile(async () => {
          runs += 1;
          return runs < 3 ? { requeueAfter: 60_000 } : undefined;
        }),
    ]);
    await client.create(Website, site('a'));
    await manager?.idle();
    expect(runs).toBe(1);
    await clock.advance(59_999);
    expect(runs).toBe(1);
    await clock.advance(1);
    expect(runs).toBe(2);
    await clock.advance(1_000_000);
    expect(runs).toBe(3);
  });

  it('tries again with growing delays, counts the attempts, and forgets them on success', async () => {
    const attempts: [number, number][] = [];
    const { client, clock } = await run([
      controller('flaky')
        .for(Website)
        .reconcile(async ({ attempt, clock: time }) => {
          attempts.push([attempt, time.monotonic()]);
          if (attempts.length < 4) throw new Error('not yet');
        }),
    ]);
    await client.create(Website, site('a'));
    await clock.advance(1_000);
    expect(attempts).toEqual([
      [1, 0],
      [2, 5],
      [3, 15],
      [4, 35],
    ]);
    await client.patch(
      Website,
      { name: 'a', namespace: 'default' },
      { type: 'merge', patch: { spec: { pages: 7 } } },
    );
    await manager?.idle();
    expect(attempts.at(-1)?.[0]).toBe(1);
  });

  it('does not try again after a TerminalError, and goes on with the next event', async () => {
    let runs = 0;
    const logger = recorder();
    const { client, clock } = await run(
      [
        controller('terminal')
          .for(Website)
          .reconcile(async () => {
            runs += 1;
            throw new TerminalError('never');
          }),
      ],
      { logger },
    );
    await client.create(Website, site('a'));
    await manager?.idle();
    await clock.advance(10_000_000);
    expect(runs).toBe(1);
    expect(logger.lines.filter(({ level }) => level === 'error')).toMatchObject([
      { message: 'the reconcile failed for good', fields: { controller: 'terminal', key: 'default/a' } },
    ]);
    await client.patch(
      Website,
      { name: 'a', namespace: 'default' },
      { type: 'merge', patch: { spec: { pages: 7 } } },
    );
    await manager?.idle();
    expect(runs).toBe(2);
  });

  it.each<[string, unknown]>([
    ['a number', 5],
    ['a text for a delay', { requeueAfter: 'soon' }],
    ['a negative delay', { requeueAfter: -1 }],
    ['NaN', { requeueAfter: Number.NaN }],
    ['another field', { requeue: true }],
    ['one field too many', { requeueAfter: 1, requeue: true }],
  ])('reports a reconciler that returns %s', async (_what, result) => {
    const logger = recorder();
    const { client, clock } = await run(
      [
        controller('nonsense')
          .for(Website)
          .reconcile((async () => result) as never),
      ],
      { logger },
    );
    await client.create(Website, site('a'));
    await clock.advance(1);
    const { error } = logger.lines.find(({ level }) => level === 'error')?.fields ?? {};
    expect(String(error)).toMatch(
      /^TypeError: controller nonsense: reconcile: expected nothing or \{ requeueAfter/,
    );
  });

  it.each<[string, unknown]>([
    ['a string', 'oops'],
    ['undefined', undefined],
    ['null', null],
  ])('survives a reconciler that throws %s, and the other controllers go on', async (_what, thrown) => {
    let others = 0;
    const { client, clock } = await run([
      controller('bad')
        .for(Website)
        .reconcile(() => {
          throw thrown;
        }),
      controller('good')
        .for(Website)
        .reconcile(async () => void (others += 1)),
    ]);
    await client.create(Website, site('a'));
    await clock.advance(100);
    expect(others).toBe(1);
  });
});

describe('idle', () => {
  it('resolves at once where there is nothing to do', async () => {
    await run([pages]);
    await expect(manager?.idle()).resolves.toBeUndefined();
  });

  it('waits for a key in backoff, without moving the clock', async () => {
    let fail = true;
    const { client, clock } = await run([
      controller('flaky')
        .for(Website)
        .reconcile(async () => {
          if (fail) throw new Error('not yet');
        }),
    ]);
    await client.create(Website, site('a'));
    let idle = false;
    const waiting = manager?.idle().then(() => (idle = true));
    await clock.advance(4);
    expect(idle).toBe(false);
    fail = false;
    await clock.advance(1);
    await waiting;
    expect(idle).toBe(true);
  });

  it('rejects with the error of a key that failed 10 times in a row', async () => {
    const error = new Error('for ever');
    const { client, clock } = await run([
      controller('broken')
        .for(Website)
        .reconcile(async () => {
          throw error;
        }),
    ]);
    await client.create(Website, site('a'));
    const idle = expect(manager?.idle()).rejects.toBe(error);
    await clock.advance(60_000);
    await idle;
  });

  it('names what it waits for when it is aborted', async () => {
    const { client, clock } = await run([
      controller('broken')
        .for(Website)
        .reconcile(async () => {
          throw new Error('not yet');
        }),
    ]);
    await client.create(Website, site('a'));
    const aborter = new AbortController();
    const idle = manager?.idle({ signal: aborter.signal });
    await clock.advance(6);
    aborter.abort(new Error('enough'));
    await expect(idle).rejects.toThrow(
      'Manager: idle was aborted while it waited for broken default/a (failed 2 times)',
    );
  });

  it('covers garbage collection and the writes that follow from it', async () => {
    const { client } = await run([pages]);
    await client.create(Website, site('a', { pages: 3 }));
    await manager?.idle();
    void client.delete(Website, { name: 'a', namespace: 'default' });
    await manager?.idle();
    expect((await client.list(Page)).items).toEqual([]);
  });
});

describe('start and stop', () => {
  it('fails to start where a kind is not served, naming the controller and the kind', async () => {
    const world = makeWorld();
    store = world.store;
    const Unknown = defineResource({ group: 'example.com', version: 'v2', kind: 'Unknown' });
    manager = new Manager({
      client: world.client,
      controllers: [
        pages,
        controller('lost')
          .for(Unknown)
          .reconcile(async () => undefined),
      ],
    });
    const error: unknown = await manager.start().catch((reason: unknown) => reason);
    expect(isNotFound(error)).toBe(true);
    expect(String(error)).toContain(
      'controller lost: expected a server that serves Unknown in example.com/v2',
    );
    expect(world.clock.timers).toBe(0);
  });

  it('gives the same promise to every start and every stop, and refuses to start again', async () => {
    await run([pages]);
    expect(manager?.start()).toBe(manager?.start());
    const stopped = manager?.stop();
    expect(manager?.stop()).toBe(stopped);
    await stopped;
    const world = makeWorld();
    const never = new Manager({ client: world.client, controllers: [pages] });
    await never.stop();
    await expect(never.start()).rejects.toThrow('expected start before stop');
    await world.store.close();
  });

  it('lets one definition run in one manager after another', async () => {
    const { client } = await run([pages]);
    await client.create(Website, site('a'));
    await manager?.idle();
    await manager?.stop();
    await client.create(Website, site('b'));
    manager = new Manager({ client, controllers: [pages] });
    await manager.start();
    await manager.idle();
    expect((await client.list(Page)).items).toHaveLength(2);
  });

  it('aborts the signal of a running reconcile and waits for it', async () => {
    let ended = false;
    const { client, clock } = await run([
      controller('waiting')
        .for(Website)
        .reconcile(async ({ signal }) => {
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          ended = true;
        }),
    ]);
    await client.create(Website, site('a'));
    await clock.advance(0);
    await manager?.stop();
    expect(ended).toBe(true);
    expect(clock.timers).toBe(0);
  });

  it('leaves a reconcile that does not end to itself after the time it may take, and says so', async () => {
    const logger = recorder();
    const { client, clock } = await run(
      [
        controller('stuck')
          .for(Website)
          .reconcile(() => new Promise(() => undefined)),
      ],
      { logger, gracefulShutdownTimeout: 5_000 },
    );
    await client.create(Website, site('a'));
    await clock.advance(0);
    let stopped = false;
    const stopping = manager?.stop().then(() => (stopped = true));
    await clock.advance(4_999);
    expect(stopped).toBe(false);
    await clock.advance(1);
    await stopping;
    expect(logger.lines.find(({ level }) => level === 'warn')).toMatchObject({
      fields: { controller: 'stuck', key: 'default/a' },
      message: 'the reconcile did not end when it was told to, and is cut off',
    });
  });

  it('leaves no watch and no timer behind', async () => {
    const { client, clock } = await run([pages]);
    await client.create(Website, site('a'));
    await manager?.idle();
    await manager?.stop();
    expect(clock.timers).toBe(0);
    await expect(client.barrier()).resolves.toBeDefined();
  });

  it('runs until its signal aborts', async () => {
    const world = makeWorld();
    store = world.store;
    manager = new Manager({ client: world.client, controllers: [pages] });
    const aborter = new AbortController();
    const running = manager.run({ signal: aborter.signal });
    await world.client.create(Website, site('a'));
    await manager.idle();
    aborter.abort();
    await running;
    expect((await world.client.list(Page)).items).toHaveLength(1);
    expect(world.clock.timers).toBe(0);
  });

  it('does nothing where its signal has aborted before', async () => {
    const world = makeWorld();
    store = world.store;
    const reconcile = vi.fn(async () => undefined);
    manager = new Manager({
      client: world.client,
      controllers: [controller('a').for(Website).reconcile(reconcile)],
    });
    await world.client.create(Website, site('a'));
    await manager.run({ signal: AbortSignal.abort() });
    expect(reconcile).not.toHaveBeenCalled();
  });

  it('refuses two controllers of one name, and what is no controller', () => {
    const world = makeWorld();
    store = world.store;
    const make =
      (controllers: unknown, options: object = {}) =>
      () =>
        new Manager({ client: world.client, controllers: controllers as readonly Controller[], ...options });
    expect(make([pages, pages])).toThrow('expected one controller of a name, got two named "website"');
    expect(make([{}])).toThrow('expected what .reconcile() gives');
    expect(make(null)).toThrow('controllers: expected a list of controllers, got null');
    expect(make([], { concurrency: 0 })).toThrow('Manager: concurrency: expected 1 or more, got 0');
    expect(make([], { gracefulShutdownTimeout: -1 })).toThrow(
      'gracefulShutdownTimeout: expected 0 milliseconds or more',
    );
  });

  it('names the controller as the field manager of its writes', async () => {
    const world = makeWorld();
    store = world.store;
    const managers: unknown[] = [];
    const client = intercept(world.client, {
      create(next, resource, object, options) {
        managers.push(options?.fieldManager);
        return next(resource, object, options);
      },
    });
    manager = new Manager({ client, controllers: [pages] });
    await manager.start();
    await world.client.create(Website, site('a'));
    await manager.idle();
    expect(managers).toEqual(['website']);
  });
});
