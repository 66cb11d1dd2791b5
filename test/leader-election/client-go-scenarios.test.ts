import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Lease } from '../../src/resources/kinds/index.js';
import { type Candidate, Election, HELD } from './election.js';

let election: Election;
beforeEach(() => {
  election = new Election();
});
afterEach(() => election.end());

type Spec = NonNullable<Lease['spec']>;

/** One try of a candidate `baz` on a lease, and for how long it has been watching it before. */
interface Scenario {
  readonly name: string;
  /** Undefined where there is no lease. */
  readonly lease: Spec | undefined;
  /** Milliseconds for which it has not changed. */
  readonly observedFor: number;
  readonly acquires: boolean;
  readonly transitions: number;
}

const OURS: Spec = { ...HELD, holderIdentity: 'baz' };

const SCENARIOS: readonly Scenario[] = [
  { name: 'acquire from no object', lease: undefined, observedFor: 0, acquires: true, transitions: 0 },
  { name: 'acquire from object without a spec', lease: {}, observedFor: 0, acquires: true, transitions: 1 },
  {
    name: 'acquire from unled object',
    lease: { ...HELD, holderIdentity: '' },
    observedFor: 0,
    acquires: true,
    transitions: 5,
  },
  {
    name: 'acquire from led, unacquired object',
    lease: HELD,
    observedFor: 15_400,
    acquires: true,
    transitions: 5,
  },
  {
    name: "don't acquire from led, acquired object",
    lease: HELD,
    observedFor: 14_999,
    acquires: false,
    transitions: 4,
  },
  {
    name: "don't acquire from led object with a longer lease",
    lease: { ...HELD, leaseDurationSeconds: 60 },
    observedFor: 59_999,
    acquires: false,
    transitions: 4,
  },
  // client-go goes on in the term of its former self; here a new one begins
  { name: 'renew already acquired object', lease: OURS, observedFor: 0, acquires: true, transitions: 5 },
];

describe("client-go's scenarios", () => {
  it.each(SCENARIOS)('$name', async ({ lease, observedFor, acquires, transitions }) => {
    if (lease !== undefined) await election.writeLease(lease);
    const baz = election.candidate('baz').run();
    await election.world.advance(observedFor);
    expect(baz.elector.isLeader).toBe(acquires);
    const { spec } = await election.lease();
    expect(spec).toMatchObject({ leaseTransitions: transitions, holderIdentity: acquires ? 'baz' : 'other' });
    // a new term begins at its own time
    expect(spec?.acquireTime === HELD.acquireTime).toBe(!acquires);
  });

  it('update lock fails with a conflict, and the lease is still ours', async () => {
    const baz = election.candidate('baz').run();
    await election.world.advance(1_000);
    const { spec } = await election.lease();
    await election.writeLease({ ...spec, renewTime: HELD.renewTime });
    await election.world.advance(20_000);
    expect(ended(baz)).toEqual([]);
  });

  it('update lock fails with a conflict, and another has the lease', async () => {
    const baz = election.candidate('baz').run();
    await election.world.advance(1_000);
    await election.writeLease({ ...HELD, leaseTransitions: 1 });
    await election.world.advance(1_000);
    expect(ended(baz)).toEqual(['2000 term 0 ended: lost']);
  });

  it('release lease, and release lease that is not ours any more', async () => {
    const baz = election.candidate('baz').run();
    await election.world.advance(1_000);
    await baz.elector.stop();
    expect((await election.lease()).spec).toMatchObject({
      holderIdentity: '',
      leaseDurationSeconds: 1,
      leaseTransitions: 0,
    });
    baz.run();
    await election.world.advance(1_000);
    await election.writeLease({ ...HELD, leaseTransitions: 2 });
    await baz.elector.stop();
    expect((await election.lease()).spec).toEqual({ ...HELD, leaseTransitions: 2 });
  });

  it('release on cancellation, with a conflict on the way', async () => {
    const baz = election.candidate('baz').run();
    await election.world.advance(1_000);
    const { spec } = await election.lease();
    await election.writeLease({ ...spec, renewTime: HELD.renewTime });
    await baz.elector.stop();
    expect((await election.lease()).spec?.holderIdentity).toBe('');
  });
});

function ended({ log }: Candidate): readonly string[] {
  return log.filter((line) => line.includes('ended'));
}
