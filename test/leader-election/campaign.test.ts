import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { intercept } from '../../src/client/index.js';
import { ApiError } from '../../src/core/index.js';
import { LeaderElector, LeaseLock } from '../../src/leader-election/index.js';
import { Lease } from '../../src/resources/kinds/index.js';
import { Election, HELD, KEY } from './election.js';
import type { World } from './world.js';

let election: Election;
let world: World;
beforeEach(() => {
  election = new Election();
  world = election.world;
});
afterEach(() => election.end());

describe('a candidate', () => {
  it('creates the lease where there is none, and leads at once', async () => {
    const a = election.candidate('a').run();
    await world.advance(0);
    expect(a.log).toEqual(['0 leader a', '0 term 0 began']);
    expect(a.elector).toMatchObject({ isLeader: true, leader: 'a' });
    expect((await election.lease()).spec).toEqual({
      holderIdentity: 'a',
      leaseDurationSeconds: 15,
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:00.000000Z',
      leaseTransitions: 0,
    });
  });

  it('does not take a lease that another holds, and follows its renewals', async () => {
    const a = election.candidate('a').run();
    await world.advance(0);
    const b = election.candidate('b').run();
    await world.advance(600_000);
    expect(b.log).toEqual(['0 leader a']);
    expect(b.elector.isLeader).toBe(false);
    // it asked once, and was told of the rest
    expect(b.machine.sent).toMatchObject({ get: 1, watch: expect.any(Number) as number });
    expect(b.machine.sent).not.toHaveProperty('update');
    expect(a.log).toHaveLength(2);
  });

  it('takes a lease that has not changed for the duration in the record since it was first seen', async () => {
    // long over by its own times, but nobody can know
    await election.writeLease({ ...HELD, leaseDurationSeconds: 40 });
    const a = election.candidate('a').run();
    await world.advance(39_999);
    expect(a.log).toEqual(['0 leader other']);
    await world.advance(401);
    expect(a.log.slice(1)).toEqual([
      expect.stringMatching(/^40\d\d\d leader a$/),
      expect.stringMatching(/^40\d\d\d term 5 began$/),
    ]);
    expect((await election.lease()).spec).toMatchObject({
      holderIdentity: 'a',
      leaseDurationSeconds: 15,
      leaseTransitions: 5,
    });
  });

  it('does not believe the times in the record, be they past or future', async () => {
    await election.writeLease({ ...HELD, renewTime: '2199-01-01T00:00:00.000000Z' });
    const a = election.candidate('a').run();
    await world.advance(14_999);
    expect(a.term).toBeUndefined();
    await election.writeLease({ ...HELD, renewTime: '1999-01-01T00:00:00.000000Z' });
    await world.advance(14_999);
    expect(a.term).toBeUndefined();
    await world.advance(402);
    expect(a.term?.number).toBe(5);
  });

  it('takes a lease at once that nobody holds, or that says nothing', async () => {
    for (const spec of [{ ...HELD, holderIdentity: '' }, {}]) {
      await election.writeLease(spec);
      const a = election.candidate('a').run();
      await world.advance(0);
      expect(a.term?.number).toBe(
        (spec as { leaseTransitions?: number }).leaseTransitions === undefined ? 1 : 5,
      );
      await a.elector.stop();
    }
  });

  it('is not fooled by changes of the Lease that are no renewal', async () => {
    const held = await election.writeLease(HELD);
    const a = election.candidate('a').run();
    let last = held;
    for (let turn = 0; turn < 15; turn += 1) {
      await world.advance(1_000);
      last = await world.client.update(Lease, {
        ...last,
        metadata: { ...last.metadata, labels: { turn: `${turn}` } },
      });
    }
    await world.advance(401);
    expect(a.term?.number).toBe(5);
  });

  it('keeps what others have put into the Lease', async () => {
    const first = await election.writeLease({
      ...HELD,
      holderIdentity: '',
      strategy: 'OldestEmulationVersion',
    });
    await world.client.update(Lease, {
      ...first,
      metadata: { ...first.metadata, annotations: { owner: 'team' } },
    });
    const a = election.candidate('a').run();
    await world.advance(10_000);
    await a.elector.stop();
    const last = await election.lease();
    expect(last.metadata.annotations).toEqual({ owner: 'team' });
    expect(last.spec).toMatchObject({
      holderIdentity: '',
      strategy: 'OldestEmulationVersion',
      leaseTransitions: 5,
    });
  });

  it('asks again and again where it cannot watch, and with pauses', async () => {
    const machine = world.machine();
    const deaf = intercept(machine.client, {
      watch: () => {
        throw ApiError.serviceUnavailable('no watch today');
      },
    });
    const elector = new LeaderElector({
      lock: new LeaseLock({ client: { ...deaf, clock: machine.clock }, identity: 'b', ...KEY }),
    });
    await election.writeLease(HELD);
    const abort = new AbortController();
    let began = Number.NaN;
    const running = elector.run(() => void (began = world.clock.monotonic()), { signal: abort.signal });
    await world.advance(100_000);
    await running;
    // the lease was over after 15 seconds, and a pause is of 2 to 4.4 seconds
    expect(began).toBeGreaterThanOrEqual(15_000);
    expect(began).toBeLessThan(19_400);
    expect(machine.sent['get']).toBeLessThanOrEqual(8);
  });

  it('waits and tries again where the server does not answer, and does not flood it', async () => {
    const a = election.candidate('a');
    a.machine.cut();
    a.run();
    await world.advance(600_000);
    // each request is given up after five seconds, and then there is a pause
    expect(a.machine.sent['get']).toBeLessThanOrEqual(600_000 / 7_000);
    expect(a.machine.sent['get']).toBeGreaterThan(60);
    a.machine.mend();
    await world.advance(10_000);
    expect(a.elector.isLeader).toBe(true);
  });

  it('is gone at once when it is told to stop, whatever it waits for', async () => {
    await election.writeLease(HELD);
    const a = election.candidate('a').run();
    await world.advance(5_000);
    await a.elector.stop();
    expect(a.end).toBe('resolved');
    const b = election.candidate('b');
    b.machine.cut();
    b.run();
    await world.advance(1_000);
    await b.elector.stop();
    expect(b.end).toBe('resolved');
    expect(world.clock.timers).toBe(0);
    expect((await election.lease()).spec).toEqual(HELD);
  });
});

