import {
  type Client,
  EventSink,
  type Logger,
  type MetricsProvider,
  type ObjectOf,
  ObjectStore,
  SeededRandom,
  VirtualClock,
} from '../../../src/index.js';
import { Event } from '../../../src/resources/kinds/index.js';

/** An object that no store has to know. */
export function lamp(name = 'a', namespace = 'default') {
  const metadata = { name, namespace, uid: `uid-of-${name}`, resourceVersion: '7' };
  return { apiVersion: 'example.com/v1', kind: 'Lamp', metadata };
}

/** What was logged and measured. */
interface Heard {
  readonly warnings: { readonly [field: string]: unknown }[];
  /** How many events were dropped, by reason. */
  readonly drops: Record<string, number>;
}

export interface World extends Heard {
  readonly store: ObjectStore;
  readonly client: Client;
  readonly clock: VirtualClock;
  readonly sink: EventSink;
  /** The Events that the store has, oldest first. */
  readonly events: () => Promise<readonly ObjectOf<typeof Event>[]>;
}

/** A store on a virtual clock, and a sink that writes to it through what `wrap` makes of its client. */
export function makeWorld(wrap: (client: Client) => Client = (client) => client, seed = 1): World {
  const clock = new VirtualClock();
  const store = new ObjectStore({ resources: [], clock, random: new SeededRandom(seed) });
  const client = store.client();
  const warnings: { readonly [field: string]: unknown }[] = [];
  const drops: Record<string, number> = {};
  const ignore = (): void => undefined;
  const logger: Logger = {
    debug: ignore,
    info: ignore,
    warn: (fields) => void warnings.push(fields),
    error: ignore,
  };
  const metrics: MetricsProvider = {
    counter: ({ name }) => ({
      add(value, labels) {
        if (name !== 'events_dropped_total') return;
        const reason = labels?.['reason'] ?? '';
        drops[reason] = (drops[reason] ?? 0) + value;
      },
    }),
    gauge: () => ({ set: ignore }),
    histogram: () => ({ observe: ignore }),
  };
  const sink = new EventSink({ client: wrap(client), instance: 'host-1', logger, metrics });
  return {
    store,
    client,
    clock,
    sink,
    warnings,
    drops,
    async events() {
      const { items } = await client.list(Event);
      return items.toSorted(
        (a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion),
      );
    },
  };
}
