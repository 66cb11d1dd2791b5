import type * as fc from 'fast-check';
import { sleep } from '../../core/index.js';
import type { LoggedChange, LoggedObject } from '../history/logged-change.js';
import { linearizabilityViolations, type Operation } from '../history/linearizability.js';
import { type WatchHistory, watchViolations } from '../history/watch-rules.js';
import { untilAvailable } from './availability.js';
import { check } from './conformance-case.js';
import { StoreRecorder, type TransactionStep } from './store-recorder.js';
import type { OpenStore, StoreWorld } from './store-world.js';
import { Place, Thing } from './thing.js';
import type { Selection, Watcher } from './watcher.js';

const NAMES = ['a', 'b', 'c', 'd'] as const;
const COLOURS = ['red', 'blue'] as const;

/** One step of a random history. */
export type StoreStep =
  | {
      readonly do: 'create' | 'update' | 'update-stale' | 'paint' | 'touch' | 'delete' | 'get';
      readonly client: number;
      readonly name: string;
      readonly colour: string;
      /** Whether the next step waits for its end. */
      readonly waits: boolean;
    }
  | {
      readonly do: 'transaction';
      readonly client: number;
      readonly steps: readonly TransactionStep[];
      readonly waits: boolean;
    }
  | {
      readonly do: 'list' | 'watch';
      readonly client: number;
      readonly selection: Selection;
      /** Pages of so many objects, and how far back, or ahead, in revisions a watch or a list looks; undefined for now. */
      readonly limit: number | undefined;
      readonly back: number | undefined;
      readonly waits: boolean;
    }
  /** Another kind takes a revision. */
  | { readonly do: 'other'; readonly client: number; readonly waits: boolean }
  | { readonly do: 'disturb'; readonly choice: number }
  | { readonly do: 'heal' };

type StoreRequest = Exclude<StoreStep, { do: 'disturb' | 'heal' }>;

