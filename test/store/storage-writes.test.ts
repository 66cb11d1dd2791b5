import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Guard } from '../../src/client/index.js';
import { ApiError, edit } from '../../src/core/index.js';
import { Lease, Namespace } from '../../src/resources/kinds/index.js';
import { at, failure, Note, Website, website } from './kit.js';
import { ending, onStorage, type OpenedStore } from './storage-kit.js';

/** Holds while `holder` has the lock. */
function guardOf(holder: string): Guard {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    ...at('lock'),
    fields: { 'spec.holderIdentity': holder },
  };
}

function revisionOf(answer: unknown): number {
  return Number(
    (answer as { readonly metadata: { readonly resourceVersion: string } }).metadata.resourceVersion,
  );
}

describe('writes to a storage', () => {
  it('to one object all happen, each once, in the order of the calls', () =>
    onStorage(async ({ storage, open }) => {
      const { client } = await open();
      storage.setLatency('commit', { least: 0, most: 5 });
      storage.setLatency('changed', { least: 0, most: 5 });
      await client.create(Website, website('a', { tags: { all: '' } }));
      const add = (index: number): Promise<Website> =>
        client.patch(Website, at('a'), {
          type: 'merge',
          patch: { spec: { replicas: index, tags: { [`t${index}`]: 'x' } } },
        });
      const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => add(index + 1)));
      expect(answers.map(({ spec }) => spec.replicas)).toEqual(answers.map((_, index) => index + 1));
      expect(answers.map(({ metadata }) => metadata.generation)).toEqual(
        answers.map((_, index) => index + 2),
      );
      const { spec } = await client.get(Website, at('a'));
      expect(Object.keys(spec.tags ?? {})).toHaveLength(201);
      // the creation, and each patch
      expect(storage.log).toHaveLength(201);
    }));

  it('to different objects do not wait for each other', () =>
    onStorage(async ({ storage, open, clock }) => {
      const { client } = await open();
      storage.setLatency('commit', { least: 100, most: 100 });
      const begin = clock.now();
      await Promise.all(
        Array.from({ length: 20 }, (_, index) => client.create(Website, website(`a${index}`))),
      );
      // each takes 200 ms
      expect(clock.now() - begin).toBeLessThan(1_000);
    }));

  it('are of what was sent when it was sent', () =>
    onStorage(async ({ storage, open }) => {
      const { client } = await open();
      storage.setLatency('commit', { least: 10, most: 10 });
      const object = { metadata: { ...at('a'), labels: { a: 'b' } }, spec: { image: 'nginx' } };
      const creation = client.create(Website, object);
      object.metadata.labels.a = 'changed';
      object.spec.image = 'changed';
      const created = await creation;
      expect(created.spec.image).toBe('nginx');
      expect(created.metadata.labels).toEqual({ a: 'b' });
      const patch = { spec: { tags: { x: '1' } } };
      const first = client.patch(Website, at('a'), { type: 'merge', patch: { spec: { replicas: 2 } } });
      const second = client.patch(Website, at('a'), { type: 'merge', patch });
      patch.spec.tags.x = 'changed';
      await first;
      expect((await second).spec.tags).toEqual({ x: '1' });
      expect(storage.entries.some(({ value }) => value.includes('changed'))).toBe(false);
    }));

  it('end at once where their signal aborts, whatever they wait for', () =>
    onStorage(async ({ storage, open, make, clock }) => {
      const { client } = await open();
      await client.create(Website, website('a'));
      for (const operation of ['open', 'load', 'commit', 'newest', 'changed'] as const) {
        storage.setLatency(operation, { least: 1_000, most: 1_000 });
      }
      const reason = new Error('enough');
      const controller = new AbortController();
      const { signal } = controller;
      const patch = { type: 'merge', patch: { spec: { replicas: 2 } } } as const;
      const unopened = make().client;
      const works = [
        client.create(Website, website('b'), { signal }),
        client.patch(Website, at('a'), patch, { signal }),
        client.patch(Website, at('a'), { type: 'merge', patch: { spec: { replicas: 3 } } }, { signal }),
        client.list(Website, { signal }),
        client.deleteCollection(Note, {}, { signal }),
        unopened.get(Website, at('a'), { signal }),
        unopened.create(Website, website('c'), { signal }),
      ];
      const before = clock.now();
      const ends = Promise.allSettled(works);
      await clock.advance();
      controller.abort(reason);
      for (const end of await ends) expect(end).toEqual({ status: 'rejected', reason });
      expect(clock.now()).toBe(before);
      await clock.advance(10_000);
      // what was sent has happened; what waited for its turn has not
      const { spec } = await client.get(Website, at('a'));
      expect(spec.replicas).toBe(2);
      await failure(client.get(Website, at('c')), 'NotFound');
    }));

  it('are ambiguous where nobody knows whether they happened, and show where they did', () =>
    onStorage(async ({ storage, open }) => {
      const { client } = await open();
      const other = await open();
      for (const fault of ['happens', 'vanishes', 'late'] as const) {
        storage.failNext('commit', fault);
        const error = await failure(client.create(Website, website(fault)), 'ServiceUnavailable');
        expect(error.ambiguous).toBe(true);
      }
      storage.failNext('commit', 'refused');
      const refused = await failure(client.create(Website, website('refused')), 'ServiceUnavailable');
      expect(refused.ambiguous).toBe(false);
      const after = await client.create(Website, website('z'));
      for (const each of [client, other.client]) {
        const { items } = await each.list(Website);
        expect(items.map(({ metadata }) => metadata.name)).toEqual(['happens', 'late', 'z']);
        expect(items.at(-1)).toEqual(after);
      }
    }));

  it('answer a deletion with what was deleted, even where the name lives again by then', () =>
    onStorage(async ({ storage, open }) => {
      const one = await open();
      const two = await open();
      const { metadata } = await one.client.create(Website, website('a'));
      // one is told of all before it has its answer
      storage.setLatency('commit', { least: 0, most: 0 });
      const again = async (): Promise<void> => {
        for (let index = 0; index < 20; index += 1) {
          const made = await two.client.create(Website, website('a')).catch((error: unknown) => error);
          if (!(made instanceof ApiError)) await two.client.delete(Website, at('a')).catch(() => undefined);
        }
      };
      const [deleted] = await Promise.all([one.client.delete(Website, at('a')), again()]);
      expect(deleted.object.metadata.uid).toBe(metadata.uid);
    }));
});

