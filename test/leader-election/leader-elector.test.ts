import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { intercept } from '../../src/client/index.js';
import { type Logger, noopLogger, sleep } from '../../src/core/index.js';
import {
  isLeadershipLost,
  LeaderElector,
  type LeaderElectorOptions,
  LeaseLock,
  type Term,
} from '../../src/leader-election/index.js';
import { Lease } from '../../src/resources/kinds/index.js';
import { Election, HELD, KEY, untilEnd } from './election.js';
import type { World } from './world.js';

let election: Election;
let world: World;
beforeEach(() => {
  election = new Election();
  world = election.world;
});
afterEach(() => election.end());

describe('a leader', () => {
  it('renews every retryPeriod without reading, and keeps the beginning and the number of its term', async () => {
    const a = election.candidate('a').run();
    await world.advance(60_000);
    expect(a.machine.sent).toMatchObject({ create: 1, get: 1, update: 30 });
    expect((await election.lease()).spec).toMatchObject({
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:01:00.000000Z',
      leaseTransitions: 0,
    });
    expect(a.term?.remaining()).toBe(10_000);
  });

  it('reads and compares where a renewal fails, and goes on where the lease is its own', async () => {
    const counted: string[] = [];
    const metrics = {
      counter: ({ name }: { name: string }) => ({ add: () => void counted.push(name) }),
      gauge: () => ({ set: () => undefined }),
      histogram: () => ({ observe: () => undefined }),
    };
    const a = election.candidate('a', { metrics }).run();
    await world.advance(1_000);
    const held = await election.lease();
    await world.client.update(Lease, { ...held, metadata: { ...held.metadata, labels: { a: 'b' } } });
    await world.advance(1_000);
    expect(counted).toEqual(['leader_election_slowpath_total']);
    await world.advance(60_000);
    expect(counted).toHaveLength(1);
    expect(a.log).toEqual(['0 leader a', '0 term 0 began']);
    expect((await election.lease()).metadata.labels).toEqual({ a: 'b' });
  });

  it('ends its term as soon as a renewal finds the lease in other hands, and stands for election again', async () => {
    const a = election.candidate('a').run();
    await world.advance(1_000);
    await election.writeLease({ ...HELD, leaseTransitions: 1 });
    await world.advance(1_000);
    expect(a.log.slice(2)).toEqual(['2000 leader other', '2000 term 0 ended: lost']);
    expect(a.term?.signal.reason).toMatchObject({
      name: 'LeadershipLostError',
      reason: 'Forbidden',
      holder: 'other',
      message: '"a" does not lead kube-system/demo any more in term 0: "other" leads in term 1',
    });
    await world.advance(15_400);
    expect(a.elector.isLeader).toBe(true);
    expect(a.term?.number).toBe(2);
  });

  it.each([
    ['was deleted', 'the record is gone'],
    ['was deleted and made anew', 'the record was deleted and made anew'],
  ])('ends its term where the lease %s, for its writes are fenced by it', async (what, why) => {
    const a = election.candidate('a').run();
    await world.advance(10_000);
    const { spec = {} } = await election.lease();
    const { signal } = a.term as Term;
    await world.client.delete(Lease, KEY);
    if (what !== 'was deleted') await world.client.create(Lease, { metadata: KEY, spec });
    await world.advance(2_000);
    expect(signal.reason).toMatchObject({ message: expect.stringContaining(why) as string });
    await world.advance(1_000);
    // it is the only one: it leads again at once, in a term with a number of its own
    expect(a.log.slice(2).map((line) => line.replace(/^\d+ /, ''))).toEqual(
      what === 'was deleted'
        ? ['leader undefined', 'term 0 ended: lost', 'leader a', 'term 1 began']
        : ['term 0 ended: lost', 'term 1 began'],
    );
  });

  it('aborts the signal of its term renewDeadline after the start of the last renewal that came off', async () => {
    const a = election.candidate('a').run();
    const b = election.candidate('b').run();
    await world.advance(7_000);
    a.machine.cut();
    await world.advance(8_999);
    expect(a.term?.signal.aborted).toBe(false);
    expect(a.term?.remaining()).toBe(1);
    await world.advance(1);
    // renewed last at 6 seconds
    expect(a.log.at(-1)).toBe('16000 term 0 ended: lost');
    expect(a.term?.signal.reason).toMatchObject({
      message: expect.stringContaining('it was not renewed within 10000 milliseconds') as string,
    });
    expect(a.elector.isLeader).toBe(false);
    expect(b.term).toBeUndefined();
    await world.advance(6_000);
    expect(b.log.at(-1)).toMatch(/^21\d\d\d term 1 began$/);
  });

  it('counts the time from the start of a renewal, however long its answer takes', async () => {
    const { clock, client } = world;
    const slow = intercept(client, {
      update: async (next, resource, object, options) => {
        const answer = await next(resource, object, options);
        await sleep(clock, 4_000);
        return answer;
      },
    });
    const elector = new LeaderElector({ lock: new LeaseLock({ client: slow, identity: 'slow', ...KEY }) });
    let term: Term | undefined;
    const running = elector.run((own) => {
      term = own;
      return untilEnd(own);
    });
    await world.advance(6_000);
    expect(term?.remaining()).toBe(6_000);
    const stopping = elector.stop();
    await world.advance(10_000);
    await stopping;
    await running;
  });

  it('survives the loss of an answer, and of a request', async () => {
    const a = election.candidate('a').run();
    await world.advance(1_000);
    for (const loss of ['answer', 'request', 'answer'] as const) {
      a.machine.lose.push({ verb: 'update', loss });
      await world.advance(20_000);
    }
    expect(a.log).toEqual(['0 leader a', '0 term 0 began']);
  });

  it('is told apart from its former self: a new term, at once, and a larger number', async () => {
    const former = election.candidate('a').run();
    await world.advance(3_000);
    former.machine.stop();
    await world.advance(1_000);
    const a = election.candidate('a').run();
    await world.advance(0);
    expect(a.log).toEqual(['4000 leader a', '4000 term 1 began']);
    // the one before stands still, and finds out when it goes on
    former.machine.resume();
    await world.advance(2_000);
    expect(former.log.at(-1)).toBe('4000 term 0 ended: lost');
    // it waits for the end of the lease, instead of taking it back and forth
    await world.advance(60_000);
    expect(a.log).toHaveLength(2);
    expect(former.log).toHaveLength(3);
  });

  it('writes a record that differs at every renewal, whatever its clock shows', async () => {
    const { client } = world;
    const stuck = { ...intercept(client, {}), clock: { ...clockOf(world), now: () => 0 } };
    const elector = new LeaderElector({ lock: new LeaseLock({ client: stuck, identity: 'stuck', ...KEY }) });
    const running = elector.run(untilEnd);
    await world.advance(0);
    const seen = new Set<string>();
    for (let turn = 0; turn < 5; turn += 1) {
      seen.add((await election.lease()).metadata.resourceVersion);
      await world.advance(2_000);
    }
    expect(seen.size).toBe(5);
    await elector.stop();
    await running;
  });
});

