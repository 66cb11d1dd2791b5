import { afterEach, describe, expect, it } from 'vitest';
import {
  type Controller,
  controller,
  Manager,
  noopLogger,
  setControllerReference,
  sleep,
} from '../../src/index.js';
import { makeWorld, Page, Website } from '../controller/website.js';

const KEY = { name: 'a', namespace: 'default' };

let world: ReturnType<typeof makeWorld>;
let manager: Manager;
const warnings: string[] = [];
afterEach(async () => {
  await manager.stop();
  await world.store.close();
  warnings.length = 0;
});

/** A manager that runs, and a Website to reconcile. */
async function run(...controllers: readonly Controller[]): Promise<void> {
  world = makeWorld();
  const logger = { ...noopLogger, warn: (_fields: object, message: string) => void warnings.push(message) };
  manager = new Manager({ client: world.client, controllers, logger });
  await manager.start();
  await world.client.create(Website, { metadata: KEY, spec: {} });
}

describe('a reconcile', () => {
  it('that wishes to look again has forgotten its failures', async () => {
    const attempts: number[] = [];
    const websites = controller('website')
      .for(Website)
      .reconcile(async ({ attempt }) => {
        attempts.push(attempt);
        if (attempts.length < 4 || attempts.length === 5) throw new Error('not yet');
        return attempts.length === 4 ? { requeueAfter: 1_000 } : undefined;
      });
    await run(websites);
    await world.clock.advance(60_000);
    expect(attempts).toEqual([1, 2, 3, 4, 1, 2]);
  });

  it('that fights with another over a field is found, with the field and both values', async () => {
    const painter = (theme: string): Controller =>
      controller(theme)
        .for(Website)
        .reconcile(async ({ object, key, client, clock, signal }) => {
          await sleep(clock, 10, signal);
          if (object?.spec.theme === theme) return;
          await client.patch(Website, key, { type: 'merge', patch: { spec: { theme } } });
        });
    await run(painter('light'), painter('dark'));
    await world.clock.advance(1_000);
    expect(warnings).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          /^controller \w+ changes Website default\/a again and again \(10 writes in .*\): spec.theme goes back and forth between "(light|dark)" and "(light|dark)"$/,
        ),
      ]),
    );
    expect(warnings).toHaveLength(2);
  });

  it('is explained: which event asked for it, and which reconcile wrote that', async () => {
    const websites = controller('website')
      .for(Website)
      .reconcileObject(async (object, { key, client }) => {
        await client.create(Page, setControllerReference(object, { metadata: key, spec: { number: 1 } }));
      });
    const pages = controller('page')
      .for(Page)
      .reconcile(async () => undefined);
    await run(websites, pages);
    await manager.idle();
    expect(String(manager.explain(KEY, { controller: 'page' })).split('\n')).toEqual([
      'page default/a #1 (success in 0 ms)',
      expect.stringMatching(/^ +because Page default\/a was added \(revision \d+\)$/),
      expect.stringMatching(/^ +written by website default\/a #1: create$/),
      expect.stringMatching(/^ +because Website default\/a was added \(revision \d+\)$/),
    ]);
  });
});
