import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sleep } from '../../src/core/index.js';
import {
  isLeadershipLost,
  type Shard,
  ShardedElector,
  type ShardedElectorOptions,
} from '../../src/leader-election/index.js';
import { Lease } from '../../src/resources/kinds/index.js';
import { untilEnd } from './election.js';
import { type Machine, World } from './world.js';

const SHARDS = 8;
const SET = { namespace: 'kube-system', name: 'mail', shards: SHARDS };

let world: World;
let parts: Part[] = [];
// which process works on each shard; two on one is the end of the test
let working: Map<number, string>;

beforeEach(() => {
  world = new World();
  parts = [];
  working = new Map();
});
afterEach(async () => {
  for (const machine of world.machines) {
    machine.mend();
    machine.resume();
  }
  const stopping = Promise.all(parts.map(({ elector }) => elector.stop()));
  await world.advance(120_000);
  await stopping;
  expect(world.clock.timers, 'timers are left').toBe(0);
  await world.store.close();
});

/** A member that runs. */
class Part {
  readonly machine: Machine;
  readonly elector: ShardedElector;
  /** What it was given and has given back, with the time of the world. */
  readonly log: string[] = [];
  end: 'resolved' | Error | undefined;

  constructor(
    identity: string,
    options: Partial<ShardedElectorOptions> = {},
    lead: (shard: Shard) => Promise<void> | void = untilEnd,
  ) {
    this.machine = world.machine();
    this.elector = new ShardedElector({ client: this.machine.client, identity, ...SET, ...options });
    const callback = async (shard: Shard): Promise<void> => {
      const { index, signal } = shard;
      expect(working.get(index), `who works on ${index}`).toBeUndefined();
      working.set(index, identity);
      signal.addEventListener('abort', () => working.delete(index), { once: true });
      await lead(shard);
    };
    this.elector.run(callback).then(
      () => {
        this.end = 'resolved';
      },
      (error: Error) => {
        this.end = error;
      },
    );
    parts.push(this);
  }

  /** The process is gone, or stands still, which is the same to others. */
  die(): void {
    this.machine.stop();
    this.machine.cut();
    for (const index of this.elector.owned) working.delete(index);
  }
}

function part(...args: ConstructorParameters<typeof Part>): Part {
  return new Part(...args);
}

function counts(): readonly number[] {
  return parts.map(({ elector }) => elector.owned.length);
}

/** The leases of the set, those of shards and those of members. */
async function leases(): Promise<readonly string[]> {
  const { items } = await world.client.list(Lease, { labelSelector: 'keelson.dev/shards-of=mail' });
  return items.map(({ metadata }) => metadata.name);
}

