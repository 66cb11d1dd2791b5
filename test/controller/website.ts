import * as z from 'zod';
import {
  type Client,
  defineResource,
  type ObjectOf,
  ObjectStore,
  SeededRandom,
  setControllerReference,
  VirtualClock,
} from '../../src/index.js';

/** The kinds of these tests: a Website owns Pages, and mentions a Theme by name. */
export const Website = defineResource({
  group: 'example.com',
  version: 'v1',
  kind: 'Website',
  spec: z.object({ pages: z.number().int().min(0).default(1), theme: z.string().optional() }),
  status: z.object({ pages: z.number().int() }),
});
export type Website = ObjectOf<typeof Website>;

export const Page = defineResource({
  group: 'example.com',
  version: 'v1',
  kind: 'Page',
  spec: z.object({ number: z.number().int() }),
});

export type Page = ObjectOf<typeof Page>;

export const Theme = defineResource({
  group: 'example.com',
  version: 'v1',
  kind: 'Theme',
  scope: 'Cluster',
  spec: z.object({ color: z.string() }),
});

/** A store with a virtual clock. */
export function makeWorld(): { store: ObjectStore; client: Client; clock: VirtualClock } {
  const clock = new VirtualClock();
  const store = new ObjectStore({ resources: [Website, Page, Theme], clock, random: new SeededRandom(1) });
  return { store, client: store.client(), clock };
}

/** Makes the Pages of a Website: one a number, and none beyond. */
export async function makePages(client: Client, site: Website): Promise<void> {
  const { name, namespace } = site.metadata;
  const { items } = await client.list(Page, { namespace });
  const mine = items.filter((page) =>
    page.metadata.ownerReferences?.some(({ uid }) => uid === site.metadata.uid),
  );
  for (const page of mine.filter(({ spec }) => spec.number >= site.spec.pages))
    await client.delete(Page, page.metadata);
  for (let number = 0; number < site.spec.pages; number += 1) {
    if (mine.some(({ spec }) => spec.number === number)) continue;
    await client.create(
      Page,
      setControllerReference(site, { metadata: { name: `${name}-${number}`, namespace }, spec: { number } }),
    );
  }
}
