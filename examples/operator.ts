/**
 * An operator for something outside: a Database is rented from a cloud, told to those who use it, and given back in the end.
 *
 * Run it with `npx tsx examples/operator.ts`. It is played on virtual time: half an hour takes a moment.
 */
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import {
  applyOwned,
  type Client,
  type Clock,
  type Condition,
  type Controller,
  controller,
  defineConditions,
  defineResource,
  edit,
  finalize,
  generationChanged,
  type Logger,
  Manager,
  noopLogger,
  type ObjectOf,
  ObjectStore,
  VirtualClock,
} from 'keelson';
import { ConfigMap, Event } from 'keelson/kinds';
import * as z from 'zod';

/** A database that somebody wants, and who uses it. */
export const Database = defineResource({
  group: 'example.com',
  version: 'v1',
  kind: 'Database',
  spec: z.object({
    gigabytes: z.number().int().min(1),
    users: z.array(z.string()).default([]),
  }),
  status: z.object({
    conditions: z
      .array(
        z.object({
          type: z.string(),
          status: z.enum(['True', 'False', 'Unknown']),
          observedGeneration: z.number().int().optional(),
          lastTransitionTime: z.string(),
          reason: z.string(),
          message: z.string(),
        }),
      )
      .default([]),
  }),
});
export type Database = ObjectOf<typeof Database>;

/** What is known of a Database: `Ready` is `True` while the others are. */
const conditions = defineConditions(['Rented', 'Published'], { summary: 'Ready' });

const SECONDS = 1_000;
const MINUTES = 60 * SECONDS;

/** Rents a database of the cloud for every Database, and has a ConfigMap with its address for each user. */
export function databaseController(cloud: Cloud): Controller {
  const ownStatusIsNoNews = { predicates: [generationChanged] };
  return controller('database')
    .for(Database, ownStatusIsNoNews)
    .owns(ConfigMap)
    .options({ reconcileTimeout: 30 * SECONDS })
    .reconcile(async (context) => {
      const { key, client, cache, clock, log, recorder } = context;

      // comes first: nothing is rented that nobody would give back
      const database = await finalize(context, Database, [
        {
          name: 'example.com/cloud',
          cleanUp: async ({ metadata }) => {
            await cloud.giveBack(metadata.uid);
            log.info({}, 'gave the database back');
          },
        },
      ]);
      if (database === undefined) return; // gone, or on its way

      const { metadata, spec } = database;
      const report = async (next: readonly Condition[]): Promise<void> => {
        if (next === database.status?.conditions) return; // nothing new
        const patch = { status: { conditions: next } };
        await client.patch(Database, key, { type: 'merge', patch }, { subresource: 'status' });
      };

      // a request to the world outside: it may fail, and must not harm where it is repeated
      let rental: Rental;
      try {
        rental = await cloud.rent(metadata.uid, spec.gigabytes);
      } catch (error) {
        const { message } = error as Error;
        recorder.warning(database, 'CloudFailed', message);
        const Rented = { status: 'Unknown', reason: 'CloudFailed', message } as const;
        await report(conditions.set(database, { Rented }, clock));
        throw error; // tried again, with growing delays
      }
      if (rental.changed) {
        recorder.normal(database, 'Ordered', `${spec.gigabytes} GB`);
        log.info({}, `ordered ${spec.gigabytes} GB`);
      }
      if (!rental.isReady) {
        const Rented = { status: 'False', reason: 'InTheMaking', message: 'it is being made' } as const;
        await report(conditions.set(database, { Rented }, clock));
        return { requeueAfter: 10 * SECONDS }; // the cloud does not call back
      }

      // all of them in one call: what it does not name is removed
      const wanted = spec.users.map((user) => ({
        metadata: { name: `${metadata.name}-for-${user}` },
        data: { url: `${user}@${rental.address}` },
      }));
      const { applied, pruned } = await applyOwned({ client, cache, owner: database }, [ConfigMap, wanted]);
      for (const config of applied) log.info({}, `wrote ${config.metadata.name}`);
      for (const config of pruned) log.info({}, `removed ${config.metadata.name}`);

      const Rented = { status: 'True', reason: 'Running', message: `it runs at ${rental.address}` } as const;
      const Published = { status: 'True', reason: 'UsersKnow', message: spec.users.join(', ') } as const;
      await report(conditions.set(database, { Rented, Published }, clock));
      return { requeueAfter: 10 * MINUTES }; // what is done to it in the cloud is put right by then
    });
}