describe('run', () => {
  it('gives the lease up and resolves when the callback returns', async () => {
    const a = election.candidate('a', { releaseOnCancel: false });
    const b = election.candidate('b');
    a.run(({ client }) => sleep(client.clock, 5_000));
    await world.advance(0);
    b.run();
    await world.advance(5_000);
    expect(a.end).toBe('resolved');
    expect(a.log.slice(2)).toEqual(['5000 term 0 ended: returned', '5000 leader undefined']);
    await world.advance(400);
    expect(b.log.slice(1)).toEqual([
      '5000 leader undefined',
      expect.stringMatching(/^5\d\d\d leader b$/),
      expect.stringMatching(/^5\d\d\d term 1 began$/),
    ]);
  });

  it('gives the lease up and rejects when the callback throws', async () => {
    const error = new Error('boom');
    const a = election.candidate('a').run(() => {
      throw error;
    });
    await world.advance(0);
    expect(a.end).toBe(error);
    expect(a.log).toEqual(['0 leader a', '0 term 0 began', '0 term 0 ended: threw', '0 leader undefined']);
    expect((await election.lease()).spec).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 });
  });

  it('awaits the callback of a lost term before it stands for election again', async () => {
    const a = election.candidate('a');
    a.run(async (term) => {
      await untilEnd(term);
      await sleep(term.client.clock, 60_000);
      a.say('callback over');
    });
    await world.advance(1_000);
    await election.writeLease({ ...HELD, holderIdentity: '', leaseTransitions: 1 });
    await world.advance(60_999);
    expect(a.log.at(-1)).toBe('2000 term 0 ended: lost');
    await world.advance(1);
    expect(a.log.slice(-3)).toEqual(['62000 callback over', '62000 leader a', '62000 term 2 began']);
  });

  it.each<[string, (term: Term) => Promise<void>, boolean]>([
    ['the reason of the signal', ({ signal, client }) => sleep(client.clock, 1e9, signal), true],
    [
      'an error whose cause that is',
      async (term) => {
        await untilEnd(term);
        throw new Error('aborted', { cause: term.signal.reason });
      },
      true,
    ],
    [
      'the error of a fenced write',
      async (term) => {
        await untilEnd(term);
        await term.client.delete(Lease, { name: 'x', namespace: 'y' });
      },
      true,
    ],
    [
      'another error',
      async (term) => {
        await untilEnd(term);
        throw new Error('in the way out');
      },
      false,
    ],
  ])('takes %s after a lost term for what it is', async (_what, lead, goesOn) => {
    const a = election.candidate('a').run(lead);
    await world.advance(1_000);
    await election.writeLease({ ...HELD, leaseTransitions: 1 });
    await world.advance(30_000);
    if (goesOn) expect(a.log.at(-1)).toMatch(/term 2 began/);
    else expect(a.end).toMatchObject({ message: 'in the way out' });
  });

  it('when told to stop, renews until the callback has ended, lets it write, and gives the lease up after it', async () => {
    const abort = new AbortController();
    const a = election.candidate('a');
    const b = election.candidate('b');
    a.run(async (term) => {
      await untilEnd(term);
      a.say('told');
      await sleep(term.client.clock, 40_000);
      await term.client.create(Lease, { metadata: { name: 'farewell', namespace: 'default' } });
      a.say('done');
    }, abort.signal);
    await world.advance(0);
    b.run();
    await world.advance(1_000);
    abort.abort(new Error('closing time'));
    expect(a.term?.signal.reason).toMatchObject({ message: 'closing time' });
    expect(a.elector.isLeader).toBe(false);
    await world.advance(39_999);
    expect(b.log).toEqual(['0 leader a']);
    expect(a.end).toBeUndefined();
    await world.advance(401);
    expect(a.end).toBe('resolved');
    expect(a.log.slice(2)).toEqual([
      '1000 term 0 ended: stopped',
      '1000 told',
      '41000 done',
      '41000 leader undefined',
    ]);
    expect(b.elector.isLeader).toBe(true);
  });

  it('keeps the lease when told to stop without releaseOnCancel', async () => {
    const a = election.candidate('a', { releaseOnCancel: false }).run();
    await world.advance(1_000);
    await a.elector.stop();
    expect((await election.lease()).spec).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 15 });
  });

  it('passes on what the callback throws when it is told to stop, unless that is the reason', async () => {
    const a = election.candidate('a').run(async (term) => {
      await untilEnd(term);
      throw new Error('no');
    });
    await world.advance(1_000);
    await a.elector.stop();
    await world.advance(0);
    expect(a.end).toMatchObject({ message: 'no' });
    const b = election.candidate('b').run(({ signal, client }) => sleep(client.clock, 1e9, signal));
    await world.advance(1_000);
    await b.elector.stop();
    await world.advance(0);
    expect(b.end).toBe('resolved');
  });

  it('is one at a time, and can be called again', async () => {
    const a = election.candidate('a').run(() => undefined);
    await expect(a.elector.run(() => undefined)).rejects.toThrow(
      'the elector of kube-system/demo runs already',
    );
    await world.advance(0);
    expect(a.end).toBe('resolved');
    a.run(() => undefined);
    await world.advance(0);
    expect(a.log.filter((line) => line.includes('began'))).toEqual(['0 term 0 began', '0 term 1 began']);
    await expect(a.elector.run('x' as never)).rejects.toThrow(TypeError);
    const gone = AbortSignal.abort();
    a.run(() => expect.unreachable(), gone);
    await world.advance(0);
    expect(a.end).toBe('resolved');
  });

  it('can be disposed of', async () => {
    const a = election.candidate('a').run();
    await world.advance(0);
    await a.elector[Symbol.asyncDispose]();
    await world.advance(0);
    expect(a.end).toBe('resolved');
    await a.elector.stop();
  });
});

