import { describe, expect, it } from 'vitest';
import { type Executor, type Lane, microtaskExecutor } from '../../src/core/index.js';
import { type InformerFault, SharedInformer, type SharedInformerOptions } from '../../src/informer/index.js';
import { listOf, ScriptedClient, Thing, thing } from './scripted-client.js';

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
    expect(informer.resourceVersion).toBeUndefined();
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
    expect(informer.resourceVersion).toBeUndefined();
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
    const script = new ScriptedClient([listOf(5, ...all)], {
      executor: {
        execute: (lane, task) => microtaskExecutor.execute(lane, task),
        answer: (lane, work) => microtaskExecutor.answer(lane, work),
      },
    });
    const informer = new SharedInformer<Thing>(Thing, { client: script.client });
    informer.start();
    await informer.synced();
    expect(informer.lister.list()).toEqual(all);
    await informer.stop();
  });
});
