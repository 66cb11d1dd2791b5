import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  applyOwned,
  type Client,
  controller,
  controllerReference,
  intercept,
  isConflict,
  Manager,
  type ObjectStore,
  ownerReference,
} from '../../../src/index.js';
import { makeWorld, Page, Theme, Website } from '../website.js';

const KEY = { name: 'a', namespace: 'default' };

let store: ObjectStore;
let client: Client;
let owner: Website;
beforeEach(async () => {
  ({ store, client } = makeWorld());
  owner = await client.create(Website, { metadata: KEY, spec: {} });
});
afterEach(() => store.close());

const page = (name: string, number = 0) => ({ metadata: { name }, spec: { number } });
const names = (objects: readonly { readonly metadata: { readonly name: string } }[]): string[] =>
  objects.map(({ metadata }) => metadata.name);
const pages = async (): Promise<string[]> => names((await client.list(Page)).items);

describe('applyOwned', () => {
  it('applies what is wanted, as owned, and prunes what no longer is', async () => {
    const first = await applyOwned({ client, owner }, [Page, [page('x'), page('y')]]);
    expect(names(first.applied)).toEqual(['x', 'y']);
    expect(first.applied[0]?.metadata).toMatchObject({
      namespace: 'default',
      ownerReferences: [controllerReference(owner)],
    });
    const second = await applyOwned({ client, owner }, [Page, [page('x', 7), page('y'), page('z')]]);
    expect(names(second.applied)).toEqual(['x', 'z']);
    expect(names(second.unchanged)).toEqual(['y']);
    expect(second.pruned).toEqual([]);
    const third = await applyOwned({ client, owner }, [Page, [page('y')]]);
    expect(names(third.unchanged)).toEqual(['y']);
    expect(names(third.pruned)).toEqual(['x', 'z']);
    expect(await pages()).toEqual(['y']);
  });

  it('writes nothing where all is as wanted', async () => {
    await applyOwned({ client, owner }, [Page, [page('x')]]);
    const { resourceVersion } = await client.list(Page);
    await applyOwned({ client, owner }, [Page, [page('x')]]);
    expect((await client.list(Page)).resourceVersion).toBe(resourceVersion);
  });

  it('prunes the last kind first, after all was applied; empties a kind with an empty list', async () => {
    await applyOwned(
      { client, owner },
      [Page, [page('x')]],
      [Website, [{ metadata: { name: 'child' }, spec: {} }]],
    );
    const writes: string[] = [];
    const watched = intercept(client, {
      apply: (next, resource, object, options) => {
        writes.push(`apply ${object.metadata.name}`);
        return next(resource, object, options);
      },
      delete: (next, resource, key, options) => {
        writes.push(`delete ${key.name}`);
        return next(resource, key, options);
      },
    });
    await applyOwned({ client: watched, owner }, [Page, [page('y')]], [Website, []]);
    expect(writes).toEqual(['apply y', 'delete child', 'delete x']);
  });

  it('leaves alone what the owner does not control, and kinds that are not named', async () => {
    const plain = { ...page('plain'), metadata: { ...page('plain').metadata, namespace: 'default' } };
    await client.create(Page, plain);
    const shared = { name: 'shared', namespace: 'default', ownerReferences: [ownerReference(owner)] };
    await client.create(Page, { metadata: shared, spec: { number: 1 } });
    const other = await client.create(Website, { metadata: { ...KEY, name: 'b' }, spec: {} });
    await applyOwned({ client, owner: other }, [Page, [page('theirs')]]);
    await applyOwned({ client, owner }, [Website, [{ metadata: { name: 'child' }, spec: {} }]]);
    const { pruned } = await applyOwned({ client, owner }, [Page, []]);
    expect(pruned).toEqual([]);
    expect(await pages()).toEqual(['plain', 'shared', 'theirs']);
    expect(names((await client.list(Website)).items)).toEqual(['a', 'b', 'child']);
  });

  it('refuses what another owner controls, before anything is written', async () => {
    const other = await client.create(Website, { metadata: { ...KEY, name: 'b' }, spec: {} });
    await applyOwned({ client, owner: other }, [Page, [page('y')]]);
    await applyOwned({ client, owner }, [Page, [page('old')]]);
    const failed = applyOwned({ client, owner }, [Page, [page('x'), page('y')]]);
    await expect(failed).rejects.toSatisfy(isConflict);
    expect(await pages()).toEqual(['old', 'y']);
    const twice = applyOwned({ client, owner }, [Page, [page('x'), page('x')]]);
    await expect(twice).rejects.toThrow('applyOwned: expected each object once, got Page default/x twice');
    const kinds = applyOwned({ client, owner }, [Page, [page('x')]], [Page, [page('z')]]);
    await expect(kinds).rejects.toThrow('applyOwned: expected each kind once, got Page.example.com twice');
    expect(await pages()).toEqual(['old', 'y']);
  });

  it('adopts what nobody controls, keeps the fields of others, and takes over those that differ', async () => {
    await client.create(
      Page,
      { metadata: { name: 'x', namespace: 'default', labels: { theirs: 'yes' } }, spec: { number: 1 } },
      { fieldManager: 'somebody' },
    );
    const { applied } = await applyOwned({ client, owner, fieldManager: 'me' }, [Page, [page('x', 2)]]);
    expect(applied[0]).toMatchObject({ metadata: { labels: { theirs: 'yes' } }, spec: { number: 2 } });
    const managers = applied[0]?.metadata.managedFields?.map(({ manager }) => manager);
    expect(managers).toContain('me');
  });

  it('keeps an object that changes hands while it is pruned, and tries again one that merely changes', async () => {
    await applyOwned({ client, owner }, [Page, [page('x'), page('y')]]);
    const touched = new Set<string>();
    const racing = intercept(client, {
      delete: async (next, resource, key, options) => {
        if (!touched.has(key.name)) {
          touched.add(key.name);
          const metadata = key.name === 'x' ? { ownerReferences: null } : { annotations: { a: 'b' } };
          await client.patch(Page, key, { type: 'merge', patch: { metadata } });
        }
        return next(resource, key, options);
      },
    });
    const { pruned } = await applyOwned({ client: racing, owner }, [Page, []]);
    expect(names(pruned)).toEqual(['y']);
    expect(await pages()).toEqual(['x']);
  });

  it('takes what is gone already, or on its way, for done', async () => {
    await applyOwned({ client, owner }, [Page, [page('x'), page('y')]]);
    const held = { metadata: { finalizers: ['example.com/hold'] } };
    await client.patch(Page, { ...KEY, name: 'y' }, { type: 'merge', patch: held });
    await client.delete(Page, { ...KEY, name: 'y' });
    const racing = intercept(client, {
      delete: async (next, resource, key, options) => {
        await client.delete(Page, key);
        return next(resource, key, options);
      },
    });
    const { pruned } = await applyOwned({ client: racing, owner }, [Page, []]);
    expect(pruned).toEqual([]);
    expect(await pages()).toEqual(['y']);
  });

  it('has the objects of a cluster object in any namespace', async () => {
    const theme = await client.create(Theme, { metadata: { name: 't' }, spec: { color: 'red' } });
    const in_ = (namespace: string) => ({ metadata: { name: 'p', namespace }, spec: { number: 1 } });
    await applyOwned({ client, owner: theme }, [Page, [in_('one'), in_('two')]]);
    const { pruned } = await applyOwned({ client, owner: theme }, [Page, [in_('two')]]);
    expect(pruned.map(({ metadata }) => metadata.namespace)).toEqual(['one']);
  });

  it('reads from the cache of a reconcile, which has its own writes, and settles', async () => {
    let lists = 0;
    const counted = intercept(client, {
      listAll: (next, ...args) => {
        lists += 1;
        return next(...args);
      },
    });
    let outcome: string[][] = [];
    const sites = controller('site')
      .for(Website)
      .owns(Page)
      .reconcile(async ({ object, client: own, cache }) => {
        if (object === undefined) return;
        const wanted = Array.from({ length: object.spec.pages }, (_, number) => page(`p-${number}`, number));
        const { applied, unchanged, pruned } = await applyOwned({ client: own, cache, owner: object }, [
          Page,
          wanted,
        ]);
        outcome = [applied, unchanged, pruned].map(names);
      });
    const manager = new Manager({ client: counted, controllers: [sites] });
    await manager.start();
    await manager.idle();
    await client.patch(Website, KEY, { type: 'merge', patch: { spec: { pages: 3 } } });
    await manager.idle();
    expect(await pages()).toEqual(['p-0', 'p-1', 'p-2']);
    const before = lists;
    await client.patch(Website, KEY, { type: 'merge', patch: { spec: { pages: 1 } } });
    await manager.idle();
    expect(await pages()).toEqual(['p-0']);
    expect(outcome).toEqual([[], ['p-0'], ['p-1', 'p-2']]);
    expect(lists).toBe(before);
    await manager.stop();
  });

  it('is typed by the kinds: objects that do not fit do not compile', () => {
    const wrong = (): unknown =>
      // @ts-expect-error: the number of a page is a number
      applyOwned({ client, owner }, [Page, [{ metadata: { name: 'x' }, spec: { number: 'one' } }]]);
    const right = async (): Promise<number | undefined> =>
      (await applyOwned({ client, owner }, [Page, [page('x')]])).applied[0]?.spec.number;
    expect([typeof wrong, typeof right]).toEqual(['function', 'function']);
  });
});