describe('many candidates', () => {
  it('do not all write when a lease is over, and never overlap', async () => {
    let leading = 0;
    const many = Array.from({ length: 100 }, (_, index) => {
      const candidate = election.candidate(`c${index}`, { leaseDuration: 15_000 });
      candidate.elector.events.on('termStarted', () => {
        leading += 1;
        expect(leading).toBe(1);
      });
      candidate.elector.events.on('termEnded', () => {
        leading -= 1;
      });
      return candidate;
    });
    const first = many[0] as (typeof many)[number];
    first.run();
    await world.advance(0);
    for (const candidate of many.slice(1)) candidate.run();
    world.latency = 2;
    await world.advance(30_000);
    const writes = (): number => many.reduce((sum, { machine }) => sum + (machine.sent['update'] ?? 0), 0);
    // nobody but the leader wrote, and nobody asked twice
    expect(writes()).toBe(first.machine.sent['update']);
    expect(many.every(({ machine }) => machine.sent['get'] === 1)).toBe(true);
    first.machine.cut();
    const before = writes() - (first.machine.sent['update'] ?? 0);
    await world.advance(17_000);
    const heir = many.find(({ elector }) => elector.isLeader);
    expect(heir).toBeDefined();
    expect(heir?.log.at(-1)).toMatch(/^4[2-5]\d\d\d term 1 began$/);
    const tries = writes() - (first.machine.sent['update'] ?? 0) - before;
    expect(tries).toBeLessThan(10);
    world.latency = 0;
  });
});
