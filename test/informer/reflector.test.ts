import { describe, expect, it } from 'vitest';
import { ApiError } from '../../src/core/index.js';
import {
  type ObjectEvent,
  Reflector,
  type ReflectorState,
  type ReflectorTarget,
} from '../../src/informer/index.js';
import { listOf, ScriptedClient, type ScriptedList, Thing, thing } from './scripted-client.js';

/** Writes down what it is told. */
class Diary implements ReflectorTarget<Thing> {
  readonly lines: string[] = [];

  replace(objects: readonly Thing[], resourceVersion: string): void {
    this.lines.push(`replace ${resourceVersion}: ${objects.map(({ metadata }) => metadata.name).join(' ')}`);
  }
  apply({ type, object }: ObjectEvent<Thing>): void {
    this.lines.push(`${type} ${object.metadata.name} ${object.metadata.resourceVersion}`);
  }
  bookmark(resourceVersion: string): void {
    this.lines.push(`bookmark ${resourceVersion}`);
  }
}

class World {
  readonly script: ScriptedClient;
  readonly target: Diary = new Diary();
  readonly states: ReflectorState[] = [];
  readonly errors: string[] = [];
  readonly reflector: Reflector<Thing>;
  readonly abort: AbortController = new AbortController();
  readonly run: Promise<void>;

  constructor(
    answers: readonly ScriptedList[],
    options: { transactions?: boolean; stream?: boolean; target?: ReflectorTarget<Thing> } = {},
  ) {
    this.script = new ScriptedClient(answers, { ...options, streams: options.stream === true });
    this.reflector = new Reflector<Thing>({
      client: this.script.client,
      resource: Thing,
      target: options.target ?? this.target,
      selection: { namespace: 'default', labelSelector: 'app=web', fieldSelector: 'metadata.name!=x' },
      stream: options.stream,
      onState: (state) => this.states.push(state),
      onError: (error, during) => this.errors.push(`${during}: ${error.message}`),
    });
    this.run = this.reflector.run({ signal: this.abort.signal });
  }

  async settle(): Promise<void> {
    // other work has its turn between the pages of a list
    for (let page = 0; page < 3; page += 1) await this.script.settle();
  }

  /** The pause that the reflector makes now, in milliseconds; undefined where it makes none. */
  get pause(): number | undefined {
    return this.script.clock.untilNext;
  }

  async stop(): Promise<void> {
    this.abort.abort();
    await this.run;
  }
}

const reset = new ApiError({ reason: 'Unknown', message: 'connection reset' });

