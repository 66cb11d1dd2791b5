import { describe, expect, it } from 'vitest';
import {
  type Client,
  controller,
  type Executor,
  isAlreadyExists,
  isConflict,
  isNotFound,
  type Lane,
  Manager,
  ObjectStore,
  SeededRandom,
  VirtualClock,
} from '../../src/index.js';
import { makePages, Page, Theme, Website } from './website.js';

const SEEDS = Array.from({ length: 25 }, (_, index) => index + 1);

/** Hands over in any order that the rules of {@link Executor} allow: one task at a time, of a lane that chance picks. */
class ShuffledExecutor implements Executor {
  readonly #random: SeededRandom;
  // no list is empty; while there are any, a step is under way
  readonly #lanes = new Map<Lane, (() => void)[]>();
  /** The kinds of lanes that were used. */
  readonly kinds = new Set<Lane['kind']>();

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  execute(lane: Lane, task: () => void): void {
    this.kinds.add(lane.kind);
    const tasks = this.#lanes.get(lane);
    if (tasks !== undefined) {
      tasks.push(task);
      return;
    }
    this.#lanes.set(lane, [task]);
    if (this.#lanes.size === 1) setImmediate(this.#step);
  }

  answer<T>(lane: Lane, work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      try {
        const result = work();
        this.execute(lane, () => resolve(result));
      } catch (error) {
        this.execute(lane, () => reject(error));
      }
    });
  }

  readonly #step = (): void => {
    const lanes = [...this.#lanes.entries()];
    const chosen = lanes[this.#random.integer(lanes.length)];
    if (chosen === undefined) return;
    const [lane, tasks] = chosen;
    const task = tasks.shift();
    if (tasks.length === 0) this.#lanes.delete(lane);
    const wasLast = this.#lanes.size === 0;
    task?.();
    // a task that was scheduled into an empty executor has set the next step going
    if (!wasLast) setImmediate(this.#step);
  };
}

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
