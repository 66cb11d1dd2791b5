import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Patch } from '../../../src/client/index.js';
import {
  STALE_AFTER,
  type ReadYourWrites,
  type ToldChange,
} from '../../../src/controller/own-writes/index.js';
import type { ApiObject } from '../../../src/core/index.js';
import { LabelSelector } from '../../../src/core/index.js';
import { type Deed, type Fault, type Look, REQUESTS, SELECTOR, Thing, type Told, World } from './world.js';

const SEED = 20_261_121;
const RUNS = 400;
const NAMES = ['a', 'b'];

type Step =
  | { readonly do: 'write'; by: 0 | 1 | 2; name: 0 | 1; verb: Deed['verb']; value: number; fault: Fault }
  | { readonly do: 'label'; by: 0 | 1 | 2; name: 0 | 1; hidden: boolean }
  | { readonly do: 'go'; choices: readonly number[] }
  | { readonly do: 'relist' };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('write' as const),
      by: fc.constantFrom(0 as const, 0 as const, 1 as const, 2 as const),
      name: fc.constantFrom(0 as const, 0 as const, 1 as const),
      verb: fc.constantFrom<Deed['verb'][]>('create', 'update', 'patch', 'patch', 'apply', 'apply', 'delete'),
      value: fc.nat(2),
      fault: fc.constantFrom<Fault[]>('none', 'none', 'none', 'lost', 'no-revision'),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('go' as const),
      choices: fc.array(fc.nat(5), { minLength: 1, maxLength: 12 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('label' as const),
      by: fc.constantFrom(0 as const, 1 as const, 2 as const),
      name: fc.constantFrom(0 as const, 1 as const),
      hidden: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'relist' as const }) },
);

const history = fc.array(anyStep, { minLength: 1, maxLength: 40 });

/** Does one step of a history; `turn` makes what others write different every time. */
async function take(world: World, step: Step, turn: number): Promise<void> {
  const { client, informer } = world;
  if (step.do === 'relist') return world.relist();
  if (step.do === 'go') {
    for (const choice of step.choices) {
      await world.executor.step(choice);
      world.look(NAMES);
    }
    return;
  }
  const key = { name: NAMES[step.name] as string, namespace: 'default' };
  const by = REQUESTS[step.by] ?? '';
  if (step.do === 'label') {
    const change = { metadata: { labels: { visible: step.hidden ? 'no' : 'yes' } }, spec: { others: turn } };
    const labels: Patch = { type: 'merge', patch: change };
    world.write(
      by,
      'patch',
      'none',
      key,
      world.sending(labels, () => client.patch(Thing, key, labels)),
    );
    return;
  }
  const spec = by === '' ? { others: turn } : { [by]: step.value };
  const cached = informer.lister.get(key) as Thing | undefined;
  const object = { metadata: key, spec };
  const patch: Patch = { type: 'merge', patch: { spec } };
  const changed = { ...cached, spec: { ...cached?.spec, ...spec } } as Thing;
  const sends: Record<Deed['verb'], () => Promise<unknown>> = {
    create: world.sending(object, () => client.create(Thing, object)),
    update: world.sending(changed, () => client.update(Thing, changed)),
    patch: world.sending(patch, () => client.patch(Thing, key, patch)),
    apply: world.sending(object, () =>
      client.apply(Thing, object, { force: true, fieldManager: `by-${by}` }),
    ),
    delete: () => client.delete(Thing, key),
  };
  // there is nothing to update in what was never seen
  const verb = step.verb === 'update' && cached === undefined ? 'create' : step.verb;
  world.write(by, verb, step.fault, key, sends[verb]);
}

async function run(world: World, steps: readonly Step[]): Promise<void> {
  await world.start();
  for (const [turn, next] of steps.entries()) {
    await take(world, next, turn);
    world.look(NAMES);
  }
  await world.executor.drain();
  await world.clock.advance(1_000);
  await world.executor.drain();
  world.look(NAMES);
  // what was deleted at a revision that nobody knows, or left the selection, may never be told of: it is forgotten in time
  if (steps.some((next) => next.do === 'label' || (next.do === 'write' && next.fault === 'no-revision'))) {
    await world.clock.advance(STALE_AFTER);
  }
}

/** Who made each revision, and how: of several that were answered with it, the first. */
function makers(world: World): ReadonlyMap<string, Deed> {
  const found = new Map<string, Deed>();
  for (const deed of world.deeds) {
    if (deed.revision !== undefined && !found.has(deed.revision)) found.set(deed.revision, deed);
  }
  return found;
}