describe('guards of writes to a storage', () => {
  it('hold when the write happens, whoever changes what they are about', () =>
    onStorage(
      async ({ storage, open, seed }) => {
        const one = await open();
        const two = await open();
        storage.setLatency('commit', { least: 0, most: 10 });
        storage.setLatency('changed', { least: 0, most: 10 });
        const lease = await one.client.create(Lease, {
          metadata: at('lock'),
          spec: { holderIdentity: 'one' },
        });
        const other = seed % 2 === 0 ? one : two;
        const take = other.client.update(Lease, { ...lease, spec: { holderIdentity: 'two' } });
        const writes = Array.from({ length: 5 }, (_, index) =>
          one.client
            .create(Website, website(`a${index}`), { guards: [guardOf('one')] })
            .catch((error: unknown) => error),
        );
        const taken = Number((await take).metadata.resourceVersion);
        for (const answer of await Promise.all(writes)) {
          if (answer instanceof ApiError) expect(answer.reason).toBe('Conflict');
          else expect(revisionOf(answer)).toBeLessThan(taken);
        }
        for (const { value, revision } of storage.entries) {
          if (value.includes('Website')) expect(revision).toBeLessThan(taken);
        }
      },
      { seeds: [1, 2, 3, 4, 5, 6] },
    ));

  it('wait for a write under way to what they are about, however long that is not told', () =>
    onStorage(async ({ storage, open }) => {
      const { client, store } = await open();
      const lease = await client.create(Lease, { metadata: at('lock'), spec: { holderIdentity: 'one' } });
      storage.setLatency('changed', { least: 500, most: 500 });
      const renewed = client.update(Lease, {
        ...lease,
        spec: { holderIdentity: 'one', leaseTransitions: 1 },
      });
      const written = Promise.all(
        Array.from({ length: 150 }, (_, index) =>
          client.create(Website, website(`a${index}`), { guards: [guardOf('one')] }),
        ),
      );
      const moved = store.transaction(async (tx) => {
        await tx.get(Lease, at('lock'));
        return tx.create(Note, { metadata: at('n') });
      });
      await Promise.all([renewed, written, moved]);
      expect((await client.list(Website)).items).toHaveLength(150);
    }));

  it('may wait for any number of writes to what they are about', () =>
    onStorage(async ({ storage, open }) => {
      const { client } = await open();
      await client.create(Lease, { metadata: at('lock'), spec: { holderIdentity: 'one' } });
      storage.setLatency('changed', { least: 1, most: 1 });
      const renewals = Array.from({ length: 150 }, (_, index) =>
        client.patch(Lease, at('lock'), { type: 'merge', patch: { spec: { leaseTransitions: index } } }),
      );
      const written = client.create(Website, website('a'), { guards: [guardOf('one')] });
      await Promise.all([...renewals, written]);
    }));
});

