import { type Client, edit, intercept, keyOf, ObjectStore, VirtualClock } from 'keelson';
import { InformerFactory } from 'keelson/informer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Website } from './website.js';

let store: ObjectStore;
let client: Client;
beforeEach(() => {
  store = new ObjectStore({ resources: [Website], clock: new VirtualClock() });
  client = store.client();
});
afterEach(() => store.close());

function site(
  name: string,
  image: string,
): {
  metadata: { name: string; namespace: string; labels: Record<string, string> };
  spec: { image: string };
} {
  return { metadata: { name, namespace: 'default', labels: { app: name } }, spec: { image } };
}

describe('the contract: informer', () => {
  it('runs the program as written', async () => {
    const first = await client.create(Website, site('a', 'nginx'));
    const told: unknown[] = [];

    const informers = new InformerFactory({ client });
    const sites = informers.for(Website, { indexers: { byImage: (object) => [object.spec.image] } });
    const registration = sites.addEventHandler({
      onAdd(object, { isInInitialList }) {
        told.push(['add', object.metadata.name, isInInitialList]);
      },
      onUpdate(before, after) {
        told.push(['update', before.spec.image, after.spec.image]);
      },
      onDelete({ key, last, finalStateKnown }) {
        told.push(['delete', key, last?.spec.image, finalStateKnown]);
      },
    });
    const abort = new AbortController();
    await informers.start({ signal: abort.signal });
    await sites.synced();
    await registration.synced();
    expect(told).toEqual([['add', 'a', true]]);

    const second = await client.create(Website, site('b', 'nginx'));
    const changed = await client.update(
      Website,
      edit(first, (draft) => {
        draft.spec.image = 'caddy';
      }),
    );
    await sites.caughtUpTo((await client.barrier()) ?? '');
    expect(sites.lister.get({ name: 'a', namespace: 'default' })).toBe(changed);
    expect(sites.lister.list({ namespace: 'default', labelSelector: 'app=a' })).toEqual([changed]);
    expect(sites.lister.list({ namespace: 'elsewhere' })).toEqual([]);
    expect(sites.lister.byIndex('byImage', 'nginx')).toEqual([second]);

    await client.delete(Website, keyOf(second));
    await sites.caughtUpTo((await client.barrier()) ?? '');
    expect(sites.lister.get(keyOf(second))).toBeUndefined();
    expect(told.slice(1)).toEqual([
      ['add', 'b', false],
      ['update', 'nginx', 'caddy'],
      ['delete', { name: 'b', namespace: 'default' }, 'nginx', true],
    ]);

    abort.abort();
    await informers.stop();
  });

  it('shares one informer among those who want the same objects', async () => {
    let lists = 0;
    const counting = intercept(client, {
      list(next, resource, options) {
        lists += 1;
        return next(resource, options);
      },
    });
    const informers = new InformerFactory({ client: counting });
    const one = informers.for(Website);
    const same = informers.for(Website, { namespace: '' });
    const other = informers.for(Website, { namespace: 'default' });
    expect(same).toBe(one);
    expect(other).not.toBe(one);
    await informers.start();
    expect(lists).toBe(2);
    await informers.stop();
  });

  it('tells a handler that comes late of everything that is there', async () => {
    await client.create(Website, site('a', 'nginx'));
    const informers = new InformerFactory({ client });
    const sites = informers.for(Website);
    await informers.start();
    const told: string[] = [];
    const late = sites.addEventHandler({
      onAdd: (object) => void told.push(object.metadata.name),
    });
    await late.synced();
    expect(told).toEqual(['a']);
    await informers.stop();
  });

  it('goes on where a handler throws, and hands out what the store hands out', async () => {
    const informers = new InformerFactory({ client });
    const sites = informers.for(Website);
    const faults: string[] = [];
    sites.events.on('fault', ({ during, error }) => faults.push(`${during}: ${error.message}`));
    const told: string[] = [];
    sites.addEventHandler({
      onAdd(object) {
        told.push(object.metadata.name);
        throw new Error(`no ${object.metadata.name}`);
      },
    });
    await informers.start();
    const a = await client.create(Website, site('a', 'nginx'));
    await client.create(Website, site('b', 'nginx'));
    await sites.caughtUpTo((await client.barrier()) ?? '');
    expect(told).toEqual(['a', 'b']);
    expect(faults).toEqual(['handler: no a', 'handler: no b']);
    expect(sites.lister.get(keyOf(a))).toBe(a);
    await informers.stop();
  });
});
