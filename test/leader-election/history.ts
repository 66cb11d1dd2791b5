import * as fc from 'fast-check';
import type { Client } from '../../src/client/index.js';
import { sleep } from '../../src/core/index.js';
import type { ElectionTiming, Term } from '../../src/leader-election/index.js';
import { defineResource, type Resource } from '../../src/resources/index.js';
import type { Lease } from '../../src/resources/kinds/index.js';
import { type Candidate, Election } from './election.js';
import { World } from './world.js';

interface CountShape {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Lease['metadata'];
  readonly count: number;
  /** The number of the term in which it was written. */
  readonly term: number;
  /** Tells one leader in one term from all others. */
  readonly leader: number;
}

const Count: Resource<CountShape> = defineResource<CountShape>({
  group: 'example.com',
  version: 'v1',
  kind: 'Count',
});
const COUNT = { name: 'count', namespace: 'default' };

/**
 * What happens to one machine at one time: its process stands still, its network is cut, its elector is told to stop and started again, or
 * its process stands still and another takes its identity.
 */
export interface Incident {
  readonly machine: number;
  /** Milliseconds after the incident before. */
  readonly after: number;
  readonly what: 'stop' | 'cut' | 'end' | 'twin';
  /** For how many milliseconds. */
  readonly lasts: number;
}

/** A world, and what happens in it. */
export interface Plan {
  readonly seed: number;
  /** How fast the clock of each machine runs. */
  readonly rates: readonly number[];
  readonly latency: number;
  readonly losses: number;
  readonly incidents: readonly Incident[];
}

/** Plans with such incidents, on machines whose clocks run so fast. */
export function plans(
  whats: readonly Incident['what'][],
  rates: { readonly min: number; readonly max: number },
): fc.Arbitrary<Plan> {
  const incident: fc.Arbitrary<Incident> = fc.record({
    machine: fc.nat(3),
    after: fc.integer({ min: 100, max: 20_000 }),
    what: fc.constantFrom(...whats),
    lasts: fc.integer({ min: 100, max: 60_000 }),
  });
  return fc.record({
    seed: fc.nat(1_000_000),
    rates: fc.array(fc.double({ ...rates, noNaN: true }), { minLength: 2, maxLength: 4 }),
    latency: fc.constantFrom(0, 5, 100, 1_000),
    losses: fc.constantFrom(0, 0.02, 0.1),
    incidents: fc.array(incident, { minLength: 1, maxLength: 12 }),
  });
}

/** What went wrong in a history, in words; empty where nothing did. */
export interface Outcome {
  /** How many terms had a callback. */
  readonly terms: number;
  readonly writes: number;
  /** Two leaders at one time, neither of which was told to stop. */
  readonly together: readonly string[];
  /** Writes of a leader after the first write of the next, and writes that were lost to a next leader. */
  readonly overwritten: readonly string[];
}

/** Lets electors live through a plan, while whoever leads counts up a number; through fenced clients, or as they are. */
export async function live(
  plan: Plan,
  options: { readonly fenced: boolean } & ElectionTiming,
): Promise<Outcome> {
  const { fenced, ...timing } = options;
  const world = new World([Count], plan.seed);
  const election = new Election(world);
  await world.client.create(Count, { metadata: COUNT, count: 0, term: -1, leader: 0 });
  const watching = new AbortController();
  const history = watchCount(world.client, watching.signal);
  world.latency = plan.latency;
  world.losses = plan.losses;

  const leading = new Set<Term>();
  const together: string[] = [];
  let terms = 0;
  const start = (identity: string, rate: number): Candidate => {
    const candidate = election.candidate(identity, timing, world.machine({ rate }));
    candidate.elector.events.on('termEnded', (term) => leading.delete(term));
    return candidate.run((term) => lead(candidate, term));
  };
  const lead = async ({ machine }: Candidate, term: Term): Promise<void> => {
    terms += 1;
    const leader = terms;
    leading.add(term);
    if (leading.size > 1) {
      const numbers = [...leading].map(({ identity, number }) => `${identity} in ${number}`);
      together.push(`at ${world.clock.monotonic()}: ${numbers.join(', ')}`);
    }
    const client = fenced ? term.client : machine.client;
    while (!term.signal.aborted) {
      await sleep(machine.clock, 200 + world.random.integer(800));
      const signal = AbortSignal.any([term.signal, giveUp(machine.clock)]);
      try {
        const { count } = await machine.client.get(Count, COUNT, { signal });
        await sleep(machine.clock, world.random.integer(300));
        const patch = { count: count + 1, term: term.number, leader };
        await client.patch(Count, COUNT, { type: 'merge', patch }, { signal });
      } catch {
        // the next turn tries again
      }
    }
  };
  const candidates = plan.rates.map((rate, index) => start(`m${index}`, rate));
  await world.advance(5_000);
  for (const { after, what, lasts, machine: index } of plan.incidents) {
    await world.advance(after);
    const place = index % candidates.length;
    const candidate = candidates[place] as Candidate;
    const { machine, elector } = candidate;
    if (what === 'cut') {
      machine.cut();
      world.clock.setTimer(lasts, () => machine.mend());
    } else if (what === 'end') {
      void elector.stop().then(() => {
        if (candidate.end !== undefined) candidate.run((term) => lead(candidate, term));
      });
    } else {
      machine.stop();
      world.clock.setTimer(lasts, () => machine.resume());
      if (what === 'twin') candidates[place] = start(`m${place}`, plan.rates[place] as number);
    }
  }
  await world.advance(60_000);
  watching.abort();
  await election.end();
  return { terms, writes: history.length, together, overwritten: overwritten(history) };
}

/** Aborts after some seconds: whoever waits for an answer gives up. */
function giveUp(clock: Client['clock']): AbortSignal {
  const controller = new AbortController();
  clock.setTimer(3_000, () => controller.abort(new Error('no answer')));
  return controller.signal;
}

/** Every state of the counter from now on, in the order of the commits. */
function watchCount(client: Client, signal: AbortSignal): readonly CountShape[] {
  const states: CountShape[] = [];
  void (async () => {
    for await (const event of client.watch(Count, { signal })) {
      if (event.type !== 'BOOKMARK') states.push(event.object);
    }
  })();
  return states;
}

function overwritten(history: readonly CountShape[]): readonly string[] {
  const found: string[] = [];
  const past = new Set<number>();
  history.forEach(({ term, count, leader }, index) => {
    const before = history[index - 1];
    if (before === undefined || before.leader === leader) return;
    past.add(before.leader);
    if (past.has(leader)) found.push(`leader ${leader} wrote after leader ${before.leader}`);
    if (term <= before.term) found.push(`term ${term} wrote after term ${before.term}`);
    if (count !== before.count + 1) found.push(`term ${term} began with ${count} after ${before.count}`);
  });
  return found;
}