describe('an answer that is lost', () => {
  it.each(['create', 'update'])(
    'of a claim (%s): the candidate looks before it leads, and counts from the request',
    async (verb) => {
      if (verb === 'update') await election.writeLease({ ...HELD, holderIdentity: '' });
      const a = election.candidate('a');
      a.machine.lose.push({ verb, loss: 'answer' });
      a.run();
      await world.advance(4_999);
      expect(a.log.filter((line) => line.includes('began'))).toEqual([]);
      await world.advance(1);
      expect(a.log.at(-1)).toBe(`5000 term ${verb === 'create' ? 0 : 5} began`);
      expect(a.term?.remaining()).toBe(5_000);
    },
  );

  it('of a claim, and then of the look: the lease is its own, and a new term begins', async () => {
    const a = election.candidate('a');
    a.machine.lose.push({ verb: 'create', loss: 'answer' });
    a.run();
    await world.advance(100);
    a.machine.lose.push({ verb: 'get', loss: 'answer' });
    await world.advance(20_000);
    expect(a.log.at(-1)).toMatch(/term 1 began/);
  });

  it('of a renewal that arrives after the term was lost, and before the next claim: the lease is its own', async () => {
    const a = election.candidate('a').run();
    await world.advance(7_000);
    a.machine.cut();
    // its renewals, and then a claim, are on their way
    await world.advance(20_000);
    a.machine.mend();
    await world.advance(4_400);
    expect(a.log.at(-1)).toMatch(/term 1 began/);
    expect((await election.lease()).spec).toMatchObject({ leaseTransitions: 1 });
  });

  it('of a claim that is under way when the elector is told to stop: what it began is given up', async () => {
    const a = election.candidate('a');
    a.machine.lose.push({ verb: 'create', loss: 'answer' });
    a.run(() => expect.unreachable());
    await world.advance(100);
    const stopping = a.elector.stop();
    await world.advance(5_000);
    await stopping;
    expect(a.end).toBe('resolved');
    expect((await election.lease()).spec?.holderIdentity).toBe('');
  });

  it.each(['answer', 'request'] as const)(
    'of a release (%s): it is looked at, and done where it was not',
    async (loss) => {
      const a = election.candidate('a').run();
      await world.advance(1_000);
      a.machine.lose.push({ verb: 'update', loss });
      const stopping = a.elector.stop();
      await world.advance(5_000);
      await stopping;
      const { spec } = await election.lease();
      // all of its time was taken by waiting for that answer
      expect(spec?.holderIdentity).toBe(loss === 'answer' ? '' : 'a');
    },
  );
});