describe('namespaces in a storage', () => {
  it('take no object any more once one of the stores has marked them, and go when they are empty', () =>
    onStorage(
      async ({ storage, open }) => {
        const one = await open({}, Namespace);
        const two = await open({}, Namespace);
        storage.setLatency('commit', { least: 0, most: 10 });
        storage.setLatency('changed', { least: 0, most: 10 });
        await one.client.create(Namespace, { metadata: { name: 'team' } });
        const creations = Array.from({ length: 10 }, (_, index) =>
          two.client.create(Note, { metadata: at(`n${index}`, 'team') }).catch((error: unknown) => error),
        );
        const deletion = one.client.delete(Namespace, { name: 'team' });
        const answers = await Promise.all(creations);
        const { resourceVersion } = await deletion;
        const marked = Number(resourceVersion);
        for (const answer of answers) {
          if (answer instanceof ApiError) expect(['Forbidden', 'NotFound']).toContain(answer.reason);
          else expect(revisionOf(answer)).toBeLessThan(marked);
        }
        // what the stores do by themselves may need to hear of what the other did
        for (let index = 0; index < 5; index += 1) {
          for (const { client } of [one, two]) await client.barrier();
        }
        for (const { client } of [one, two]) {
          await failure(client.get(Namespace, { name: 'team' }), 'NotFound');
          expect((await client.list(Note)).items).toEqual([]);
        }
      },
      { seeds: [1, 2, 3, 4, 5] },
    ));
});