/** What the cloud says of a database. */
interface Rental {
  readonly address: string;
  readonly isReady: boolean;
  /** Whether the request made it, or changed its size. */
  readonly changed: boolean;
}

/** The cloud, played in memory: what is ordered takes 25 seconds, and every fourth request fails. */
export class Cloud {
  readonly #clock: Clock;
  // by the id that the renter gave; `readyAt` is a time of the clock
  readonly #databases = new Map<string, { gigabytes: number; readonly readyAt: number }>();
  #requests = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The sizes of all that are rented, in gigabytes. */
  get sizes(): readonly number[] {
    return Array.from(this.#databases.values(), ({ gigabytes }) => gigabytes);
  }

  /** Makes a database what it should be, whether it is there or not: a request that is repeated does no harm. */
  async rent(id: string, gigabytes: number): Promise<Rental> {
    await this.#answer();
    const found = this.#databases.get(id);
    const readyAt = found?.readyAt ?? this.#clock.monotonic() + 25 * SECONDS;
    this.#databases.set(id, { gigabytes, readyAt });
    return {
      address: 'db-1.cloud.example',
      isReady: this.#clock.monotonic() >= readyAt,
      changed: found?.gigabytes !== gigabytes,
    };
  }

  /** Does nothing where it was given back before. */
  async giveBack(id: string): Promise<void> {
    await this.#answer();
    this.#databases.delete(id);
  }

  /** What somebody does by hand, behind the operator's back. */
  resizeAll(gigabytes: number): void {
    for (const database of this.#databases.values()) database.gigabytes = gigabytes;
  }

  async #answer(): Promise<void> {
    this.#requests += 1;
    if (this.#requests % 4 === 0) throw new Error('the cloud is busy');
  }
}

/** Rents a database, changes it, has it changed by somebody else, and gives it back; prints what happens. */
export async function operator(print: (line: string) => void): Promise<void> {
  const clock = new VirtualClock();
  const store = new ObjectStore({ resources: [Database, ConfigMap], clock });
  const client = store.client();
  const cloud = new Cloud(clock);
  const tell = (who: string, what: string): void =>
    print(`${(clock.monotonic() / 1_000).toFixed(3).padStart(9)} s  ${who.padEnd(10)}${what}`);
  const manager = new Manager({
    client,
    controllers: [databaseController(cloud)],
    logger: loggerOf((what) => tell('operator', what)),
  });
  await manager.start();

  const key = { name: 'orders', namespace: 'default' };
  tell('you', 'want the database orders for shop and reports');
  await client.create(Database, { metadata: key, spec: { gigabytes: 10, users: ['shop', 'reports'] } });
  await clock.advance(5 * SECONDS);
  tell('you', `see ${await readiness(client)}`);
  await clock.advance(MINUTES);
  tell('you', `see ${await readiness(client)}`);

  tell('you', 'want 20 GB, and shop alone to use it');
  const database = await client.get(Database, key);
  await client.update(
    Database,
    edit(database, (draft) => {
      draft.spec.gigabytes = 20;
      draft.spec.users = ['shop'];
    }),
  );
  await clock.advance(MINUTES);
  tell('you', `see ${await readiness(client)}`);

  tell('somebody', 'makes it smaller in the cloud');
  cloud.resizeAll(5);
  await clock.advance(15 * MINUTES);
  tell('you', `see that it has ${cloud.sizes.join(', ')} GB`);

  tell('you', 'delete it');
  await client.delete(Database, key);
  await clock.advance(MINUTES);
  const left = [...(await client.list(Database)).items, ...(await client.list(ConfigMap)).items];
  tell('you', `see ${left.length} objects, and ${cloud.sizes.length} databases in the cloud`);

  await manager.events.flush();
  print('');
  for (const { type, reason, note, series } of (await client.list(Event)).items) {
    print(`${type} ${reason}: ${note} (${series?.count ?? 1} times)`);
  }
  await manager.stop();
  await store.close();
}

/** A logger that says what a reconciler did, and where it failed. */
function loggerOf(say: (what: string) => void): Logger {
  return {
    ...noopLogger,
    info: (_fields, message) => say(message),
    error: ({ error }, message) => say(`${message}: ${(error as Error).message}`),
  };
}

async function readiness(client: Client): Promise<string> {
  const { items } = await client.list(Database);
  const ready = items.map((database) => conditions.find(database, 'Ready'));
  return ready.map((found) => `that Ready is ${found?.status}: ${found?.message}`).join('; ');
}

if (argv[1] === fileURLToPath(import.meta.url)) await operator((line) => console.log(line));