describe('the term', () => {
  it('is over for a process that stood still, before its next write and before its timers', async () => {
    const a = election.candidate('a');
    a.run(async (term) => {
      while (!term.signal.aborted) {
        await sleep(term.client.clock, 100);
        await term.client.create(Lease, { metadata: { generateName: 'w-', namespace: 'default' } });
      }
    });
    await world.advance(5_050);
    a.machine.stop();
    await world.advance(11_000);
    expect(a.term?.signal.aborted).toBe(false);
    const before = (await world.client.list(Lease, { namespace: 'default' })).items.length;
    a.machine.resume();
    await world.advance(0);
    expect((await world.client.list(Lease, { namespace: 'default' })).items).toHaveLength(before);
    await world.advance(100);
    expect(a.term?.number).toBe(1);
  });

  it.each([true, false])('is checked before each write by the local clock (guards: %s)', async (guards) => {
    const machine = world.machine();
    // the event loop is busy for so long: no timer fires meanwhile
    let stall = 0;
    const clock = { ...machine.clock, monotonic: () => machine.clock.monotonic() + stall };
    const client = { ...machine.client, clock, capabilities: { ...machine.client.capabilities, guards } };
    const elector = new LeaderElector({ lock: new LeaseLock({ client, identity: 'a', ...KEY }) });
    const patch = { type: 'merge', patch: { metadata: { labels: { a: 'b' } } } } as const;
    const write = (term: Term): Promise<unknown> => term.client.patch(Lease, KEY, patch);
    const stop = new AbortController();
    const running = elector.run(
      async (term) => {
        stop.abort();
        await write(term);
        stall = 9_999;
        await write(term);
        stall = 10_000;
        await expect(write(term)).rejects.toSatisfy(isLeadershipLost);
        expect(machine.sent['patch']).toBe(2);
      },
      { signal: stop.signal },
    );
    await world.advance(1_000);
    await running;
  });

  it('is refused further writes when its callback has ended', async () => {
    let kept: Term | undefined;
    election.candidate('a').run((term) => {
      kept = term;
    });
    await world.advance(0);
    const late = kept?.client.create(Lease, { metadata: { name: 'late', namespace: 'default' } });
    await expect(late).rejects.toSatisfy(isLeadershipLost);
    expect(kept).toMatchObject({ number: 0, identity: 'a' });
    expect(kept?.remaining()).toBe(0);
  });
});

