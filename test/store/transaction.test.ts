import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { edit, ownerReference, SeededRandom } from '../../src/core/index.js';
import { InformerFactory } from '../../src/informer/index.js';
import { defineResource } from '../../src/resources/index.js';
import { Namespace } from '../../src/resources/kinds/index.js';
import {
  at,
  expectDeeplyFrozen,
  failure,
  fieldsOf,
  lines,
  Note,
  setUp,
  told,
  Website,
  website,
} from './kit.js';

const Account = defineResource({
  group: 'example.com',
  version: 'v1',
  kind: 'Account',
  spec: z.object({ balance: z.number() }),
});

function account(
  name: string,
  balance: number,
): { metadata: { name: string; namespace: string }; spec: { balance: number } } {
  return { metadata: at(name), spec: { balance } };
}

describe('a transaction', () => {
  it('stores what it wrote all at once, at one revision', async () => {
    const { client, store } = setUp();
    const site = await client.create(Website, website('a'));
    await client.create(Note, { metadata: at('old') });
    const result = await store.transaction(async (tx) => {
      await tx.update(
        Website,
        edit(site, (draft) => void (draft.spec.replicas = 3)),
      );
      await tx.patch(Website, at('a'), { type: 'merge', patch: { spec: { image: 'new' } } });
      await tx.create(Note, { metadata: at('new') });
      await tx.delete(Note, at('old'));
      expect((await client.list(Note)).items.map(({ metadata }) => metadata.name)).toEqual(['old']);
      return 'done';
    });
    expect(result).toBe('done');
    const [after, note] = [await client.get(Website, at('a')), await client.get(Note, at('new'))];
    expect(after.spec).toEqual({ image: 'new', replicas: 3 });
    expect([after.metadata.resourceVersion, note.metadata.resourceVersion]).toEqual(['4', '4']);
    expect(after.metadata.generation).toBe(3);
    await failure(client.get(Note, at('old')), 'NotFound');
    expect(await client.barrier()).toBe('4');
    expectDeeplyFrozen(after);
    expectDeeplyFrozen(note);
  });

  it('sees what it wrote itself, by object and by list', async () => {
    const { client, store } = setUp();
    for (const name of ['a', 'c', 'd'])
      await client.create(Note, { metadata: { ...at(name), labels: { keep: 'yes' } } });
    await store.transaction(async (tx) => {
      const made = await tx.create(Note, { metadata: at('b'), text: '1' });
      expect((await tx.get(Note, at('b')))['text']).toBe('1');
      await tx.update(Note, { ...made, text: '2' });
      await tx.delete(Note, at('d'));
      await failure(tx.get(Note, at('d')), 'NotFound');
      await failure(tx.create(Note, { metadata: at('a') }), 'AlreadyExists');
      const names = async (labelSelector?: string): Promise<string[]> =>
        (await tx.list(Note, { namespace: 'default', labelSelector })).items.map(
          ({ metadata }) => metadata.name,
        );
      expect(await names()).toEqual(['a', 'b', 'c']);
      expect(await names('keep=yes')).toEqual(['a', 'c']);
    });
    expect((await client.get(Note, at('b')))['text']).toBe('2');
  });

  it('stores nothing where it fails, and fails as its work does', async () => {
    const { client, store } = setUp();
    const before = await client.create(Website, website('a'));
    const broken = new Error('no');
    const work = store.transaction(async (tx) => {
      await tx.create(Note, { metadata: at('n') });
      await tx.patch(Website, at('a'), { type: 'merge', patch: { spec: { replicas: 5 } } });
      throw broken;
    });
    await expect(work).rejects.toBe(broken);
    const invalid = store.transaction(async (tx) => {
      await tx.create(Note, { metadata: at('n') });
      await tx.patch(Website, at('a'), { type: 'merge', patch: { spec: { replicas: -1 } } });
    });
    expect(fieldsOf(await failure(invalid, 'Invalid'))).toEqual(['spec.replicas']);
    expect(await client.get(Website, at('a'))).toBe(before);
    expect(await client.barrier()).toBe('2');
  });

  it('makes no revision where it wrote nothing, or what came and went', async () => {
    const { client, store } = setUp();
    await client.create(Note, { metadata: at('a') });
    await store.transaction(async (tx) => {
      await tx.get(Note, at('a'));
      await tx.create(Note, { metadata: at('b') });
      await tx.delete(Note, at('b'));
      await tx.create(Note, { metadata: at('c') }, { dryRun: true });
    });
    expect(await client.barrier()).toBe('2');
  });

  it('cannot delete an object and create it anew', async () => {
    const { client, store } = setUp();
    await client.create(Note, { metadata: at('a') });
    const work = store.transaction(async (tx) => {
      await tx.delete(Note, at('a'));
      await tx.create(Note, { metadata: at('a') });
    });
    await failure(work, 'BadRequest');
    await client.get(Note, at('a'));
  });

  it('runs again where something that it read has changed meanwhile', async () => {
    const { client, store } = setUp({}, Account);
    await client.create(Account, account('a', 100));
    let runs = 0;
    await store.transaction(async (tx) => {
      const from = await tx.get(Account, at('a'));
      runs += 1;
      if (runs === 1)
        await client.patch(Account, at('a'), { type: 'merge', patch: { spec: { balance: 50 } } });
      await tx.update(
        Account,
        edit(from, (draft) => void (draft.spec.balance -= 10)),
      );
    });
    expect(runs).toBe(2);
    expect((await client.get(Account, at('a'))).spec.balance).toBe(40);
  });

  it('runs again where what was absent, or a list that it read, has changed', async () => {
    const { client, store } = setUp();
    for (const look of ['get', 'list'] as const) {
      let runs = 0;
      await store.transaction(async (tx) => {
        runs += 1;
        if (look === 'get') await tx.get(Note, at(`${look}-gap`)).catch(() => undefined);
        else await tx.list(Note);
        if (runs === 1) await client.create(Note, { metadata: at(`${look}-gap`) });
        await tx.create(Note, { metadata: at(`${look}-done`) });
      });
      expect(runs).toBe(2);
    }
  });

  it('runs again where its work failed because it saw two states', async () => {
    const { client, store } = setUp({}, Account);
    await client.create(Account, account('a', 50));
    await client.create(Account, account('b', 50));
    let runs = 0;
    await store.transaction(async (tx) => {
      runs += 1;
      const a = await tx.get(Account, at('a'));
      if (runs === 1) {
        await client.patch(Account, at('a'), { type: 'merge', patch: { spec: { balance: 0 } } });
        await client.patch(Account, at('b'), { type: 'merge', patch: { spec: { balance: 100 } } });
      }
      const b = await tx.get(Account, at('b'));
      if (a.spec.balance + b.spec.balance !== 100) throw new Error('money was made');
    });
    expect(runs).toBe(2);
  });

  it('is a Conflict after ten attempts', async () => {
    const { client, store } = setUp();
    await client.create(Note, { metadata: at('a') });
    let runs = 0;
    const work = store.transaction(async (tx) => {
      await tx.get(Note, at('a'));
      runs += 1;
      await client.patch(Note, at('a'), { type: 'merge', patch: { runs } });
    });
    expect((await failure(work, 'Conflict')).message).toContain('10 times');
    expect(runs).toBe(10);
  });

  it('honours guards when it is stored', async () => {
    const { client, store } = setUp();
    await client.create(Note, { metadata: at('gate'), open: true });
    const guards = [{ apiVersion: Note.apiVersion, kind: 'Note', ...at('gate'), fields: { open: true } }];
    await store.transaction(async (tx) => {
      await tx.create(Note, { metadata: at('a') }, { guards });
    });
    const work = store.transaction(async (tx) => {
      await tx.create(Note, { metadata: at('b') }, { guards });
      await client.patch(Note, at('gate'), { type: 'merge', patch: { open: false } });
    });
    await failure(work, 'Conflict');
    await failure(client.get(Note, at('b')), 'NotFound');
  });

  it('keeps the rules of the store: namespaces, finalizers, owners, records', async () => {
    const { client, store } = setUp({}, Namespace);
    const owner = await client.create(Note, { metadata: at('owner') });
    await client.create(Note, { metadata: { ...at('held'), finalizers: ['example.com/hold'] } });
    await store.transaction(async (tx) => {
      await failure(tx.create(Note, { metadata: at('x', 'team') }), 'NotFound');
      await tx.create(Namespace, { metadata: { name: 'team' } });
      await tx.create(Note, { metadata: at('x', 'team') });
      await tx.apply(Note, { metadata: { ...at('child'), ownerReferences: [ownerReference(owner)] } });
      await tx.delete(Note, at('owner'));
      expect((await tx.delete(Note, at('held'))).deleted).toBe(false);
      await tx.patch(Note, at('held'), { type: 'merge', patch: { metadata: { finalizers: null } } });
      await failure(tx.get(Note, at('held')), 'NotFound');
    });
    await store.idle();
    expect((await client.list(Note)).items.map(({ metadata }) => metadata.name)).toEqual(['x']);
  });

  it("does not take a namespace from under an object, its own or another writer's", async () => {
    const { client, store } = setUp({}, Namespace);
    for (const name of ['own', 'other', 'empty']) await client.create(Namespace, { metadata: { name } });
    await store.transaction(async (tx) => {
      await tx.create(Note, { metadata: at('n', 'own') });
      expect((await tx.delete(Namespace, { name: 'own' })).deleted).toBe(false);
    });
    let runs = 0;
    await store.transaction(async (tx) => {
      runs += 1;
      const { deleted } = await tx.delete(Namespace, { name: 'other' });
      expect(deleted).toBe(runs === 1);
      if (runs === 1) await client.create(Note, { metadata: at('n', 'other') });
    });
    expect(runs).toBe(2);
    await store.transaction(async (tx) => {
      await tx.create(Note, { metadata: at('n', 'empty') });
      await tx.delete(Note, at('n', 'empty'));
      expect((await tx.delete(Namespace, { name: 'empty' })).deleted).toBe(true);
    });
    await store.idle();
    expect((await client.list(Note)).items).toEqual([]);
    const left = (await client.list(Namespace)).items.map(({ metadata }) => metadata.name);
    expect(left).toEqual(['default', 'kube-system']);
  });

  it('is over when its work is, and with the store', async () => {
    const { store } = setUp();
    let late: Promise<unknown> = Promise.resolve();
    await store.transaction(async (tx) => {
      late = Promise.resolve()
        .then(() => new Promise((resolve) => setImmediate(resolve)))
        .then(() => tx.list(Note));
    });
    await expect(late).rejects.toThrow(TypeError);
    const work = store.transaction(async (tx) => {
      await tx.create(Note, { metadata: at('a') });
      await store.close();
    });
    await failure(work, 'ServiceUnavailable');
    await failure(
      store.transaction(async () => undefined),
      'ServiceUnavailable',
    );
  });

  it('is given up by its signal, and nothing is stored', async () => {
    const { client, store } = setUp();
    const giveUp = new AbortController();
    const work = store.transaction(
      async (tx) => {
        await tx.create(Note, { metadata: at('a') });
        giveUp.abort(new Error('enough'));
      },
      { signal: giveUp.signal },
    );
    await expect(work).rejects.toThrow('enough');
    await failure(client.get(Note, at('a')), 'NotFound');
  });

  it('lists without pages', async () => {
    const { store } = setUp();
    for (const options of [{ limit: 1 }, { continue: 'x' }, { resourceVersion: '1' }]) {
      const work = store.transaction((tx) => tx.list(Note, options));
      expect(fieldsOf(await failure(work, 'BadRequest'))).toEqual(Object.keys(options));
    }
  });
});