describe('transactions on a storage', () => {
  const balance = (object: Website): number => object.spec.replicas;

  it('keep the sum of all accounts, whoever moves money at the same time', async () => {
    const step = fc.record({
      store: fc.nat(1),
      from: fc.nat(2),
      to: fc.nat(2),
      amount: fc.integer({ min: 1, max: 5 }),
      kind: fc.constantFrom(
        'move' as const,
        'move' as const,
        'move' as const,
        'lose' as const,
        'cut' as const,
      ),
    });
    const property = fc.asyncProperty(fc.array(step, { maxLength: 15 }), fc.nat(1_000), (steps, seed) =>
      onStorage(
        async ({ storage, open }) => {
          const stores = [await open(), await open()] as const;
          for (const name of ['x0', 'x1', 'x2']) {
            await stores[0].client.create(Website, website(name, { replicas: 10 }));
          }
          storage.setLatency('changed', { least: 0, most: 5 });
          const move = async (
            { store }: OpenedStore,
            { from, to, amount }: (typeof steps)[number],
          ): Promise<void> =>
            store.transaction(async (tx) => {
              const source = await tx.get(Website, at(`x${from}`));
              if (from === to || balance(source) < amount) return;
              const target = await tx.get(Website, at(`x${to}`));
              const set = (account: Website, value: number): Promise<Website> =>
                tx.update(
                  Website,
                  edit(account, (draft) => {
                    draft.spec.replicas = value;
                  }),
                );
              await set(source, balance(source) - amount);
              await set(target, balance(target) + amount);
            });
          const sums: number[] = [];
          const moves: Promise<unknown>[] = [];
          for (const each of steps) {
            const on = stores[each.store] as OpenedStore;
            if (each.kind === 'lose') storage.lose(on.session);
            else if (each.kind === 'cut') storage.failNext('commit', 'happens');
            moves.push(move(on, each).catch((error: unknown) => error));
            if (each.amount === 1) await Promise.all(moves);
            const { items } = await on.client.list(Website);
            sums.push(items.reduce((sum, item) => sum + balance(item), 0));
          }
          for (const answer of await Promise.all(moves)) {
            if (answer === undefined) continue;
            if (!(answer instanceof ApiError)) throw answer;
            expect(['Conflict', 'ServiceUnavailable']).toContain(answer.reason);
          }
          for (const { client } of stores) {
            const { items } = await client.list(Website);
            sums.push(items.reduce((sum, item) => sum + balance(item), 0));
          }
          expect(new Set(sums)).toEqual(new Set([30]));
        },
        { seeds: [seed] },
      ),
    );
    await fc.assert(property, { seed: 20_261_121, numRuns: 25 });
  });

  it('of one process, each rest on what the other left of what both touch', () =>
    onStorage(async ({ storage, open }) => {
      const { client, store } = await open();
      storage.setLatency('changed', { least: 0, most: 20 });
      await client.create(Website, website('counter', { replicas: 0 }));
      const count = (name: string): Promise<number> =>
        store.transaction(async (tx) => {
          const counter = await tx.get(Website, at('counter'));
          await tx.update(
            Website,
            edit(counter, (draft) => {
              draft.spec.replicas += 1;
            }),
          );
          await tx.create(Note, { metadata: at(name), number: counter.spec.replicas });
          return counter.spec.replicas;
        });
      const numbers = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(count));
      expect([...numbers].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4]);
      expect((await client.get(Website, at('counter'))).spec.replicas).toBe(5);
      const { items } = await client.list(Note);
      expect(items.map((note) => note['number'])).toEqual(numbers);
    }));

  it('that list see no object appear or go until they are stored', () =>
    onStorage(async ({ open }) => {
      const one = await open();
      const two = await open();
      const elect = ({ store }: OpenedStore, name: string): Promise<boolean> =>
        store.transaction(async (tx) => {
          if ((await tx.list(Note)).items.length > 0) return false;
          await tx.create(Note, { metadata: at(name) });
          return true;
        });
      const answers = await Promise.all([elect(one, 'a'), elect(two, 'b'), elect(one, 'c'), elect(two, 'd')]);
      expect(answers.filter((won) => won)).toHaveLength(1);
      expect((await one.client.list(Note)).items).toHaveLength(1);
    }));

  it('are told to watches wholly, at one revision, by every store', () =>
    onStorage(async ({ open, clock }) => {
      const one = await open();
      const two = await open();
      const watch = two.client.watch(Note, { resourceVersion: '0' });
      await one.store.transaction(async (tx) => {
        for (const name of ['a', 'b']) await tx.create(Note, { metadata: at(name) });
      });
      const [first, second] = [await watch.next(), await watch.next()];
      expect(first.value).toMatchObject({ type: 'ADDED', more: true, object: { metadata: { name: 'a' } } });
      expect(second.value?.object.metadata.resourceVersion).toBe(
        first.value?.object.metadata.resourceVersion,
      );
      expect(await ending(clock, watch.next())).toBe('pending');
      watch.stop();
    }));
});
