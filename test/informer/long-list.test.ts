import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiError, type Executor, type Lane, microtaskExecutor } from '../../src/core/index.js';
import { type InformerFault, SharedInformer, type SharedInformerOptions } from '../../src/informer/index.js';
import { listOf, ScriptedClient, Thing, thing } from './scripted-client.js';

const SEED = 20_261_127;
/** Two parts that are full, and one that is not. */
const MANY = 1_200;
const PARTS = 3;

/** Hands over as in production, but the rest of the process has its turn for as long as the test says. */
class HeldBreath implements Executor {
  #end: (() => void) | undefined;

  execute(lane: Lane, task: () => void): void {
    microtaskExecutor.execute(lane, task);
  }
  answer<T>(lane: Lane, work: () => T): Promise<T> {
    return microtaskExecutor.answer(lane, work);
  }
  breathe(): Promise<void> {
    return new Promise((resolve) => (this.#end = resolve));
  }
  /** False where nobody waits for a turn to end. */
  goOn(): boolean {
    const end = this.#end;
    this.#end = undefined;
    end?.();
    return end !== undefined;
  }
}

/** The same where the rest of the process needs no turn. */
const inOneGo: Executor = {
  execute: (lane, task) => microtaskExecutor.execute(lane, task),
  answer: (lane, work) => microtaskExecutor.answer(lane, work),
};

const all = Array.from({ length: MANY }, (_, index) =>
  thing(`default/t-${String(index).padStart(4, '0')}`, 3, { labels: { app: `app-${index % 3}` } }),
);
const keys = all.map(({ metadata }) => metadata.name);

interface World {
  readonly script: ScriptedClient;
  readonly executor: HeldBreath;
  readonly informer: SharedInformer<Thing, 'byApp'>;
  /** Lets one more part be taken over; false where all are. */
  readonly part: () => Promise<boolean>;
}

function start(options: Partial<SharedInformerOptions<Thing, 'byApp'>> = {}): World {
  const executor = new HeldBreath();
  const script = new ScriptedClient([listOf(5, ...all)], { executor, streams: options.stream === true });
  const informer = new SharedInformer<Thing, 'byApp'>(Thing, {
    client: script.client,
    indexers: { byApp: ({ metadata }) => [metadata.labels?.['app'] ?? ''] },
    ...options,
  });
  const part = async (): Promise<boolean> => {
    const went = executor.goOn();
    await script.settle();
    return went;
  };
  return { script, executor, informer, part };
}

/** Writes down what a handler is told. */
function diary(informer: SharedInformer<Thing, 'byApp'>): string[] {
  const lines: string[] = [];
  informer.addEventHandler({
    onAdd: ({ metadata }, { isInInitialList }) =>
      void lines.push(isInInitialList ? metadata.name : `${metadata.name} late`),
    onUpdate: (_before, { metadata }) => void lines.push(`${metadata.name} updated`),
  });
  return lines;
}

describe('the first list, where it is long', () => {
  it('is prepared part by part, shown at once, and told part by part', async () => {
    const { script, informer, part } = start();
    const told = diary(informer);
    informer.start();
    await script.settle();
    for (let index = 1; index < PARTS; index += 1) {
      await part();
      expect(informer.lister.list()).toEqual([]);
      expect(informer.lister.byIndex('byApp', 'app-1')).toEqual([]);
      expect(told).toEqual([]);
    }
    // the last part is prepared: everybody sees all, and nobody but handlers has to wait
    await part();
    expect(informer.lister.list()).toEqual(all);
    expect(informer.lister.byIndex('byApp', 'app-1')).toHaveLength(400);
    expect(told).toEqual(keys.slice(0, 500));
    expect(informer.resourceVersion).toBe('5');
    expect(script.watches).toEqual([]);
    await part();
    expect(told).toEqual(keys.slice(0, 1_000));
    let synced = false;
    void informer.synced().then(() => (synced = true));
    await part();
    expect(told).toEqual(keys);
    expect(synced).toBe(false);
    await part();
    expect(synced).toBe(true);
    expect(informer.resourceVersion).toBe('5');
    script.watchNow.modified(thing('default/t-0003', 6)).added(thing('default/new', 7));
    await script.settle();
    expect(told.slice(MANY)).toEqual(['t-0003 updated', 'new late']);
    expect(await part()).toBe(false);
    await informer.stop();
  });

  it('tells handlers that come in between of each object once, and those that go of nothing more', async () => {
    const { script, informer, part } = start();
    const gone: string[] = [];
    const registration = informer.addEventHandler({ onAdd: ({ metadata }) => void gone.push(metadata.name) });
    informer.start();
    await script.settle();
    await part();
    const early = diary(informer);
    await part();
    await part();
    const late = diary(informer);
    await script.settle();
    registration.remove();
    while (await part());
    await informer.synced();
    expect(early).toEqual(keys);
    expect(late).toEqual(keys);
    expect(gone).toEqual(keys.slice(0, 500));
    await informer.stop();
  });

  it('does not show in a snapshot that was taken before', async () => {
    const { script, informer, part } = start();
    informer.start();
    await script.settle();
    await part();
    const snapshot = informer.snapshot();
    while (await part());
    await informer.synced();
    expect(snapshot.list()).toEqual([]);
    expect(snapshot.getByKey('default/t-0001')).toBeUndefined();
    expect(snapshot.byIndex('byApp', 'app-1')).toEqual([]);
    snapshot[Symbol.dispose]();
    expect(informer.lister.list()).toHaveLength(MANY);
    await informer.stop();
  });

  it('has the indexes that come in between', async () => {
    const { script, informer, part } = start();
    informer.start();
    await script.settle();
    await part();
    const more = informer.addIndexers({ byName: ({ metadata }: Thing) => [metadata.name] });
    while (await part());
    expect(more.lister.byIndex('byName', 't-0700')).toEqual([all[700]]);
    expect(more.lister.byIndex('byApp', 'app-2')).toHaveLength(400);
    await informer.stop();
  });

  it('is transformed, and reports the objects that a function fails for', async () => {
    const faults: InformerFault[] = [];
    const { script, informer, part } = start({
      transform: (object) => ({ ...object, data: { seen: 'yes' } }),
      indexers: {
        byApp: ({ metadata }) => {
          if (metadata.name === 't-0600') throw new Error('no such app');
          return [metadata.labels?.['app'] ?? ''];
        },
      },
    });
    informer.events.on('fault', (fault) => faults.push(fault));
    informer.start();
    await script.settle();
    while (await part());
    expect(informer.lister.list()).toHaveLength(MANY);
    expect(informer.lister.getByKey('default/t-1199')?.data).toEqual({ seen: 'yes' });
    expect(informer.lister.byIndex('byApp', 'app-0')).toHaveLength(399);
    expect(faults.map(({ during, key }) => `${during} ${key?.name}`)).toEqual(['index t-0600']);
    await informer.stop();
  });

  it('is taken over in turns where a watch begins with it, too', async () => {
    const { script, informer, part } = start({ stream: true });
    const told = diary(informer);
    informer.start();
    await script.settle();
    for (const object of all) script.watchNow.added(object);
    script.watchNow.initialEnd(5).modified(thing('default/t-0001', 6));
    await script.settle();
    await part();
    expect(informer.lister.list()).toEqual([]);
    while (await part());
    await informer.synced();
    await script.settle();
    expect(told).toEqual([...keys, 't-0001 updated']);
    expect(script.watches).toHaveLength(1);
    expect(informer.resourceVersion).toBe('6');
    await informer.stop();
  });

  it.each([1, 2, 3, 4])('is let go where it is stopped after part %i', async (stopAfter) => {
    const { script, informer, part } = start();
    const told = diary(informer);
    const synced = informer.synced().then(
      () => 'synced',
      () => 'stopped',
    );
    informer.start();
    await script.settle();
    for (let index = 0; index < stopAfter; index += 1) await part();
    const before = [...told];
    const stopping = informer.stop();
    while (await part());
    await stopping;
    expect(told).toEqual(before);
    expect(await synced).toBe('stopped');
    expect(informer.resourceVersion).toBe(stopAfter < PARTS ? undefined : '5');
    expect(script.watches).toEqual([]);
  });

  it('counts the last of two objects of one key, however far they are apart', async () => {
    const executor = new HeldBreath();
    const again = thing('default/t-0007', 4);
    const script = new ScriptedClient([listOf(5, ...all, again)], { executor });
    const informer = new SharedInformer<Thing>(Thing, { client: script.client });
    const told: string[] = [];
    informer.addEventHandler({
      onAdd: ({ metadata }) => void told.push(`${metadata.name} ${metadata.resourceVersion}`),
    });
    informer.start();
    await script.settle();
    while (executor.goOn()) await script.settle();
    await informer.synced();
    expect(informer.lister.getByKey('default/t-0007')).toBe(again);
    expect(informer.lister.list()).toHaveLength(MANY);
    expect(told).toHaveLength(MANY);
    expect(told.filter((line) => line.startsWith('t-0007'))).toEqual(['t-0007 4']);
    await informer.stop();
  });

  it('is taken over in one go where nobody else waits for a turn', async () => {
    const script = new ScriptedClient([listOf(5, ...all)], { executor: inOneGo });
    const informer = new SharedInformer<Thing>(Thing, { client: script.client });
    informer.start();
    await informer.synced();
    expect(informer.lister.list()).toEqual(all);
    await informer.stop();
  });
});

/** All that a handler is told, a line for each call. */
function allTold(informer: SharedInformer<Thing, 'byApp'>): string[] {
  const lines: string[] = [];
  const of = ({ metadata: { name, uid, resourceVersion } }: Thing): string =>
    `${name} ${uid} ${resourceVersion}`;
  informer.addEventHandler({
    onAdd: (object, { isInInitialList, skipped }) =>
      void lines.push(`add ${of(object)} ${isInInitialList} ${JSON.stringify(skipped)}`),
    onUpdate: (before, after, { skipped }) =>
      void lines.push(`update ${of(before)} -> ${of(after)} ${JSON.stringify(skipped)}`),
    onDelete: ({ key, last, finalStateKnown, skipped }) =>
      void lines.push(
        `delete ${last === undefined ? key.name : of(last)} ${finalStateKnown} ${JSON.stringify(skipped)}`,
      ),
  });
  return lines;
}

describe('a later list, where it is long', () => {
  const changed = [
    ...all
      .slice(10, 20)
      .map(({ metadata }) => thing(`default/${metadata.name}`, 8, { labels: { app: 'new' } })),
    ...all.slice(20),
    thing('default/u-0001', 9),
  ];

  /** One that has the first list, and is about to have another. */
  async function relisting(options: Partial<SharedInformerOptions<Thing, 'byApp'>> = {}): Promise<World> {
    const world = start(options);
    const { script, informer, part } = world;
    informer.start();
    await script.settle();
    while (await part());
    await informer.synced();
    script.willList(listOf(10, ...changed));
    return world;
  }

  async function lose({ script }: World): Promise<void> {
    script.watchNow.fail(ApiError.expired('too old'));
    await script.settle();
    await script.clock.advance(60_000);
    await script.settle();
  }

  it('is prepared part by part beside what is shown, shown at once, and told part by part, first of what is gone', async () => {
    const world = await relisting();
    const { script, informer, part } = world;
    const told = allTold(informer);
    await script.settle();
    told.length = 0;
    await lose(world);
    expect(script.lists).toHaveLength(2);
    const listed = Math.ceil(changed.length / 500);
    // all that is listed, and all that was there
    for (let index = 1; index < listed + PARTS; index += 1) {
      await part();
      expect(informer.lister.list()).toEqual(all);
      expect(informer.lister.byIndex('byApp', 'new')).toEqual([]);
      expect(told).toEqual([]);
      expect(informer.resourceVersion).toBe('5');
    }
    await part();
    expect(informer.lister.list()).toEqual(changed);
    expect(informer.lister.byIndex('byApp', 'new')).toHaveLength(10);
    expect(told).toHaveLength(10);
    expect(told.every((line) => line.startsWith('delete'))).toBe(true);
    expect(informer.resourceVersion).toBe('10');
    const ended: string[] = [];
    void informer.caughtUpTo('10').then(() => ended.push('caught up'));
    void informer.idle().then(() => ended.push('idle'));
    await part();
    expect(told).toHaveLength(510);
    expect(ended).toEqual([]);
    while (await part());
    expect(told).toHaveLength(10 + changed.length);
    expect(ended.toSorted()).toEqual(['caught up', 'idle']);
    expect(script.watches).toHaveLength(2);
    script.watchNow.modified(thing('default/u-0001', 11));
    await script.settle();
    expect(told.at(-1)).toContain('u-0001 uid-u-0001 9 -> u-0001 uid-u-0001 11');
    await informer.stop();
  });

  it('does not show in a snapshot that was taken before', async () => {
    const world = await relisting();
    const { informer, part } = world;
    await lose(world);
    await part();
    const snapshot = informer.snapshot();
    while (await part());
    expect(snapshot.list()).toEqual(all);
    expect(snapshot.getByKey('default/t-0001')).toBe(all[1]);
    expect(snapshot.getByKey('default/u-0001')).toBeUndefined();
    expect(snapshot.byIndex('byApp', 'new')).toEqual([]);
    snapshot[Symbol.dispose]();
    expect(informer.lister.list()).toEqual(changed);
    await informer.stop();
  });

  it('is not overtaken by a resync, which it makes up for', async () => {
    const world = await relisting({ resync: 100_000 });
    const { script, informer, part } = world;
    const told = allTold(informer);
    await script.settle();
    told.length = 0;
    await lose(world);
    await part();
    await script.clock.advance(200_000);
    await script.settle();
    expect(told).toEqual([]);
    while (await part());
    expect(told).toHaveLength(10 + changed.length);
    await script.clock.advance(200_000);
    await script.settle();
    expect(told.length).toBeGreaterThanOrEqual(10 + 2 * changed.length);
    await informer.stop();
  });

  it.each([1, 3, 7, 8])('is let go where it is stopped after part %i', async (stopAfter) => {
    const world = await relisting();
    const { script, informer, part } = world;
    const told = allTold(informer);
    await script.settle();
    await lose(world);
    for (let index = 0; index < stopAfter; index += 1) await part();
    const before = [...told];
    const stopping = informer.stop();
    while (await part());
    await stopping;
    expect(told).toEqual(before);
    expect(informer.resourceVersion).toBe(stopAfter < 2 * PARTS ? '5' : '10');
    expect(script.watches).toHaveLength(1);
  });

  it(`tells what it would tell in one go, and leaves the same behind (seed ${SEED})`, async () => {
    const state = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 12 });
    const lists = fc.array(state, { minLength: 2, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(lists, async (states) => {
        const run = async (executor: Executor): Promise<unknown> => {
          const [first = [], ...later] = states.map((each, at) => [
            listOf(100 * (at + 1), ...thingsOf(each)),
          ]);
          const script = new ScriptedClient(first, { executor });
          const informer = new SharedInformer<Thing, 'byApp'>(Thing, {
            client: script.client,
            indexers: { byApp: ({ metadata }) => [metadata.labels?.['app'] ?? ''] },
          });
          const told = allTold(informer);
          informer.start();
          const goOn = (): boolean => executor instanceof HeldBreath && executor.goOn();
          const settle = async (): Promise<void> => {
            await script.settle();
            while (goOn()) await script.settle();
          };
          await settle();
          for (const list of later) {
            script.willList(...list);
            script.watchNow.fail(ApiError.expired('too old'));
            await settle();
            await script.clock.advance(60_000);
            await settle();
          }
          const indexed = ['0', '1', '2'].map((value) => informer.lister.byIndex('byApp', value));
          const left = {
            told: byName(told),
            all: informer.lister.list(),
            indexed,
            at: informer.resourceVersion,
          };
          await informer.stop();
          return left;
        };
        expect(await run(new HeldBreath())).toEqual(await run(inOneGo));
      }),
      { seed: SEED, numRuns: 25 },
    );
  });
});

/** What was told, by the name of the object: which object comes first is not promised. */
function byName(told: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const lines = new Map<string, string[]>();
  for (const line of told) {
    const name = line.split(' ')[1] as string;
    const known = lines.get(name);
    if (known === undefined) lines.set(name, [line]);
    else known.push(line);
  }
  return lines;
}

/** A list of up to 1,200 things, hundreds of which are in a state: 0 is that they are not there, others tell of versions and of uids. */
function thingsOf(states: readonly number[]): Thing[] {
  return states.flatMap((state, hundred) =>
    state === 0
      ? []
      : Array.from({ length: 100 }, (_, at) => {
          const name = `t-${String(hundred * 100 + at).padStart(4, '0')}`;
          return thing(`default/${name}`, 1 + (state % 5), {
            uid: `uid-${name}-${state > 5 ? 'again' : ''}`,
            labels: { app: String(state % 3) },
          });
        }),
  );
}