describe('a Reflector that streams', () => {
  it('takes over what a watch begins with, at its end bookmark, and follows the same watch', async () => {
    const world = new World([], { stream: true });
    await world.settle();
    expect(world.script.watchNow.options).toMatchObject({
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: true,
    });
    expect(world.script.watchNow.options.resourceVersion ?? '').toBe('');
    world.script.watchNow.added(thing('default/b', 9)).added(thing('default/a', 3));
    await world.settle();
    expect(world.target.lines).toEqual([]);
    expect(world.reflector.resourceVersion).toBeUndefined();
    world.script.watchNow
      .added(thing('default/c', 4))
      .deleted(thing('default/b', 10))
      .modified(thing('default/a', 11))
      .initialEnd(11)
      .added(thing('default/d', 12));
    await world.settle();
    expect(world.target.lines).toEqual(['replace 11: a c', 'ADDED d 12']);
    expect(world.reflector.resourceVersion).toBe('12');
    expect(world.states).toEqual(['connecting', 'listing', 'watching']);
    expect(world.script.lists).toEqual([]);
    expect(world.script.watches).toHaveLength(1);
    await world.stop();
  });

  it('resumes from the last revision when it ends, and streams again when it has expired', async () => {
    const world = new World([], { stream: true });
    await world.settle();
    world.script.watchNow.initialEnd(5).added(thing('default/a', 6));
    await world.script.clock.advance(2_000);
    world.script.watchNow.end();
    await world.settle();
    expect(world.script.watchNow.options).toMatchObject({ resourceVersion: '6' });
    expect(world.script.watchNow.options.sendInitialEvents).toBeUndefined();
    world.script.watchNow.fail(ApiError.expired('too old'));
    await world.settle();
    expect(world.script.watchNow.options.sendInitialEvents).toBe(true);
    world.script.watchNow.added(thing('default/b', 7)).initialEnd(8);
    await world.settle();
    expect(world.target.lines).toEqual(['replace 5: ', 'ADDED a 6', 'replace 8: b']);
    await world.stop();
  });

  it.each([
    ApiError.badRequest('unknown', 'sendInitialEvents'),
    ApiError.invalid(Thing, '', []),
    new ApiError({ reason: 'UnsupportedMediaType', message: 'what?' }),
  ])('lists, now and for good, from a server that answers with $reason', async (error) => {
    const world = new World([listOf(5, thing('default/a', 1)), listOf(7)], { stream: true });
    await world.settle();
    world.script.watchNow.fail(error);
    await world.settle();
    expect(world.target.lines).toEqual(['replace 5: a']);
    expect(world.reflector.state).toBe('watching');
    expect(world.errors).toEqual([]);
    world.script.watchNow.fail(ApiError.expired('too old'));
    await world.settle();
    expect(world.target.lines).toEqual(['replace 5: a', 'replace 7: ']);
    expect(world.script.watches).toHaveLength(3);
    await world.stop();
  });

  it('lists when the end of what it begins with does not come: after ten silent seconds, or another bookmark', async () => {
    const silent = new World([listOf(5)], { stream: true });
    await silent.settle();
    silent.script.watchNow.added(thing('default/a', 3));
    await silent.script.clock.advance(9_000);
    silent.script.watchNow.added(thing('default/b', 4));
    await silent.script.clock.advance(9_000);
    expect(silent.script.lists).toEqual([]);
    await silent.script.clock.advance(1_500);
    expect(silent.target.lines).toEqual(['replace 5: ']);
    expect(silent.script.watches[0]?.closed).toBe(true);
    await silent.stop();

    const older = new World([listOf(5)], { stream: true });
    await older.settle();
    older.script.watchNow.added(thing('default/a', 3)).bookmark(4);
    await older.settle();
    expect(older.target.lines).toEqual(['replace 5: ']);
    await older.stop();
  });

  it('pauses and streams again, without a list, when the server has too much to do', async () => {
    const world = new World([], { stream: true });
    await world.settle();
    world.script.watchNow.fail(ApiError.tooManyRequests('slow down', 1));
    await world.settle();
    expect(world.reflector.state).toBe('backing off');
    expect(world.errors).toEqual(['list: slow down']);
    await world.script.clock.next();
    expect(world.script.watchNow.options.sendInitialEvents).toBe(true);
    expect(world.script.lists).toEqual([]);
    await world.stop();
  });

  it('lists once when it fails otherwise, and streams the next time', async () => {
    const world = new World([reset, listOf(5)], { stream: true });
    await world.settle();
    world.script.watchNow.fail(reset);
    await world.settle();
    expect(world.errors).toEqual(['list: connection reset']);
    await world.script.clock.next();
    expect(world.script.watches).toHaveLength(2);
    world.script.watchNow.added(thing('default/a', 1)).initialEnd(6);
    await world.settle();
    expect(world.target.lines).toEqual(['replace 6: a']);
    await world.stop();
  });

  it('refuses what is older than what it has seen', async () => {
    const world = new World([listOf(9)], { stream: true });
    await world.settle();
    world.script.watchNow.initialEnd(8).fail(ApiError.expired('too old'));
    await world.settle();
    world.script.watchNow.initialEnd(7);
    await world.settle();
    expect(world.target.lines).toEqual(['replace 8: ', 'replace 9: ']);
    await world.stop();
  });
});

