import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Client,
  controller,
  finalize,
  type FinalizeContext,
  type Finalizer,
  intercept,
  isConflict,
  isNotFound,
  type Logger,
  Manager,
  noopLogger,
  type ObjectStore,
  type VirtualClock,
} from '../../../src/index.js';
import { makeWorld, Website } from '../website.js';

const KEY = { name: 'a', namespace: 'default' };
const THEIRS = 'example.com/theirs';

let store: ObjectStore;
let client: Client;
let clock: VirtualClock;
let stopping: AbortController;
beforeEach(() => {
  ({ store, client, clock } = makeWorld());
  stopping = new AbortController();
});
afterEach(() => store.close());

type Context = FinalizeContext<Website>;

/** What a reconcile of this object would have. */
function contextOf(object: Website | undefined, over: Partial<Context> = {}): Context {
  return { object, client, log: noopLogger, signal: stopping.signal, ...over };
}

/** Finalizers of these names, and which of them ran. */
function recording(...names: readonly string[]): { ran: string[]; finalizers: Finalizer<Website>[] } {
  const ran: string[] = [];
  const finalizers = names.map((name) => ({
    name: `example.com/${name}`,
    cleanUp: async () => void ran.push(name),
  }));
  return { ran, finalizers };
}

const finalizersOf = async (): Promise<readonly string[] | undefined> =>
  (await client.get(Website, KEY)).metadata.finalizers;

/** A Website that is being deleted, held by these. */
async function deleting(...finalizers: readonly string[]): Promise<Website> {
  await client.create(Website, { metadata: { ...KEY, finalizers }, spec: {} });
  await client.delete(Website, KEY);
  return client.get(Website, KEY);
}

const isGone = () => expect(client.get(Website, KEY)).rejects.toSatisfy(isNotFound);