/** Whether a change was made by a request alone, as far as anybody in its place can know; undefined where it is as good as that. */
function isOwn(
  { change, revisions }: Told,
  request: string,
  made: ReadonlyMap<string, Deed>,
  { deeds, truth }: World,
): boolean | undefined {
  if (revisions === undefined) return false;
  if (change.type === 'update' && revisionOf(change.before) === revisions.at(-1)) return false;
  const deedsOf = revisions.map((revision) => made.get(revision));
  if (deedsOf.some((deed) => deed?.by !== request)) return false;
  const isAnswered = (revision: string): boolean =>
    deeds.some((deed) => deed.by === request && deed.revision === revision && deed.fault !== 'lost');
  // the answer was lost, and doing it again found nothing to do
  if (deedsOf.some((deed) => deed?.fault === 'lost')) return revisions.every(isAnswered) ? undefined : false;
  return deedsOf.every((deed, index) => {
    if (deed?.verb === 'delete') return deed.fault === 'none';
    if (deed?.verb === 'create' || deed?.verb === 'update') return true;
    // what a patch or an apply did shows only beside the state before
    if (index > 0 || change.type === 'update') return true;
    const state = truth.find(({ object }) => object.metadata.resourceVersion === revisions[index])?.object;
    // what is all applied is all the writer's
    return deed?.verb === 'apply' && state !== undefined && isAllApplied(state as ApiObject);
  });
}

function isAllApplied({ metadata: { managedFields = [] } }: ApiObject): boolean {
  return managedFields.length === 1 && managedFields[0]?.operation === 'Apply';
}

function revisionOf(object: unknown): string | undefined {
  return (object as ApiObject | undefined)?.metadata.resourceVersion;
}

function check(world: World): void {
  const made = makers(world);
  for (const told of world.told) {
    for (const [index, request] of REQUESTS.entries()) {
      const own = isOwn(told, request, made, world);
      if (own !== undefined) expect({ told, asked: told.asked[index] }).toEqual({ told, asked: !own });
    }
  }
  for (const look of world.looks)
    expect({ look, isLate: isLate(look, world) }).toEqual({ look, isLate: false });
  expect({ undecided: world.ownWrites.undecided, stale: world.stale }).toEqual({ undecided: 0, stale: 0 });
  expect(world.ownWrites.remembered).toBe(0);
}

/** Whether the controller saw less of an object than it had written. */
function isLate({ name, wrote, found }: Look, { truth, deeds }: World): boolean {
  if (wrote === 0n) return false;
  const selector = LabelSelector.parse(SELECTOR);
  const states = truth
    .filter((event) => event.type !== 'BOOKMARK')
    .filter(({ object }) => object.metadata.name === name)
    .map(({ type, object: { metadata } }) => ({
      revision: BigInt(metadata.resourceVersion),
      isVisible: type !== 'DELETED' && selector.matches(metadata.labels),
    }));
  const at = states.findIndex(({ revision }) => revision === wrote);
  // nobody waits for what is written to an object that is outside the selection, and was so before as far as the writer knew
  const isBlind = deeds.some((deed) => deed.isBlind && deed.revision === String(wrote));
  if (states[at]?.isVisible === false && (isBlind || states[at - 1]?.isVisible === false)) return false;
  return !states
    .slice(at)
    .some(({ revision, isVisible }) =>
      found === undefined ? !isVisible : isVisible && String(revision) === found,
    );
}

async function holds(
  mode: ReadYourWrites,
  hasBarrier: boolean,
  steps: readonly Step[],
  tamper?: (change: ToldChange) => ToldChange,
): Promise<void> {
  const world = new World(mode, hasBarrier, tamper);
  try {
    await run(world, steps);
    check(world);
  } finally {
    await world.close();
  }
}

describe('own writes, against what really happened', () => {
  it.each(['wait', 'overlay'] as const)(
    `in mode %s shows what was written, asks for what others did, and for nothing else (seed ${SEED})`,
    async (mode) => {
      await fc.assert(
        fc.asyncProperty(history, fc.boolean(), (steps, hasBarrier) => holds(mode, hasBarrier, steps)),
        { seed: SEED, numRuns: RUNS },
      );
    },
  );

  it('would be caught forgetting what was skipped', async () => {
    const forget = (change: ToldChange): ToldChange => ({ ...change, skipped: [] });
    const found = await fc.check(
      fc.asyncProperty(history, (steps) => holds('wait', true, steps, forget)),
      { seed: SEED, numRuns: RUNS },
    );
    expect(found.failed).toBe(true);
  });
});