describe('watchers of a transaction', () => {
  it('are told which events belong together', async () => {
    const { client, store } = setUp();
    const watch = client.watch(Note, { resourceVersion: '1' });
    const some = client.watch(Note, { resourceVersion: '1', labelSelector: 'pick=yes' });
    await store.transaction(async (tx) => {
      await tx.create(Note, { metadata: at('a') });
      await tx.create(Note, { metadata: { ...at('b'), labels: { pick: 'yes' } } });
      await tx.create(Note, { metadata: at('c') });
    });
    const replayed = client.watch(Note, { resourceVersion: '1' });
    for (const each of [watch, replayed]) {
      const events = await told(client, each);
      expect(
        events.map(({ type, object, ...rest }) => [type, object.metadata.resourceVersion, rest]),
      ).toEqual([
        ['ADDED', '2', { more: true }],
        ['ADDED', '2', { more: true }],
        ['ADDED', '2', {}],
      ]);
    }
    expect((await told(client, some)).map((event) => 'more' in event)).toEqual([false]);
    await client.create(Note, { metadata: at('d') });
    const next = (await told(client, watch)).filter(({ type }) => type !== 'BOOKMARK');
    expect(next.map((event) => 'more' in event)).toEqual([false]);
  });

  it('get it wholly or not at all where they are cut off', async () => {
    const { client, store } = setUp({ watchBuffer: 3 });
    const watch = client.watch(Note, { resourceVersion: '1' });
    await client.create(Note, { metadata: at('a') });
    await store.transaction(async (tx) => {
      for (const name of ['b', 'c', 'd', 'e']) await tx.create(Note, { metadata: at(name) });
    });
    const { value } = await watch.next();
    expect(value?.object.metadata.resourceVersion).toBe('2');
    await failure(watch.next(), 'Expired');
    const resumed = client.watch(Note, { resourceVersion: '2' });
    expect(await lines(client, resumed)).toEqual(['ADDED b @3', 'ADDED c @3', 'ADDED d @3', 'ADDED e @3']);
  });

  it('reflect its revision only when all of it is there', async () => {
    const { client, store } = setUp();
    const informers = new InformerFactory({ client });
    const notes = informers.for(Note);
    const seen: (string | undefined)[] = [];
    notes.addEventHandler({ onAdd: () => void seen.push(notes.resourceVersion) });
    await informers.start();
    await store.transaction(async (tx) => {
      for (const name of ['a', 'b', 'c']) await tx.create(Note, { metadata: at(name) });
    });
    await notes.caughtUpTo('2');
    expect(notes.lister.list().map(({ metadata }) => metadata.name)).toEqual(['a', 'b', 'c']);
    expect(seen).toHaveLength(3);
    await informers.stop();
  });
});