describe('Reflector', () => {
  it('asks for watches of five to ten minutes, spread by chance', async () => {
    const world = new World([listOf(5)]);
    await world.settle();
    for (let round = 0; round < 50; round += 1) {
      await world.script.clock.advance(1_000);
      world.script.watchNow.end();
      await world.settle();
    }
    const timeouts = world.script.watches.map(({ options }) => options.timeout as number);
    expect(Math.min(...timeouts)).toBeGreaterThanOrEqual(300_000);
    expect(Math.min(...timeouts)).toBeLessThan(330_000);
    expect(Math.max(...timeouts)).toBeLessThan(600_000);
    expect(Math.max(...timeouts)).toBeGreaterThan(570_000);
    await world.stop();
  });

  it('gives a watch up that told nothing for three minutes, and resumes it at once; an event or a bookmark is enough', async () => {
    const world = new World([listOf(5)]);
    await world.settle();
    await world.script.clock.advance(170_000);
    world.script.watchNow.bookmark(6);
    await world.script.clock.advance(170_000);
    world.script.watchNow.added(thing('default/a', 7));
    await world.script.clock.advance(179_000);
    expect(world.script.watches).toHaveLength(1);
    await world.script.clock.advance(1_000);
    expect(world.script.watches.map(({ closed }) => closed)).toEqual([true, false]);
    expect(world.script.watchNow.options.resourceVersion).toBe('7');
    expect(world.errors).toEqual(['watch: the watch told nothing for 180 seconds: it was given up']);
    expect(world.reflector.reconnects).toBe(1);
    expect(world.script.lists).toHaveLength(1);
    await world.stop();
  });

  it('gives a list up that is not answered for two minutes, and tries again', async () => {
    const world = new World([]);
    await world.script.clock.advance(120_000);
    expect(world.errors).toEqual(['list: the list told nothing for 120 seconds: it was given up']);
    expect(world.script.lists[0]?.signal?.aborted).toBe(true);
    world.script.willList(listOf(5));
    await world.script.clock.next();
    expect(world.reflector.state).toBe('watching');
    await world.stop();
  });

  it('does not read pages for ever from a server that answers with the same token', async () => {
    const same = { ...listOf(5, thing('default/a', 1)), continue: 'one' };
    const world = new World([same, same]);
    await world.settle();
    expect(world.errors).toEqual([
      'list: Internal error occurred: expected another continue token on each page of a list, got the same again',
    ]);
    await world.stop();
  });

  it('resumes without a list for as long as connections are refused', async () => {
    const world = new World([listOf(5)]);
    await world.settle();
    const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    for (let round = 0; round < 5; round += 1) {
      world.script.watchNow.fail(new ApiError({ reason: 'Unknown', message: 'fetch failed', cause }));
      await world.settle();
      expect(world.reflector.state).toBe('backing off');
      await world.script.clock.next();
    }
    expect(world.script.watches.map(({ options }) => options.resourceVersion)).toEqual(Array(6).fill('5'));
    expect(world.script.lists).toHaveLength(1);
    await world.stop();
  });

  it('lists, then watches from the revision of the list, with bookmarks, the same selection', async () => {
    const world = new World([listOf(5, thing('default/a', 3))]);
    await world.settle();
    const selection = { namespace: 'default', labelSelector: 'app=web', fieldSelector: 'metadata.name!=x' };
    expect(world.script.lists).toEqual([{ ...selection, limit: 500, signal: expect.any(AbortSignal) }]);
    expect(world.script.watches[0]?.options).toEqual({
      ...selection,
      resourceVersion: '5',
      allowWatchBookmarks: true,
      timeout: expect.any(Number),
      signal: world.abort.signal,
    });
    world.script.watchNow.added(thing('default/b', 6)).modified(thing('default/a', 7)).bookmark(9);
    await world.settle();
    expect(world.target.lines).toEqual(['replace 5: a', 'ADDED b 6', 'MODIFIED a 7', 'bookmark 9']);
    expect(world.reflector.resourceVersion).toBe('9');
    expect(world.states).toEqual(['connecting', 'listing', 'watching']);
    await world.stop();
    expect(world.reflector.state).toBe('stopped');
  });

  it('reads every page, an empty one too, and gives the target the whole list at the first revision', async () => {
    const world = new World([
      { ...listOf(5, thing('default/a', 1)), continue: 'one' },
      { ...listOf(5), continue: 'two' },
      listOf(5, thing('default/b', 2)),
    ]);
    await world.script.settle();
    // other work has its turn before the next page
    expect(world.script.lists).toHaveLength(1);
    await world.settle();
    expect(world.script.lists.map((options) => options.continue)).toEqual([undefined, 'one', 'two']);
    expect(world.target.lines).toEqual(['replace 5: a b']);
    await world.stop();
  });

  it('lists at once and in one piece when a later page has expired', async () => {
    const world = new World([
      { ...listOf(5, thing('default/a', 1)), continue: 'one' },
      ApiError.expired('the page is gone'),
      listOf(9, thing('default/b', 2)),
    ]);
    await world.settle();
    expect(world.script.lists.map(({ limit, continue: token }) => [limit, token])).toEqual([
      [500, undefined],
      [500, 'one'],
      [undefined, undefined],
    ]);
    expect(world.target.lines).toEqual(['replace 9: b']);
    expect(world.errors).toEqual([]);
    await world.stop();
  });

  it('resumes a watch that ended by itself from the last revision, without a list', async () => {
    const world = new World([listOf(5)]);
    await world.settle();
    world.script.watchNow.added(thing('default/a', 6)).end();
    await world.settle();
    world.script.watchNow.bookmark(8);
    await world.settle();
    await world.script.clock.advance(1_000);
    world.script.watchNow.end();
    await world.settle();
    expect(world.script.watches.map(({ options }) => options.resourceVersion)).toEqual(['5', '6', '8']);
    expect(world.script.lists).toHaveLength(1);
    expect(world.errors).toEqual([]);
    await world.stop();
  });

  it('resumes from the revision before the last where a commit may hold several objects', async () => {
    const world = new World([listOf(5)], { transactions: true });
    await world.settle();
    world.script.watchNow.added(thing('default/a', 6)).added(thing('default/b', 7)).end();
    await world.settle();
    world.script.watchNow.added(thing('default/b', 7)).added(thing('default/c', 7));
    await world.script.clock.advance(1_000);
    world.script.watchNow.end();
    await world.settle();
    world.script.watchNow.bookmark(7);
    await world.script.clock.advance(1_000);
    world.script.watchNow.end();
    await world.settle();
    expect(world.script.watches.map(({ options }) => options.resourceVersion)).toEqual(['5', '6', '6', '7']);
    await world.stop();
  });

  it('has not seen a revision before the last event of its commit', async () => {
    const world = new World([listOf(5)]);
    await world.settle();
    world.script.watchNow.added(thing('default/a', 6), { more: true });
    await world.settle();
    expect(world.reflector.resourceVersion).toBe('5');
    world.script.watchNow.end();
    await world.settle();
    world.script.watchNow.added(thing('default/a', 6), { more: true }).added(thing('default/b', 6));
    await world.script.clock.advance(1_000);
    expect(world.reflector.resourceVersion).toBe('6');
    world.script.watchNow.end();
    await world.settle();
    expect(world.script.watches.map(({ options }) => options.resourceVersion)).toEqual(['5', '5', '6']);
    await world.stop();
  });

  it('pauses after a watch that ended within a second and told nothing', async () => {
    const world = new World([listOf(5)]);
    await world.settle();
    world.script.watchNow.bookmark(6).end();
    await world.settle();
    expect(world.reflector.state).toBe('backing off');
    expect(world.pause).toBeGreaterThanOrEqual(800);
    await world.script.clock.next();
    expect(world.script.watchNow.options.resourceVersion).toBe('6');
    expect(world.script.lists).toHaveLength(1);
    await world.stop();
  });

  it('never floods a server whose watches end at once: no more than 50 in ten minutes', async () => {
    const world = new World([listOf(5)]);
    await world.settle();
    const start = world.script.clock.monotonic();
    while (world.script.clock.monotonic() - start < 600_000) {
      world.script.watchNow.end();
      await world.settle();
      await world.script.clock.next();
    }
    expect(world.script.watches.length).toBeLessThan(50);
    await world.stop();
  });

  it('lists again at once when a watch has expired, and after a pause when that repeats within a minute', async () => {
    const world = new World([listOf(5), listOf(7), listOf(8), listOf(10)]);
    await world.settle();
    world.script.watchNow.fail(ApiError.expired('too old'));
    await world.settle();
    expect(world.script.watches.map(({ options }) => options.resourceVersion)).toEqual(['5', '7']);
    world.script.watchNow.added(thing('default/a', 8)).fail(ApiError.expired('too old'));
    await world.settle();
    expect(world.reflector.state).toBe('backing off');
    await world.script.clock.next();
    expect(world.script.watchNow.options.resourceVersion).toBe('8');
    await world.script.clock.advance(60_000);
    world.script.watchNow.added(thing('default/a', 9)).fail(ApiError.expired('too slow'));
    await world.settle();
    expect(world.script.watchNow.options.resourceVersion).toBe('10');
    await world.stop();
  });

  it.each([
    ApiError.tooManyRequests('slow down', 0),
    ApiError.serviceUnavailable('restarting'),
    ApiError.timeout('too large resource version', 1),
    ApiError.internal('hiccup'),
  ])('resumes the watch after a pause, without a list, when it failed with $reason', async (error) => {
    const world = new World([listOf(5)]);
    await world.settle();
    world.script.watchNow.added(thing('default/a', 6)).fail(error);
    await world.settle();
    expect(world.states.at(-1)).toBe('backing off');
    expect(world.reflector.lastError).toBe(error);
    expect(world.errors).toEqual([`watch: ${error.message}`]);
    await world.script.clock.next();
    expect(world.script.watchNow.options.resourceVersion).toBe('6');
    expect(world.script.lists).toHaveLength(1);
    world.script.watchNow.bookmark(7);
    await world.settle();
    expect(world.reflector.lastError).toBeUndefined();
    await world.stop();
  });

  it('resumes a watch that broke off, and lists when the next one breaks off at once as well', async () => {
    const world = new World([listOf(5), listOf(8)]);
    await world.settle();
    world.script.watchNow.added(thing('default/a', 6)).fail(reset);
    await world.settle();
    await world.script.clock.next();
    expect(world.script.watchNow.options.resourceVersion).toBe('6');
    expect(world.script.lists).toHaveLength(1);
    world.script.watchNow.fail(reset);
    await world.settle();
    await world.script.clock.next();
    expect(world.script.watchNow.options.resourceVersion).toBe('8');
    expect(world.target.lines).toEqual(['replace 5: ', 'ADDED a 6', 'replace 8: ']);
    await world.stop();
  });

  it('lists again after a pause when the server refuses the watch', async () => {
    const world = new World([listOf(5), listOf(6)]);
    await world.settle();
    world.script.watchNow.fail(ApiError.badRequest('what?', 'resourceVersion'));
    await world.settle();
    expect(world.script.lists).toHaveLength(1);
    await world.script.clock.next();
    expect(world.script.watchNow.options.resourceVersion).toBe('6');
    await world.stop();
  });

  it('waits as long as the server asks for', async () => {
    const world = new World([ApiError.tooManyRequests('slow down', 90), listOf(5)]);
    await world.settle();
    expect(world.pause).toBe(90_000);
    await world.script.clock.next();
    expect(world.reflector.state).toBe('watching');
    await world.stop();
  });

  it('tries a list that fails for ever again and again, and shows why', async () => {
    const missing = ApiError.notFound(Thing, '');
    const world = new World([missing]);
    await world.settle();
    for (let round = 0; round < 20; round += 1) {
      expect(world.reflector.state).toBe('backing off');
      expect(world.reflector.lastError).toBe(missing);
      world.script.willList(missing);
      await world.script.clock.next();
    }
    expect(world.errors).toHaveLength(21);
    world.script.willList(listOf(5));
    await world.script.clock.next();
    expect(world.reflector.state).toBe('watching');
    expect(world.reflector.lastError).toBeUndefined();
    await world.stop();
  });

  it('doubles its pauses from 0.8 s to 30 s, with up to as much again, and starts over after two quiet minutes', async () => {
    const world = new World([reset]);
    await world.settle();
    for (const base of [800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]) {
      expect(world.pause).toBeGreaterThanOrEqual(base);
      expect(world.pause).toBeLessThan(2 * base);
      world.script.willList(reset);
      await world.script.clock.next();
    }
    world.script.willList(listOf(5));
    await world.script.clock.next();
    expect(world.reflector.state).toBe('watching');
    await world.script.clock.advance(120_001);
    world.script.watchNow.fail(reset);
    await world.settle();
    expect(world.pause).toBeGreaterThanOrEqual(800);
    expect(world.pause).toBeLessThan(1_600);
    await world.stop();
  });

  it('refuses a list that is older than what it has seen', async () => {
    const world = new World([listOf(5), listOf(6), listOf(7)]);
    await world.settle();
    world.script.watchNow.added(thing('default/a', 7)).fail(ApiError.expired('too slow'));
    await world.settle();
    expect(world.errors).toEqual([
      'list: Internal error occurred: expected a list of things at revision 7 or later, as was seen before, got one at 6',
    ]);
    expect(world.reflector.resourceVersion).toBe('7');
    await world.script.clock.next();
    expect(world.target.lines).toEqual(['replace 5: ', 'ADDED a 7', 'replace 7: ']);
    await world.stop();
  });

  it('lists again when the target could not take an event', async () => {
    const diary = new Diary();
    let fail = true;
    const target: ReflectorTarget<Thing> = {
      replace: (objects, resourceVersion) => diary.replace(objects, resourceVersion),
      bookmark: (resourceVersion) => diary.bookmark(resourceVersion),
      apply: (event) => {
        if (fail) throw new Error('disk full');
        diary.apply(event);
      },
    };
    const world = new World([listOf(5), listOf(6, thing('default/a', 6))], { target });
    await world.settle();
    world.script.watchNow.added(thing('default/a', 6));
    await world.settle();
    fail = false;
    expect(world.errors).toEqual(['watch: disk full']);
    await world.script.clock.next();
    expect(diary.lines).toEqual(['replace 5: ', 'replace 6: a']);
    await world.stop();
  });

  it('leaves no timer and no watch behind, wherever it is stopped', async () => {
    const backingOff = new World([reset]);
    await backingOff.settle();
    await backingOff.stop();
    expect(backingOff.script.clock.timers).toBe(0);

    const listing = new World([]);
    await listing.settle();
    expect(listing.reflector.state).toBe('connecting');
    await listing.stop();

    const watching = new World([listOf(5)]);
    await watching.settle();
    await watching.stop();
    expect(watching.script.watches.map(({ closed }) => closed)).toEqual([true]);
    expect(watching.states.at(-1)).toBe('stopped');
  });

  it('goes on where it was when it is run again, and refuses to run twice at once', async () => {
    const world = new World([listOf(5)]);
    await world.settle();
    world.script.watchNow.added(thing('default/a', 6));
    await world.settle();
    await expect(world.reflector.run({ signal: world.abort.signal })).rejects.toThrow(
      new TypeError('the reflector of things runs already'),
    );
    await world.stop();
    const again = new AbortController();
    const run = world.reflector.run({ signal: again.signal });
    await world.settle();
    expect(world.script.lists).toHaveLength(1);
    expect(world.script.watchNow.options.resourceVersion).toBe('6');
    again.abort();
    await run;
  });

  it('does nothing when its signal has aborted before', async () => {
    const script = new ScriptedClient([]);
    const reflector = new Reflector<Thing>({ client: script.client, resource: Thing, target: new Diary() });
    await reflector.run({ signal: AbortSignal.abort() });
    expect(script.lists).toEqual([]);
  });
});
