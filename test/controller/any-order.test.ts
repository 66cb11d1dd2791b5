import { describe, expect, it } from 'vitest';
import {
  type Client,
  controller,
  isAlreadyExists,
  isConflict,
  isNotFound,
  type Lane,
  Manager,
  ObjectStore,
  SeededRandom,
  VirtualClock,
} from '../../src/index.js';
import { ShuffledExecutor } from './shuffled-executor.js';
import { makePages, Page, Theme, Website } from './website.js';

const SEEDS = Array.from({ length: 25 }, (_, index) => index + 1);

/** Creates, changes and deletes Websites and Pages at random. */
async function disturb(client: Client, random: SeededRandom): Promise<void> {
  const key = { name: `site-${random.integer(4)}`, namespace: 'default' };
  const pages = random.integer(4);
  try {
    switch (random.integer(4)) {
      case 0:
        await client.create(Website, { metadata: key, spec: { pages } });
        break;
      case 1:
        await client.patch(Website, key, { type: 'merge', patch: { spec: { pages } } });
        break;
      case 2:
        await client.delete(Website, key);
        break;
      default:
        await client.delete(Page, { ...key, name: `${key.name}-${pages}` });
    }
  } catch (error) {
    if (!isAlreadyExists(error) && !isNotFound(error) && !isConflict(error)) throw error;
  }
}

/** Disturbs a world of Websites for a while, lets it converge, and answers with all that is left. */
async function run(seed: number): Promise<{ sites: Website[]; pages: Page[]; kinds: Set<Lane['kind']> }> {
  const random = new SeededRandom(seed);
  const clock = new VirtualClock();
  const executor = new ShuffledExecutor(random);
  const resources = [Website, Page, Theme];
  const store = new ObjectStore({ resources, clock, random: new SeededRandom(seed), executor });
  const client = store.client();
  const websites = controller('website')
    .for(Website)
    .owns(Page)
    .options({ concurrency: 2 })
    .reconcile(async ({ object, client: own }) => {
      if (object !== undefined) await makePages(own, object);
    });
  const manager = new Manager({ client, controllers: [websites] });
  await manager.start();
  for (let turn = 0; turn < 30; turn += 1) await disturb(client, random);

  // a reconcile that met a change half way has failed and waits for its next try: time must pass for it
  const progress = { converged: false };
  const idle = manager.idle().then(() => {
    progress.converged = true;
  });
  for (let turn = 0; turn < 10_000 && !progress.converged; turn += 1) await clock.advance(1);
  await idle;
  const sites = [...(await client.list(Website)).items];
  const pages = [...(await client.list(Page)).items];
  await manager.stop();
  await store.close();
  return { sites, pages, kinds: executor.kinds };
}

describe('the control loop, in any order of hand-overs', () => {
  it.each(SEEDS)('converges with seed %i, and in the same way each time', async (seed) => {
    const { sites, pages, kinds } = await run(seed);
    const wanted = sites.flatMap(({ metadata, spec }) =>
      Array.from({ length: spec.pages }, (_, number) => `${metadata.name}-${number} of ${metadata.uid}`),
    );
    const found = pages.map(({ metadata }) => `${metadata.name} of ${metadata.ownerReferences?.[0]?.uid}`);
    expect(found.sort()).toEqual(wanted.sort());
    expect([...kinds]).toEqual(expect.arrayContaining(['answer', 'watch', 'handler', 'worker']));
    expect(await run(seed)).toEqual({ sites, pages, kinds });
  });
});
