import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ApiError, LabelSelector } from '../../src/core/index.js';
import { InformerFactory } from '../../src/informer/index.js';
import { defineResource } from '../../src/resources/index.js';
import { listOf, ScriptedClient, Thing, thing } from './scripted-client.js';

const Website = defineResource({
  group: 'example.com',
  version: 'v1',
  kind: 'Website',
  spec: z.object({ image: z.string() }),
});

const ClusterThing = defineResource({
  group: 'example.com',
  version: 'v1',
  kind: 'ClusterThing',
  scope: 'Cluster',
  spec: z.object({}),
});

describe('InformerFactory', () => {
  it('shares one informer among those who want the same objects', () => {
    const factory = new InformerFactory({ client: new ScriptedClient([]).client });
    const transform = (object: Thing): Thing => object;
    const plain = factory.for(Thing);
    expect(factory.for(Thing)).toBe(plain);
    expect(factory.for(Thing, { namespace: '', labelSelector: '', resync: 1_000 })).toBe(plain);
    const selected = factory.for(Thing, { namespace: 'a', labelSelector: 'x in (1),y' });
    expect(factory.for(Thing, { namespace: 'a', labelSelector: LabelSelector.parse('y,x in (1)') })).toBe(
      selected,
    );
    const others = [
      selected,
      factory.for(Thing, { namespace: 'b', labelSelector: 'x in (1),y' }),
      factory.for(Thing, { labelSelector: LabelSelector.nothing }),
      factory.for(Thing, { fieldSelector: 'metadata.name=x' }),
      factory.for(Thing, { transform }),
      factory.for(Website),
    ];
    expect(new Set([plain, ...others]).size).toBe(7);
    expect(factory.for(Thing, { transform })).toBe(others[4]);
  });

  it('refuses a malformed selector at once', () => {
    const factory = new InformerFactory({ client: new ScriptedClient([]).client });
    expect(() => factory.for(Thing, { labelSelector: 'a in (' })).toThrow(
      expect.objectContaining({ reason: 'BadRequest' }),
    );
  });

  it('adds the indexes of all who ask to the informer that they share, and refuses two functions under one name', async () => {
    const script = new ScriptedClient([listOf(5, thing('default/a', 1))]);
    const factory = new InformerFactory({ client: script.client });
    const byName = ({ metadata }: Thing): string[] => [metadata.name];
    const one = factory.for(Thing, { indexers: { byName } });
    await factory.start();
    const two = factory.for(Thing, {
      indexers: { byName, byNamespace: ({ metadata }) => [metadata.namespace] },
    });
    expect(one.lister.byIndex('byName', 'a')).toHaveLength(1);
    expect(two.lister.byIndex('byNamespace', 'default')).toHaveLength(1);
    expect(() => factory.for(Thing, { indexers: { byName: () => [] } })).toThrow(
      new TypeError('index "byName": the name is taken by another index function'),
    );
    await factory.stop();
  });

  it('infers objects and index names from the resource and the options', () => {
    const factory = new InformerFactory({ client: new ScriptedClient([]).client });
    const sites = factory.for(Website, {
      indexers: { byImage: (site) => [site.spec.image], byName: (site) => [site.metadata.name] },
    });
    const image: string | undefined = sites.lister.byIndex('byImage', 'nginx')[0]?.spec.image;
    expect(image).toBeUndefined();
    // @ts-expect-error -- there is no such index
    expect(() => sites.lister.byIndex('byImag', 'nginx')).toThrow(
      new TypeError('index "byImag": expected "byImage", "byName"'),
    );
    const plain = factory.for(Website, { namespace: 'other' });
    // @ts-expect-error -- there are no indexes
    expect(() => plain.lister.byIndex('byImage', 'nginx')).toThrow(TypeError);
    sites.addEventHandler({
      onAdd(site, { isInInitialList }) {
        const flag: boolean = isInInitialList;
        return void [site.spec.image, flag];
      },
      async onUpdate(before, after) {
        // @ts-expect-error -- objects are read-only
        before.spec.image = after.spec.image;
      },
      onDelete({ key, last, finalStateKnown }) {
        void [key.name, last?.spec.image, finalStateKnown];
      },
    });
  });

  it('starts those that were asked for, waits for them, and starts at once those that are asked for later', async () => {
    const script = new ScriptedClient([listOf(5, thing('default/a', 1)), listOf(6)]);
    const factory = new InformerFactory({ client: script.client });
    const things = factory.for(Thing);
    expect(things.state).toBe('stopped');
    await factory.start();
    expect(things.lister.list()).toHaveLength(1);
    const later = factory.for(Thing, { namespace: 'default' });
    await later.synced();
    expect(later.resourceVersion).toBe('6');
    await factory.start();
    expect(script.lists).toHaveLength(2);
    await factory.stop();
  });

  it('waits for a kind that is not served, shows why, and goes on when it is', async () => {
    const missing = ApiError.notFound(Thing, '');
    const script = new ScriptedClient([missing]);
    const factory = new InformerFactory({ client: script.client });
    const things = factory.for(Thing);
    let started = false;
    const start = factory.start().then(() => (started = true));
    await script.settle();
    expect(started).toBe(false);
    expect(things.lastError).toBe(missing);
    script.willList(listOf(5));
    await script.clock.next();
    await start;
    await factory.stop();
  });

  it('rejects the start with the reason of its signal, and stops everything', async () => {
    const script = new ScriptedClient([]);
    const factory = new InformerFactory({ client: script.client });
    const things = factory.for(Thing);
    const abort = new AbortController();
    const start = factory.start({ signal: abort.signal });
    const reason = new Error('shutting down');
    abort.abort(reason);
    await expect(start).rejects.toBe(reason);
    expect(things.state).toBe('stopped');
    expect(() => factory.for(Thing)).toThrow(new TypeError('the informer factory was stopped'));
    await expect(factory.start()).rejects.toThrow(new TypeError('the informer factory was stopped'));

    const aborted = new InformerFactory({ client: script.client });
    await expect(aborted.start({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(script.lists).toHaveLength(1);
  });

  it('stops everything, and leaves no timer and no watch', async () => {
    const script = new ScriptedClient([listOf(5), listOf(5)]);
    await using factory = new InformerFactory({ client: script.client });
    factory.for(Thing, { resync: 1_000 });
    factory.for(Thing, { namespace: 'default' });
    const abort = new AbortController();
    await factory.start({ signal: abort.signal });
    await script.settle();
    // one for each watch, in case it falls silent
    expect(script.clock.timers).toBe(2);
    await factory.stop();
    expect(script.clock.timers).toBe(0);
    expect(script.watches.map(({ closed }) => closed)).toEqual([true, true]);
    await factory.stop();
  });

  it('stops an informer when all who asked for it have released it, and makes a new one for the next', async () => {
    const script = new ScriptedClient([listOf(5, thing('default/a', 1)), listOf(6)]);
    const factory = new InformerFactory({ client: script.client });
    const one = factory.for(Thing);
    const two = factory.for(Thing);
    await factory.start();
    await script.settle();
    await one.release();
    expect(two.state).toBe('watching');
    const registration = two.addEventHandler({});
    await two.release();
    expect(two.state).toBe('stopped');
    expect(registration.isRemoved).toBe(true);
    expect(script.watchNow.closed).toBe(true);
    expect(script.clock.timers).toBe(0);
    expect(two.lister.getByKey('default/a')).toBeDefined();
    await two.release();

    const three = factory.for(Thing);
    expect(three).not.toBe(two);
    await three.synced();
    expect(three.resourceVersion).toBe('6');
    await factory.stop();
    expect(script.clock.timers).toBe(0);
    await three.release();
  });

  it('releases at the end of a scope', async () => {
    const script = new ScriptedClient([listOf(5)]);
    const factory = new InformerFactory({ client: script.client });
    await factory.start();
    const things = factory.for(Thing);
    {
      await using same = factory.for(Thing);
      await same.synced();
    }
    expect(things.state).not.toBe('stopped');
    {
      await using last = things;
      expect(last.resourceVersion).toBe('5');
    }
    expect(things.state).toBe('stopped');
    await factory.stop();
  });

  it('starts all the same where one is released meanwhile, and waits for it when it stops', async () => {
    const script = new ScriptedClient([]);
    const factory = new InformerFactory({ client: script.client });
    const things = factory.for(Thing);
    const start = factory.start();
    await script.settle();
    const released = things.release();
    await start;
    await factory.stop();
    expect(things.state).toBe('stopped');
    await released;
    expect(script.clock.timers).toBe(0);
  });

  it('frees the memory of an informer that was released', async () => {
    const factory = new InformerFactory({
      client: new ScriptedClient([listOf(5, thing('default/a', 1))]).client,
    });
    await factory.start();
    const fill = async (): Promise<WeakRef<object>> => {
      const things = factory.for(Thing);
      await things.synced();
      const object = new WeakRef<object>(things);
      await things.release();
      return object;
    };
    const informer = await fill();
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    for (let turn = 0; turn < 20 && informer.deref() !== undefined; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      collect();
    }
    expect(informer.deref()).toBeUndefined();
    await factory.stop();
  });

  it('selects what the factory says, where an informer is not asked for with something else', async () => {
    const script = new ScriptedClient([listOf(5), listOf(5)]);
    const factory = new InformerFactory({
      client: script.client,
      namespace: 'mine',
      labelSelector: 'app=web',
    });
    const plain = factory.for(Thing);
    expect(factory.for(Thing, { namespace: 'mine', labelSelector: 'app=web' })).toBe(plain);
    factory.for(Thing, { namespace: 'other' });
    factory.for(ClusterThing);
    const start = factory.start();
    await script.settle();
    expect(script.lists.map(({ namespace, labelSelector }) => [namespace, labelSelector])).toEqual([
      ['mine', 'app=web'],
      ['other', 'app=web'],
      [undefined, 'app=web'],
    ]);
    await factory.stop();
    await expect(start).rejects.toThrow('was stopped');
  });

  it('runs until its signal aborts, or it is stopped', async () => {
    const script = new ScriptedClient([listOf(5)]);
    const factory = new InformerFactory({ client: script.client });
    const things = factory.for(Thing);
    const abort = new AbortController();
    const run = factory.run({ signal: abort.signal });
    await things.synced();
    abort.abort();
    await run;
    expect(things.state).toBe('stopped');

    const other = new InformerFactory({ client: script.client });
    other.for(Thing);
    const otherRun = other.run({ signal: new AbortController().signal });
    await other.stop();
    await otherRun;
  });

  it('resyncs a shared informer as often as the most impatient asked for', async () => {
    const script = new ScriptedClient([listOf(5, thing('default/a', 1))]);
    const factory = new InformerFactory({ client: script.client });
    let updates = 0;
    factory.for(Thing).addEventHandler({ onUpdate: () => void (updates += 1) });
    await factory.start();
    factory.for(Thing, { resync: 10_000 });
    factory.for(Thing, { resync: 60_000 });
    expect(() => factory.for(Thing, { resync: -1 })).toThrow(RangeError);
    await script.clock.advance(33_000);
    expect(updates).toBe(3);
    await factory.stop();
  });

  it('measures lists and watches under the names of client-go', async () => {
    const values = new Map<string, number>();
    const metric = (name: string) => (value: number, labels?: Readonly<Record<string, string>>) => {
      const key = `${name} ${labels?.['name']}`;
      values.set(key, (values.get(key) ?? 0) + value);
    };
    const script = new ScriptedClient([listOf(5, thing('default/a', 1))]);
    const factory = new InformerFactory({
      client: script.client,
      metrics: {
        counter: ({ name }) => ({ add: metric(name) }),
        gauge: ({ name }) => ({ set: metric(name) }),
        histogram: ({ name }) => ({ observe: metric(name) }),
      },
    });
    factory.for(Thing);
    await factory.start();
    script.watchNow.end();
    await script.clock.advance(10_000);
    script.watchNow.added(thing('default/b', 6)).end();
    await script.settle();
    expect(Object.fromEntries(values)).toMatchObject({
      'reflector_lists_total things': 1,
      'reflector_items_per_list things': 1,
      'reflector_watches_total things': 2,
      'reflector_short_watches_total things': 1,
      'reflector_items_per_watch things': 1,
    });
    await factory.stop();
  });
});