describe('finalize', () => {
  it('puts the finalizers on a living object, in one write, and then none', async () => {
    const { ran, finalizers } = recording('b', 'a');
    const site = await client.create(Website, { metadata: { ...KEY, finalizers: [THEIRS] }, spec: {} });
    const held = await finalize(contextOf(site), Website, finalizers);
    expect(held?.metadata.finalizers).toEqual([THEIRS, 'example.com/b', 'example.com/a']);
    expect(await finalize(contextOf(held), Website, finalizers)).toBe(held);
    expect(ran).toEqual([]);
  });

  it('runs them in the order given, takes each off, and leaves those of others', async () => {
    const { ran, finalizers } = recording('b', 'a', 'c');
    const object = await deleting('example.com/a', THEIRS, 'example.com/b');
    expect(await finalize(contextOf(object), Website, finalizers)).toBeUndefined();
    // c was never put on: there is nothing to clean up
    expect(ran).toEqual(['b', 'a']);
    expect(await finalizersOf()).toEqual([THEIRS]);
  });

  it('lets the object go with the last one', async () => {
    const { finalizers } = recording('a');
    await finalize(contextOf(await deleting('example.com/a')), Website, finalizers);
    await isGone();
    expect(await finalize(contextOf(undefined), Website, finalizers)).toBeUndefined();
  });

  it('keeps one that fails and all after it, but not what was done before', async () => {
    const { ran, finalizers } = recording('a', 'b', 'c');
    const object = await deleting('example.com/a', 'example.com/b', 'example.com/c');
    let broken = true;
    const [a, b, c] = finalizers as [Finalizer<Website>, Finalizer<Website>, Finalizer<Website>];
    const fragile: Finalizer<Website> = {
      ...b,
      cleanUp: async (...args) => {
        if (broken) throw new Error('the far end is down');
        return b.cleanUp(...args);
      },
    };
    await expect(finalize(contextOf(object), Website, [a, fragile, c])).rejects.toThrow(
      'the far end is down',
    );
    expect(await finalizersOf()).toEqual(['example.com/b', 'example.com/c']);
    broken = false;
    await finalize(contextOf(await client.get(Website, KEY)), Website, [a, fragile, c]);
    expect(ran).toEqual(['a', 'b', 'c']);
    await isGone();
  });

  it('cuts each off after its own time, by the clock, and keeps it', async () => {
    const object = await deleting('example.com/slow');
    let reason: unknown;
    const slow: Finalizer<Website> = {
      name: 'example.com/slow',
      timeout: 5_000,
      cleanUp: (_object, signal) =>
        new Promise(() => signal.addEventListener('abort', () => (reason = signal.reason))),
    };
    const failed = finalize(contextOf(object), Website, [slow]);
    const message = 'finalizer example.com/slow of Website default/a: expected it done within 5000 ms';
    const rejected = expect(failed).rejects.toThrow(message);
    await clock.advance(5_000);
    await rejected;
    expect(reason).toMatchObject({ message });
    expect(await finalizersOf()).toEqual(['example.com/slow']);
    expect(clock.timers).toBe(0);
  });

  it('reports what fails after its time', async () => {
    const object = await deleting('example.com/slow');
    const warnings: unknown[] = [];
    const log: Logger = { ...noopLogger, warn: (fields) => void warnings.push(fields) };
    const slow: Finalizer<Website> = {
      name: 'example.com/slow',
      cleanUp: (_object, signal) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(new Error('cut short'))),
        ),
    };
    const rejected = expect(finalize(contextOf(object, { log }), Website, [slow])).rejects.toThrow(
      'within 30000 ms',
    );
    await clock.advance(30_000);
    await rejected;
    expect(warnings).toMatchObject([{ finalizer: 'example.com/slow', error: { message: 'cut short' } }]);
  });

  it('passes the stop on to what runs, and waits for it', async () => {
    const object = await deleting('example.com/slow');
    const slow: Finalizer<Website> = {
      name: 'example.com/slow',
      cleanUp: (_object, signal) =>
        new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
    };
    const done = finalize(contextOf(object), Website, [slow]);
    await clock.advance(0);
    stopping.abort(new Error('stop'));
    await done;
    await isGone();
    expect(clock.timers).toBe(0);
  });

  it('hurts nobody who changes finalizers at the same time', async () => {
    const { finalizers } = recording('a');
    const stale = await client.create(Website, { metadata: KEY, spec: {} });
    await client.patch(Website, KEY, { type: 'merge', patch: { metadata: { finalizers: [THEIRS] } } });
    const held = await finalize(contextOf(stale), Website, finalizers);
    expect(held?.metadata.finalizers).toEqual([THEIRS, 'example.com/a']);
  });

  it('cleans up where the cache had not heard of the deletion', async () => {
    const { ran, finalizers } = recording('a');
    const stale = await client.create(Website, { metadata: { ...KEY, finalizers: [THEIRS] }, spec: {} });
    const held = await finalize(contextOf(stale), Website, finalizers);
    await client.delete(Website, KEY);
    expect(held?.metadata.deletionTimestamp).toBeUndefined();
    expect(await finalize(contextOf(stale), Website, finalizers)).toBeUndefined();
    expect(ran).toEqual(['a']);
    expect(await finalizersOf()).toEqual([THEIRS]);
  });

  it('leaves an object alone that is another one of the same name, or gone', async () => {
    const { ran, finalizers } = recording('a');
    const stale = await client.create(Website, { metadata: KEY, spec: {} });
    await client.delete(Website, KEY);
    expect(await finalize(contextOf(stale), Website, finalizers)).toBeUndefined();
    await client.create(Website, { metadata: KEY, spec: {} });
    expect(await finalize(contextOf(stale), Website, finalizers)).toBeUndefined();
    expect(await finalizersOf()).toBeUndefined();
    expect(ran).toEqual([]);
  });

  it('gives up after 5 conflicts in a row', async () => {
    const { finalizers } = recording('a');
    const site = await client.create(Website, { metadata: KEY, spec: {} });
    let tries = 0;
    const racing = intercept(client, {
      patch: async (next, ...args) => {
        tries += 1;
        const annotations = { turn: String(tries) };
        await client.patch(Website, KEY, { type: 'merge', patch: { metadata: { annotations } } });
        return next(...args);
      },
    });
    const failed = finalize(contextOf(site, { client: racing }), Website, finalizers);
    await expect(failed).rejects.toSatisfy(isConflict);
    expect(tries).toBe(5);
  });

  it.each([
    [{ name: 'dns' }, 'finalize: name: expected one such as \'example.com/dns\', got "dns"'],
    [{ timeout: -1 }, 'finalize: example.com/a: timeout: expected 0 milliseconds or more, got -1'],
    [{ timeout: Number.NaN }, 'got NaN'],
    [{ cleanUp: 'x' as unknown as () => Promise<void> }, 'cleanUp: expected a function, got "x"'],
  ])('refuses %j', async (wrong, message) => {
    const [good] = recording('a').finalizers as [Finalizer<Website>];
    const site = await client.create(Website, { metadata: KEY, spec: {} });
    await expect(finalize(contextOf(site), Website, [{ ...good, ...wrong }])).rejects.toThrow(message);
    await expect(finalize(contextOf(site), Website, [good, good])).rejects.toThrow('"example.com/a" twice');
  });

  it('holds an object in a controller until its retries succeed', async () => {
    const log: string[] = [];
    const sites = controller('site')
      .for(Website)
      .reconcile(async (context) => {
        const site = await finalize(context, Website, [
          {
            name: 'example.com/dns',
            cleanUp: async ({ metadata }) => {
              log.push(`remove ${metadata.name}`);
              if (log.length < 4) throw new Error('not yet');
            },
          },
        ]);
        if (site !== undefined) log.push(`add ${site.metadata.name}, held`);
      });
    const manager = new Manager({ client, controllers: [sites] });
    await manager.start();
    await client.create(Website, { metadata: KEY, spec: {} });
    await manager.idle();
    await client.delete(Website, KEY);
    const idle = manager.idle();
    await clock.advance(1_000);
    await idle;
    expect(log.filter((line) => line.startsWith('remove'))).toHaveLength(
      log.length - log.filter((line) => line.startsWith('add')).length,
    );
    expect(log.at(-1)).toBe('remove a');
    expect(log.length).toBeGreaterThanOrEqual(4);
    await isGone();
    await manager.stop();
  });
});
