import { afterEach, describe, expect, it } from 'vitest';
import {
  type Client,
  type Controller,
  controller,
  generationChanged,
  type Logger,
  Manager,
  matchesLabels,
  type ObjectChange,
  type ObjectStore,
  setControllerReference,
} from '../../../src/index.js';
import { makeWorld, Page, Theme, Website } from '../website.js';

const KEY = { name: 'a', namespace: 'default' };

let store: ObjectStore;
let manager: Manager;
afterEach(async () => {
  await manager.stop();
  await store.close();
});

interface Line {
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A started manager of one controller, and the errors that it logs. */
async function run(definition: Controller): Promise<{ client: Client; errors: Line[] }> {
  const world = makeWorld();
  store = world.store;
  const errors: Line[] = [];
  const silent = (): void => undefined;
  const logger: Logger = {
    debug: silent,
    info: silent,
    warn: silent,
    error: (fields, message) => void errors.push({ message, fields }),
  };
  manager = new Manager({ client: world.client, controllers: [definition], logger });
  await manager.start();
  return { client: world.client, errors };
}

describe('the predicates of a controller', () => {
  it('keep status writes from asking for a reconcile', async () => {
    let runs = 0;
    const { client } = await run(
      controller('website')
        .for(Website, { predicates: [generationChanged] })
        .reconcile(async () => {
          runs += 1;
        }),
    );
    await client.create(Website, { metadata: KEY, spec: {} });
    await manager.idle();
    await client.patch(
      Website,
      KEY,
      { type: 'merge', patch: { status: { pages: 1 } } },
      { subresource: 'status' },
    );
    await client.patch(Website, KEY, { type: 'merge', patch: { metadata: { labels: { a: 'b' } } } });
    await manager.idle();
    expect(runs).toBe(1);
    await client.patch(Website, KEY, { type: 'merge', patch: { spec: { pages: 2 } } });
    await manager.idle();
    await client.delete(Website, KEY);
    await manager.idle();
    expect(runs).toBe(3);
  });

  it('still tell of an object that leaves the selection, and of none that is outside', async () => {
    const labels: unknown[] = [];
    const { client } = await run(
      controller('website')
        .for(Website, { predicates: [matchesLabels('tier=web')] })
        .reconcile(async ({ object }) => {
          labels.push(object?.metadata.labels?.['tier']);
        }),
    );
    const relabel = async (tier: string) => {
      await client.patch(Website, KEY, { type: 'merge', patch: { metadata: { labels: { tier } } } });
      await manager.idle();
    };
    await client.create(Website, { metadata: KEY, spec: {} });
    await relabel('web');
    await relabel('db');
    await relabel('cache');
    expect(labels).toEqual(['web', 'db']);
  });

  it('see both sides of a change, typed, and count for the kind that they are given for alone', async () => {
    const seen: string[] = [];
    let runs = 0;
    const note =
      <O>(of: string, number: (object: O) => unknown) =>
      (change: ObjectChange<O>): boolean => {
        const sides = [change.before, change.after].map((side) => (side === undefined ? '-' : number(side)));
        seen.push(`${change.type} ${of} ${sides.join(' ')}`);
        return change.type === 'update';
      };
    const { client } = await run(
      controller('website')
        .for(Website)
        .owns(Page, { predicates: [note('page', ({ spec }) => spec.number)] })
        .watches(Theme, { map: () => [KEY], predicates: [note('theme', ({ spec }) => spec.color)] })
        .reconcile(async () => {
          runs += 1;
        }),
    );
    const site = await client.create(Website, { metadata: KEY, spec: {} });
    await manager.idle();
    const page = setControllerReference(site, { metadata: KEY, spec: { number: 1 } });
    await client.create(Page, page);
    await client.create(Theme, { metadata: { name: 't' }, spec: { color: 'red' } });
    await manager.idle();
    expect(runs).toBe(1);
    await client.patch(Page, KEY, { type: 'merge', patch: { spec: { number: 2 } } });
    await manager.idle();
    await client.patch(Theme, { name: 't' }, { type: 'merge', patch: { spec: { color: 'blue' } } });
    await manager.idle();
    expect(runs).toBe(3);
    await client.delete(Page, KEY);
    await manager.idle();
    expect(runs).toBe(3);
    expect(seen).toEqual([
      'add page - 1',
      'add theme - red',
      'update page 1 2',
      'update theme red blue',
      'delete page 2 -',
    ]);
  });

  it.each([
    {
      name: 'throws',
      predicate: (): boolean => {
        throw new Error('broken');
      },
      message: 'broken',
    },
    {
      name: 'answers with a promise',
      predicate: (async () => false) as unknown as () => boolean,
      message: 'predicate: expected true or false, got a Promise',
    },
  ])('let an event pass, and say so, where one $name', async ({ predicate, message }) => {
    let runs = 0;
    const { client, errors } = await run(
      controller('website')
        .for(Website, { predicates: [predicate] })
        .reconcile(async () => {
          runs += 1;
        }),
    );
    await client.create(Website, { metadata: KEY, spec: {} });
    await manager.idle();
    expect(runs).toBe(1);
    expect(errors).toMatchObject([
      {
        message: 'a predicate failed, and the event passed',
        fields: { controller: 'website', kind: 'Website', error: { message } },
      },
    ]);
  });
});