describe('a sharded elector', () => {
  it('has all shards where it is alone, each with a lease and a term of its own', async () => {
    const a = part('a');
    await world.advance(1_000);
    expect(a.elector.owned).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(a.elector.members).toEqual(['a']);
    expect((await leases()).filter((name) => /^mail-\d$/.test(name))).toHaveLength(SHARDS);
    expect(await leases()).toHaveLength(SHARDS + 1);
    await a.elector.stop();
    await world.advance(0);
    expect(a.end).toBe('resolved');
    // the shards stay, free; the member is gone
    expect(await leases()).toHaveLength(SHARDS);
    expect(a.elector.owned).toEqual([]);
  });

  it('shares them evenly, and anew within a second when a member comes or goes', async () => {
    for (const [index, expected] of [[8], [4, 4], [3, 3, 2], [2, 2, 2, 2]].entries()) {
      part(`m${index}`);
      await world.advance(1_000);
      expect([...counts()].sort((a, b) => b - a)).toEqual(expected);
      expect(working.size).toBe(SHARDS);
    }
    for (const expected of [
      [3, 3, 2, 0],
      [4, 4, 0, 0],
      [8, 0, 0, 0],
    ]) {
      const leaving = parts.find(({ elector }) => elector.owned.length > 0) as Part;
      await leaving.elector.stop();
      await world.advance(1_000);
      expect([...counts()].sort((a, b) => b - a)).toEqual(expected);
      expect(working.size).toBe(SHARDS);
    }
  });

  it('divides the shards of a member that died when its lease is over, and not a second lease later', async () => {
    const a = part('a');
    const b = part('b');
    await world.advance(60_000);
    expect(counts()).toEqual([4, 4]);
    a.die();
    await world.advance(12_000);
    expect(b.elector.owned).toHaveLength(4);
    // 15 seconds after its last renewal, and a fifth of the retry period
    await world.advance(3_500);
    expect(b.elector.owned).toHaveLength(8);
    expect(b.elector.members).toEqual(['b']);
    a.machine.mend();
    a.machine.resume();
    await world.advance(2_500);
    expect(counts()).toEqual([4, 4]);
  });

  it('awaits the callback of a shard before another can have it', async () => {
    const a = part('a', {}, async (shard) => {
      await untilEnd(shard);
      await sleep(shard.client.clock, 30_000);
    });
    await world.advance(1_000);
    const b = part('b');
    await world.advance(29_000);
    expect(a.elector.owned).toHaveLength(4);
    expect(b.elector.owned).toEqual([]);
    await world.advance(2_000);
    expect(b.elector.owned).toHaveLength(4);
  });

  it('takes a shard back that it was giving up when it should have it after all', async () => {
    const a = part('a', {}, async (shard) => {
      await untilEnd(shard);
      await sleep(shard.client.clock, 5_000);
    });
    await world.advance(1_000);
    const b = part('b');
    await world.advance(1_000);
    expect(a.elector.owned).toHaveLength(4);
    await b.elector.stop();
    await world.advance(6_000);
    expect(a.elector.owned).toHaveLength(8);
    expect(b.elector.owned).toEqual([]);
  });

  it('owns nothing while others think that it is gone', async () => {
    const a = part('a');
    const b = part('b');
    await world.advance(10_000);
    a.machine.cut();
    await world.advance(10_000);
    expect(a.elector.owned).toEqual([]);
    expect(working.size).toBe(4);
    await world.advance(6_000);
    expect(b.elector.owned).toHaveLength(8);
    a.machine.mend();
    await world.advance(5_000);
    expect(counts()).toEqual([4, 4]);
  });

  it('keeps a shard whose callback returns, and ends with the error of one that throws', async () => {
    const a = part('a', {}, () => undefined);
    await world.advance(60_000);
    expect(a.elector.owned).toHaveLength(8);
    const b = part('b', {}, async ({ index, client, signal }) => {
      await sleep(client.clock, 1_000, signal);
      throw new Error(`no ${index}`);
    });
    await world.advance(5_000);
    expect(b.end).toMatchObject({ message: expect.stringMatching(/^no \d$/) as string });
    expect(b.elector.owned).toEqual([]);
    expect(a.elector.owned).toHaveLength(8);
  });

  it('fences the writes of each shard', async () => {
    let kept: Shard | undefined;
    part('a', { shards: 1 }, (shard) => {
      kept = shard;
    });
    await world.advance(1_000);
    const lease = await world.client.get(Lease, { namespace: 'kube-system', name: 'mail-0' });
    const spec = { ...lease.spec, holderIdentity: 'b', leaseTransitions: 1 };
    await world.client.update(Lease, { ...lease, spec });
    const late = kept?.client.create(Lease, { metadata: { name: 'late', namespace: 'default' } });
    await expect(late).rejects.toSatisfy(isLeadershipLost);
    expect(kept).toMatchObject({ index: 0, number: 0, identity: 'a' });
    expect(kept?.remaining()).toBe(0);
  });

  it('deletes what members have left that died long ago', async () => {
    const a = part('a');
    await world.advance(1_000);
    a.die();
    part('b');
    await world.advance(50_000);
    expect(await leases()).toHaveLength(SHARDS + 2);
    await world.advance(15_000);
    expect(await leases()).toHaveLength(SHARDS + 1);
  });

  it('counts members that it finds as alive until it knows better', async () => {
    const a = part('a');
    await world.advance(1_000);
    a.die();
    await world.advance(100_000);
    const b = part('b');
    await world.advance(14_000);
    expect(b.elector.members).toEqual(['a', 'b']);
    await world.advance(1_500);
    expect(b.elector.owned).toHaveLength(8);
  });

  it('refuses what makes no sense, and to run twice', async () => {
    const make = (wrong: Partial<ShardedElectorOptions>) => (): unknown =>
      new ShardedElector({ client: world.client, identity: 'a', ...SET, ...wrong });
    expect(make({ name: 'No' })).toThrow('ShardedElector: name: expected');
    expect(make({ shards: 0 })).toThrow(
      'ShardedElector: shards: expected a whole number of at least 1, got 0',
    );
    expect(make({ identity: '' })).toThrow(TypeError);
    expect(make({ namespace: '' })).toThrow(TypeError);
    expect(make({ leaseDuration: 1 })).toThrow('ShardedElector: leaseDuration: expected');
    const a = part('a');
    await expect(a.elector.run(() => undefined)).rejects.toThrow('the elector of mail runs already');
    await expect(a.elector.run(undefined as never)).rejects.toThrow(TypeError);
    await world.advance(1_000);
    a.elector.check();
    await a.elector[Symbol.asyncDispose]();
    await a.elector.run(() => expect.unreachable(), { signal: AbortSignal.abort() });
    const client = { ...world.client, capabilities: { ...world.client.capabilities, guards: false } };
    const unguarded = new ShardedElector({
      ...SET,
      client: { ...a.machine.client, ...client },
      identity: 'u',
      requireFencing: true,
    });
    await expect(unguarded.run(() => undefined)).rejects.toThrow('requireFencing');
  });
});