describe('options', () => {
  it.each<[Partial<LeaderElectorOptions>, string]>([
    [
      { leaseDuration: 10_000 },
      'LeaderElector: leaseDuration: expected milliseconds that are whole seconds, more than the renewDeadline of 10000, got 10000',
    ],
    [
      { leaseDuration: 15_500 },
      'LeaderElector: leaseDuration: expected milliseconds that are whole seconds, more than the renewDeadline of 10000, got 15500',
    ],
    [{ leaseDuration: Number.NaN }, 'LeaderElector: leaseDuration: expected'],
    [
      { renewDeadline: 2_400 },
      'LeaderElector: renewDeadline: expected milliseconds, more than 1.2 times the retryPeriod of 2000, got 2400',
    ],
    [{ renewDeadline: -1 }, 'LeaderElector: renewDeadline: expected'],
    [{ retryPeriod: 0 }, 'LeaderElector: retryPeriod: expected milliseconds, more than 0, got 0'],
    [{ retryPeriod: Number.POSITIVE_INFINITY }, 'LeaderElector: retryPeriod: expected'],
  ])('%j are refused', (options, message) => {
    const make = (): unknown => election.candidate('a', options);
    expect(make).toThrow(RangeError);
    expect(make).toThrow(message);
  });

  it.each([
    [{ namespace: 'No' }, 'LeaseLock: namespace: expected'],
    [{ name: '' }, 'LeaseLock: name: expected'],
    [{ identity: '' }, 'LeaseLock: identity: expected a text that is not empty, got ""'],
    [{ identity: 7 as never }, 'LeaseLock: identity: expected a text that is not empty, got 7'],
  ])('a lock of %j is refused', (wrong, message) => {
    const make = (): unknown => new LeaseLock({ client: world.client, identity: 'a', ...KEY, ...wrong });
    expect(make).toThrow(TypeError);
    expect(make).toThrow(message);
  });

  it('requireFencing refuses to run where the server checks no guards; otherwise that is said once', async () => {
    const { client } = world.machine();
    const unguarded = { ...client, capabilities: { ...client.capabilities, guards: false } };
    const lock = new LeaseLock({ client: unguarded, identity: 'a', ...KEY });
    await expect(new LeaderElector({ lock, requireFencing: true }).run(untilEnd)).rejects.toThrow(
      'LeaderElector: requireFencing: expected a lock and a server that can guard writes, got kube-system/demo without',
    );
    const warned: string[] = [];
    const logger: Logger = { ...noopLogger, warn: (_fields, message) => void warned.push(message) };
    const elector = new LeaderElector({ lock, logger });
    for (let turn = 0; turn < 2; turn += 1) {
      await elector.run(async (term) => {
        await term.client.create(Lease, { metadata: { generateName: 'w-', namespace: 'default' } });
      });
    }
    expect(warned).toEqual([expect.stringContaining('writes cannot be guarded here')]);
  });
});

describe('what can be observed', () => {
  it('health: fails where a callback goes on long after its lease has ended', async () => {
    const a = election.candidate('a');
    a.elector.check();
    a.run(({ client }) => sleep(client.clock, 100_000));
    await world.advance(4_000);
    a.machine.cut();
    await world.advance(15_000);
    a.elector.check();
    await world.advance(1);
    expect(() => a.elector.check()).toThrow('expected a leader that renews its lease or ends');
    a.elector.check(20_000);
    a.machine.mend();
    await world.advance(100_000);
    a.elector.check();
  });

  it('metrics: whether it leads', async () => {
    const set: [string, number, unknown][] = [];
    const metrics = {
      counter: () => ({ add: () => undefined }),
      gauge: ({ name }: { name: string }) => ({
        set: (value: number, labels: unknown) => void set.push([name, value, labels]),
      }),
      histogram: () => ({ observe: () => undefined }),
    };
    const a = election.candidate('a', { metrics, name: 'shop' }).run();
    await world.advance(0);
    await a.elector.stop();
    expect(set).toEqual([0, 1, 0].map((value) => ['leader_election_master_status', value, { name: 'shop' }]));
  });

  it('a listener that throws stops nothing, and is told of in the log', async () => {
    const errors: string[] = [];
    const logger: Logger = { ...noopLogger, error: (_fields, message) => void errors.push(message) };
    const a = election.candidate('a', { logger });
    a.elector.events.on('termStarted', () => {
      throw new Error('no');
    });
    a.run();
    await world.advance(0);
    expect(a.elector.isLeader).toBe(true);
    expect(errors).toEqual(['a listener of the elector threw']);
  });
});

function clockOf({ clock }: World): Term['client']['clock'] {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    setTimer: (delay, task) => clock.setTimer(delay, task),
  };
}
