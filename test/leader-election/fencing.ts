import { isNotFound } from '../../src/core/index.js';
import type { Client } from '../../src/client/index.js';
import {
  LeaderElector,
  type LeadershipLostError,
  LeaseLock,
  type Term,
} from '../../src/leader-election/index.js';
import { defineResource, type Resource } from '../../src/resources/index.js';
import { Lease } from '../../src/resources/kinds/index.js';

interface CounterShape {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Lease['metadata'];
  readonly count: number;
}

/** A number that leaders count up. */
export const Counter: Resource<CounterShape> = defineResource<CounterShape>({
  group: 'example.com',
  version: 'v1',
  kind: 'Counter',
});
export const COUNTER = { name: 'counter', namespace: 'default' };

const KEY = { namespace: 'kube-system', name: 'fence' };

/** Reads the counter through a client; 0 where there is none. */
export async function readCounter(client: Client): Promise<number> {
  try {
    return (await client.get(Counter, COUNTER)).count;
  } catch (error) {
    if (isNotFound(error)) return 0;
    throw error;
  }
}

/** Every way to write, as somebody who has been deposed tries it. */
const WRITES: Readonly<Record<string, (client: Client) => Promise<unknown>>> = {
  create: (client) => client.create(Counter, { metadata: { name: 'other', namespace: 'default' }, count: 1 }),
  update: async (client) => client.update(Counter, await client.get(Counter, COUNTER)),
  patch: (client) => client.patch(Counter, COUNTER, { type: 'merge', patch: { count: 7 } }),
  apply: (client) =>
    client.apply(Counter, { metadata: COUNTER, count: 7 } as never, { fieldManager: 'x', force: true }),
  delete: (client) => client.delete(Counter, COUNTER),
  deleteCollection: (client) => client.deleteCollection(Counter, { namespace: 'default' }),
};

/** What a deposed leader is told of each kind of write, on every engine the same. */
export const REFUSED: Readonly<Record<string, unknown>> = Object.fromEntries(
  Object.keys(WRITES).map((verb, number) => [
    verb,
    {
      name: 'LeadershipLostError',
      reason: 'Forbidden',
      holder: 'b',
      message: `"a" does not lead kube-system/fence any more in term ${2 * number}: "b" leads in term ${2 * number + 1}`,
      cause: `Operation cannot be fulfilled on leases.coordination.k8s.io "fence": the write is guarded by Lease "kube-system/fence", and its spec.holderIdentity is "b", not "a"`,
    },
  ]),
);

/**
 * Lets a leader write who was deposed and does not know yet, once with each verb; answers with what it is told.
 *
 * `mine` is its client, `theirs` that of whoever took its place, which may be of another store on the same storage.
 */
export async function deposedWrites(
  mine: Client,
  theirs: Client,
): Promise<Readonly<Record<string, unknown>>> {
  const lock = new LeaseLock({ client: mine, identity: 'a', ...KEY });
  await theirs.create(Counter, { metadata: COUNTER, count: 1 });
  const told: Record<string, unknown> = {};
  for (const [verb, write] of Object.entries(WRITES)) {
    const stop = new AbortController();
    const lead = async (term: Term): Promise<void> => {
      stop.abort();
      // the other one comes too early: as if this process had stood still for the time between
      const lease = await theirs.get(Lease, KEY);
      const spec = { ...lease.spec, holderIdentity: 'b', leaseTransitions: term.number + 1 };
      const taken = await theirs.update(Lease, { ...lease, spec });
      told[verb] = await write(term.client).then(
        () => 'it was written',
        ({ name, reason, holder, message, cause }: LeadershipLostError) => ({
          name,
          reason,
          holder,
          message,
          cause: (cause as Error).message,
        }),
      );
      await theirs.update(Lease, { ...taken, spec: { ...spec, holderIdentity: '' } });
    };
    await new LeaderElector({ lock }).run(lead, { signal: stop.signal });
  }
  return told;
}
