import { expect, it } from 'vitest';
import { controller, Manager } from '../../src/index.js';
import { makeWorld, Website } from '../controller/website.js';

it('a standby that stops begins nothing that needs leadership', async () => {
  const { store, client, clock } = makeWorld();
  const begun: string[] = [];
  const [leader, standby] = ['leader', 'standby'].map((identity) => {
    const websites = controller('website')
      .for(Website)
      .reconcile(async ({ key }) => void begun.push(`${identity}: ${key.name}`));
    const runnable = { name: 'task', run: async () => void begun.push(`${identity}: task`) };
    const leaderElection = { namespace: 'kube-system', name: 'demo', identity };
    return new Manager({ client, controllers: [websites], runnables: [runnable], leaderElection });
  }) as [Manager, Manager];
  await leader.start();
  await standby.start();
  await client.create(Website, { metadata: { name: 'a', namespace: 'default' }, spec: {} });
  await leader.idle();
  await standby.idle();
  await standby.stop();
  await clock.advance(60_000);
  expect(begun).toEqual(['leader: task', 'leader: a']);
  expect(leader.leads).toBe(true);
  await leader.stop();
  await store.close();
});
