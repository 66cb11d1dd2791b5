/**
 * Many tenants, one controller: each has a store of its own, comes and goes while the manager runs, and gets its turn however busy the
 * others are. What the house decides in its hub is copied to all of them.
 *
 * Run it with `npx tsx examples/multi-tenant.ts`. It is played on virtual time.
 */
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import {
  type Client,
  type Controller,
  controller,
  defineResource,
  Manager,
  ObjectStore,
  sleep,
  VirtualClock,
} from 'keelson';
import { ConfigMap } from 'keelson/kinds';
import * as z from 'zod';

/** In the hub: who has a store, and whom to call. */
export const Tenant = defineResource({
  group: 'example.com',
  version: 'v1',
  kind: 'Tenant',
  scope: 'Cluster',
  spec: z.object({ contact: z.string() }),
});

/** In the store of a tenant: a report that takes a second to write. */
export const Report = defineResource({
  group: 'example.com',
  version: 'v1',
  kind: 'Report',
  spec: z.object({ title: z.string() }),
  status: z.object({ text: z.string() }),
});

const SECOND = 1_000;
/** What all tenants have in common, under the same key in the hub and in their stores. */
const STYLE = { name: 'house-style', namespace: 'default' };

/** Writes the reports of all tenants, one after another. The stores take turns: nobody waits for the end of what another wants. */
export const reports: Controller = controller('report')
  .for(Report, { stores: 'added' })
  .reads(ConfigMap)
  .reconcileObject(async ({ spec, status }, { key, client, cache, clock, signal }) => {
    if (status !== undefined) return;
    await sleep(clock, SECOND, signal);
    // client and cache are those of the store that the report is in
    const heading = cache.get(ConfigMap, STYLE)?.data?.['heading'] ?? '';
    const patch = { status: { text: `${heading}${spec.title}` } };
    await client.patch(Report, key, { type: 'merge', patch }, { subresource: 'status' });
  });

/** Copies the house style from the hub to every tenant: to those who come, and where somebody changed the copy. */
export const houseStyle: Controller = controller('house-style')
  .for(ConfigMap)
  .watches(Tenant, { key: () => STYLE })
  .watches(ConfigMap, { stores: 'added', key: () => STYLE })
  .reconcileObject(async ({ data }, { cache, at }) => {
    for (const { metadata } of cache.list(Tenant)) {
      await at(metadata.name).client.apply(ConfigMap, { metadata: STYLE, data }, { force: true });
    }
  });

/** Lets tenants come, want reports, and go, and prints how far each of them is. */
export async function multiTenant(print: (line: string) => void): Promise<void> {
  const clock = new VirtualClock();
  const hub = new ObjectStore({ resources: [Tenant, ConfigMap], clock });
  const client = hub.client();
  const manager = new Manager({ client, controllers: [reports, houseStyle] });
  await manager.start();
  await client.create(ConfigMap, { metadata: STYLE, data: { heading: 'ACME: ' } });
  const tenants = new Map<string, ObjectStore>();
  const tell = (what: string): void => print(`${`${clock.monotonic() / SECOND} s`.padStart(5)}  ${what}`);

  const join = async (name: string, wanted: number): Promise<void> => {
    tell(`${name} comes, and wants ${wanted} reports`);
    const store = new ObjectStore({ resources: [Report, ConfigMap], clock });
    tenants.set(name, store);
    await manager.addStore(name, store.client());
    // the store first: who reads of the tenant can count on it
    await client.create(Tenant, { metadata: { name }, spec: { contact: `${name}@example.com` } });
    for (let number = 1; number <= wanted; number += 1) {
      const metadata = { name: `report-${number}`, namespace: 'default' };
      await store.client().create(Report, { metadata, spec: { title: `number ${number}` } });
    }
  };
  const leave = async (name: string): Promise<void> => {
    tell(`${name} goes`);
    await client.delete(Tenant, { name });
    const removed = manager.removeStore(name);
    await clock.advance(2 * SECOND); // the report that is being written comes to its end
    await removed;
    await tenants.get(name)?.close();
    tenants.delete(name);
  };
  const show = async (): Promise<void> => {
    const progress = Array.from(tenants, async ([name, store]) => `${name} ${await written(store.client())}`);
    tell(`written: ${(await Promise.all(progress)).join(', ')}`);
  };

  await join('noisy', 100);
  await join('quiet', 3);
  await clock.advance(7 * SECOND);
  await show();

  await join('late', 3);
  await clock.advance(7 * SECOND);
  await show();

  await leave('noisy');
  await manager.idle();
  tell('nothing is left to do');

  tell('the house changes its style, and so does quiet');
  await client.patch(ConfigMap, STYLE, { type: 'merge', patch: { data: { heading: 'Acme, ' } } });
  const quiet = tenants.get('quiet')?.client();
  await quiet?.patch(ConfigMap, STYLE, { type: 'merge', patch: { data: { heading: 'Quiet & sons: ' } } });
  await manager.idle();
  for (const [name, store] of tenants) {
    const { data } = await store.client().get(ConfigMap, STYLE);
    const { status } = await store.client().get(Report, { name: 'report-1', namespace: 'default' });
    tell(`${name} has "${status?.text}", and from now on "${data?.['heading']}"`);
  }

  await manager.stop();
  for (const store of [hub, ...tenants.values()]) await store.close();
}

/** How many reports of a tenant are written. */
async function written(client: Client): Promise<string> {
  const { items } = await client.listAll(Report);
  return `${items.filter(({ status }) => status !== undefined).length} of ${items.length}`;
}

if (argv[1] === fileURLToPath(import.meta.url)) await multiTenant((line) => console.log(line));
