import { sleep } from '../../core/index.js';
import type { Operation } from '../history/operation.js';
import { untilAvailable } from './availability.js';
import { check } from './conformance-case.js';
import { checkHistory } from './store-log.js';
import { StoreRecorder } from './store-recorder.js';
import { NAMES, type StoreRequest, type StoreStep } from './store-steps.js';
import type { OpenStore, StoreWorld } from './store-world.js';
import { Place, Thing } from './thing.js';
import type { Watcher } from './watcher.js';

/** How many clients each store has. */
const CLIENTS = 2;

/** Goes through the steps on so many stores, and checks everything that was answered and told. */
export async function followStoreSteps(
  world: StoreWorld,
  steps: readonly StoreStep[],
  storeCount: number,
): Promise<void> {
  const operations: Operation[] = [];
  let moments = 0;
  let values = 0;
  const parts = {
    journal: world.journal,
    operations,
    names: new Set<string>(NAMES),
    moment: () => {
      moments += 1;
      return moments;
    },
    value: () => {
      values += 1;
      return `v${values}`;
    },
  };
  const stores: OpenStore[] = [];
  const recorders: StoreRecorder[] = [];
  // a watch of everything on every store; the first says what happened
  const references: Watcher[] = [];
  for (let index = 0; index < storeCount; index += 1) {
    const opened = world.open();
    await opened.store.open();
    stores.push(opened);
    for (let each = 1; each <= CLIENTS; each += 1) {
      const client = each === 1 ? opened.client : world.connect(opened.store);
      recorders.push(new StoreRecorder(`s${index + 1}c${each}`, opened.store, client, parts));
    }
    const { resourceVersion } = await opened.client.list(Thing);
    references.push(world.watch(opened.client, Number(resourceVersion)));
  }
  const [reference] = references as [Watcher];
  const underWay: Promise<unknown>[] = [];

  const act = async (step: StoreRequest): Promise<unknown> => {
    const number = step.client % recorders.length;
    const recorder = recorders[number] as StoreRecorder;
    const { client } = stores[Math.floor(number / CLIENTS)] as OpenStore;
    switch (step.do) {
      case 'create':
        return recorder.create(step.name, step.colour);
      case 'generate':
        return recorder.generate(step.colour);
      case 'update':
      case 'update-stale':
        return recorder.update(step.name, step.colour, step.do === 'update-stale');
      case 'paint':
        return recorder.paint(step.name, step.colour);
      case 'touch':
        return recorder.touch(step.name);
      case 'report':
        return recorder.report(step.name);
      case 'hold':
        return recorder.hold(step.name, step.finalizers);
      case 'apply':
        return recorder.apply(step.name, step.parts, step);
      case 'delete':
        return recorder.delete(step.name);
      case 'delete-all':
        return recorder.deleteCollection(step.selection);
      case 'get':
        return recorder.get(step.name);
      case 'transaction':
        return recorder.transaction(step.steps);
      case 'other':
        return client.create(Place, { metadata: { generateName: 'p-' } }).catch(() => undefined);
      case 'list': {
        const exactly = step.back === undefined || step.back < 0 ? undefined : reference.reached - step.back;
        // what is from before the first watch was opened may be forgotten
        const isKept = exactly === undefined || exactly > (reference.history()?.from ?? 0);
        return recorder.list(step.selection, step.limit, isKept ? exactly : undefined);
      }
      case 'watch': {
        const first = references.at(-1)?.history()?.from ?? 0;
        const from = step.back === undefined ? undefined : Math.max(first, reference.reached - step.back);
        world.journal.write(`watch ${JSON.stringify(step.selection)} from ${from ?? 'what is there'}`);
        world.watch(client, from, step.selection);
        return undefined;
      }
    }
  };

  for (const step of steps) {
    if (step.do === 'disturb') {
      world.journal.write(`disturb ${step.choice}`);
      await world.under.disturb?.(step.choice);
    } else if (step.do === 'heal') {
      world.journal.write('heal');
      await world.under.heal?.();
    } else {
      const end = act(step);
      underWay.push(end);
      // a failure is found when all have ended
      end.catch(() => undefined);
      if (!step.waits) continue;
      // what is disturbed may not end before it is healed
      if (world.under.disturb === undefined) await end;
      else await sleep(world.clock, world.under.pace ?? 1);
    }
  }
  await world.under.heal?.();
  world.journal.write('the end');
  await Promise.all(underWay);
  await settle(world, stores);
  checkHistory(reference, world.watchers, operations);
}

/** Makes sure that every watch has told of everything. */
async function settle(world: StoreWorld, stores: readonly OpenStore[]): Promise<void> {
  const [first] = stores as [OpenStore];
  // those that began in the future wait for it
  const furthest = Math.max(0, ...world.watchers.map((watcher) => watcher.history()?.from ?? 0));
  const surely = <T>(work: () => Promise<T>): Promise<T> => untilAvailable(world.clock, world.patience, work);
  let count = 0;
  let revision = 0;
  while (revision <= furthest) {
    const last = await surely(() => {
      count += 1;
      return first.client.create(Thing, { metadata: { name: `last-${count}`, namespace: 'end' } });
    });
    revision = Number(last.metadata.resourceVersion);
  }
  for (const { client } of stores) {
    const listed = Number((await surely(() => client.list(Thing))).resourceVersion);
    check(listed >= revision, () => `a list at the end was at ${listed}, after a write at ${revision}`);
    await surely(() => client.barrier());
  }
  for (const watcher of world.watchers) {
    // one that had to ask for the newest state, and could not, never began
    if (world.under.disturb !== undefined && watcher.neverBegan) continue;
    await watcher.until(revision);
  }
}