describe('many transactions at once', () => {
  it('never make or lose money, whatever the order of their steps', async () => {
    const transfer = fc.record({
      from: fc.nat(3),
      to: fc.nat(3),
      amount: fc.integer({ min: 1, max: 60 }),
      pauses: fc.nat(6),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(transfer, { maxLength: 12 }), fc.integer(), async (transfers, seed) => {
        const { client, store } = setUp({ random: new SeededRandom(seed) }, Account);
        for (let index = 0; index < 4; index += 1) await client.create(Account, account(`a${index}`, 100));
        const done = await Promise.allSettled(
          transfers.map(({ from, to, amount, pauses }) =>
            store.transaction(async (tx) => {
              const source = await tx.get(Account, at(`a${from}`));
              for (let pause = 0; pause < pauses; pause += 1) await Promise.resolve();
              if (source.spec.balance < amount) throw new Error('not enough');
              await tx.update(
                Account,
                edit(source, (draft) => void (draft.spec.balance -= amount)),
              );
              const target = await tx.get(Account, at(`a${to}`));
              await tx.update(
                Account,
                edit(target, (draft) => void (draft.spec.balance += amount)),
              );
            }),
          ),
        );
        const { items } = await client.list(Account);
        const balances = items.map(({ spec }) => spec.balance);
        expect(balances.reduce((sum, balance) => sum + balance, 0)).toBe(400);
        expect(Math.min(...balances)).toBeGreaterThanOrEqual(0);
        for (const result of done) {
          if (result.status === 'rejected') expect(String(result.reason)).toMatch(/not enough|10 times/);
        }
        const fulfilled = done.filter(({ status }) => status === 'fulfilled').length;
        expect(Number(await client.barrier())).toBeLessThanOrEqual(5 + fulfilled);
      }),
    );
  });
});