/** Random steps. @param fastCheck - The package, which only those need that use this. */
export function storeSteps(
  fastCheck: typeof fc,
  options: { readonly steps: number; readonly disturbs: boolean },
): fc.Arbitrary<readonly StoreStep[]> {
  const client = fastCheck.nat(5);
  const name = fastCheck.constantFrom(...NAMES);
  const colour = fastCheck.constantFrom(...COLOURS);
  const waits = fastCheck.boolean();
  const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
    fastCheck.option(arbitrary, { nil: undefined });
  const request = fastCheck.record({
    do: fastCheck.constantFrom(
      'create' as const,
      'create' as const,
      'update' as const,
      'update' as const,
      'update-stale' as const,
      'paint' as const,
      'paint' as const,
      'touch' as const,
      'delete' as const,
      'get' as const,
    ),
    client,
    name,
    colour,
    waits,
  });
  const transaction = fastCheck.record({
    do: fastCheck.constant('transaction' as const),
    client,
    steps: fastCheck.uniqueArray(
      fastCheck.record({
        name,
        do: fastCheck.constantFrom('put' as const, 'put' as const, 'delete' as const),
        colour,
      }),
      { minLength: 1, maxLength: 3, selector: (step) => step.name },
    ),
    waits,
  });
  const look = fastCheck.record({
    do: fastCheck.constantFrom('list' as const, 'watch' as const),
    client,
    selection: fastCheck.oneof(
      fastCheck.constant({}),
      fastCheck.record({ colour }),
      fastCheck.record({ namespace: fastCheck.constant('default') }),
      fastCheck.record({ name, namespace: fastCheck.constant('default') }),
    ),
    limit: maybe(fastCheck.integer({ min: 1, max: 3 })),
    back: maybe(fastCheck.integer({ min: -10, max: 20 })),
    waits,
  });
  const steps: { weight: number; arbitrary: fc.Arbitrary<StoreStep> }[] = [
    { weight: 10, arbitrary: request },
    { weight: 2, arbitrary: transaction },
    { weight: 4, arbitrary: look },
    { weight: 1, arbitrary: fastCheck.record({ do: fastCheck.constant('other' as const), client, waits }) },
  ];
  if (options.disturbs) {
    const choice = fastCheck.nat(99).map((n) => n / 100);
    steps.push(
      { weight: 2, arbitrary: fastCheck.record({ do: fastCheck.constant('disturb' as const), choice }) },
      { weight: 2, arbitrary: fastCheck.constant<StoreStep>({ do: 'heal' }) },
    );
  }
  return fastCheck.array(fastCheck.oneof(...steps), { minLength: 1, maxLength: options.steps, size: 'max' });
}

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
    for (const each of [1, 2]) {
      const client = each === 1 ? opened.client : opened.store.client();
      recorders.push(new StoreRecorder(`s${index + 1}c${each}`, opened.store, client, parts));
    }
    const { resourceVersion } = await opened.client.list(Thing);
    references.push(world.watch(opened.client, Number(resourceVersion)));
  }
  let underWay: Promise<unknown>[] = [];

  const act = async (step: StoreRequest): Promise<unknown> => {
    const recorder = recorders[step.client % recorders.length] as StoreRecorder;
    const { client } = stores[Math.floor((step.client % recorders.length) / 2)] as OpenStore;
    switch (step.do) {
      case 'create':
        return recorder.create(step.name, step.colour);
      case 'update':
      case 'update-stale':
        return recorder.update(step.name, step.colour, step.do === 'update-stale');
      case 'paint':
        return recorder.paint(step.name, step.colour);
      case 'touch':
        return recorder.touch(step.name);
      case 'delete':
        return recorder.delete(step.name);
      case 'get':
        return recorder.get(step.name);
      case 'transaction':
        return recorder.transaction(step.steps);
      case 'other':
        return client.create(Place, { metadata: { generateName: 'p-' } }).catch(() => undefined);
      case 'list': {
        const reached = references[0]?.reached ?? 0;
        const exactly = step.back === undefined || step.back < 0 ? undefined : reached - step.back;
        // what is from before the first watch was opened may be forgotten
        const isKept = exactly === undefined || exactly > (references[0]?.history()?.from ?? 0);
        return recorder.list(step.selection, step.limit, isKept ? exactly : undefined);
      }
      case 'watch': {
        const first = references.at(-1)?.history()?.from ?? 0;
        const from =
          step.back === undefined ? undefined : Math.max(first, (references[0]?.reached ?? 0) - step.back);
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
  underWay = [];
  await settle(world, stores);
  checkHistory(world, references, operations);
}

/** Makes sure that every watch has told of everything. */
async function settle(world: StoreWorld, stores: readonly OpenStore[]): Promise<void> {
  const [first] = stores as [OpenStore];
  // those that began in the future wait for it
  const furthest = Math.max(0, ...world.watchers.map((watcher) => watcher.history()?.from ?? 0));
  const surely = <T>(work: () => Promise<T>): Promise<T> => untilAvailable(world.clock, world.patience, work);
  let revision = 0;
  while (revision <= furthest) {
    const last = await surely(() =>
      first.client.create(Thing, { metadata: { generateName: 'last-', namespace: 'end' } }),
    );
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

/** Checks everything that was seen; the first of the references says what happened. */
function checkHistory(
  world: StoreWorld,
  references: readonly Watcher[],
  operations: readonly Operation[],
): void {
  const log = logOf(references[0] as Watcher);
  const histories = world.watchers
    .map((watcher) => watcher.history())
    .filter((history): history is WatchHistory => history !== undefined);
  // those of other stores end where the first does
  const until = log.at(-1)?.revision ?? 0;
  const cut = histories.map((history) => ({
    ...history,
    events: history.events.filter((event) => event.type === 'BOOKMARK' || event.object.revision <= until),
  }));
  const broken = watchViolations(log, cut).map(({ message }) => message);
  const own = log.filter(({ before, after }) => (after ?? before)?.namespace === 'default');
  const problems = [...broken, ...linearizabilityViolations(own, operations)];
  check(problems.length === 0, () => problems.slice(0, 20).join('\n'));
}

/** What happened, as a watch of everything told it. */
export function logOf(watcher: Watcher): readonly LoggedChange[] {
  const state = new Map<string, LoggedObject>();
  const log: LoggedChange[] = [];
  for (const event of watcher.events) {
    if (event.type === 'BOOKMARK') continue;
    const { object } = event;
    const place = `${object.namespace}/${object.name}`;
    const before = state.get(place);
    const isDeleted = event.type === 'DELETED';
    log.push({ revision: object.revision, before: before, after: isDeleted ? undefined : object });
    if (isDeleted) state.delete(place);
    else state.set(place, object);
  }
  return log;
}
