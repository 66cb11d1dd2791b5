import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { SeededRandom } from '../../../src/core/index.js';
import { SchedulingEngine } from '../../../src/scheduler/engine/scheduling-engine.js';
import { sampleSize } from '../../../src/scheduler/engine/sample-size.js';
import { type Plugin, SKIP } from '../../../src/scheduler/framework/index.js';
import {
  Job,
  job,
  type Job as JobObject,
  Machine,
  machine,
  type Machine as MachineObject,
  model,
  plugins,
} from './machines.js';

const SEED = 20_261_130;
const MACHINES = 180;
const STEPS = 40;

interface Found {
  readonly hosts: readonly string[];
  readonly evaluated: number;
  readonly rejections: Readonly<Record<string, number>>;
}

/** Goes through the machines one by one, from where it last stopped, until enough of them will do. */
class PlainSearch {
  // by index; an index that is free is given to the next machine, the one that was freed last first
  #names: (string | undefined)[] = [];
  #free: number[] = [];
  #lookedAt = 0;

  get machines(): readonly string[] {
    return this.#names.filter((name) => name !== undefined);
  }

  add(name: string): void {
    if (!this.#names.includes(name)) this.#names[this.#free.pop() ?? this.#names.length] = name;
  }

  remove(name: string): void {
    const index = this.#names.indexOf(name);
    if (index === -1) return;
    this.#names[index] = undefined;
    this.#free.push(index);
  }

  /** As it is now. */
  copy(): PlainSearch {
    const copy = new PlainSearch();
    copy.#names = [...this.#names];
    copy.#free = [...this.#free];
    copy.#lookedAt = this.#lookedAt;
    return copy;
  }

  find(enough: number, reasonsOf: (name: string) => readonly string[] | undefined): Found {
    const hosts: string[] = [];
    const rejections: Record<string, number> = {};
    let evaluated = 0;
    const start = this.#lookedAt % this.machines.length;
    for (const name of [...this.#names.slice(start), ...this.#names.slice(0, start)]) {
      if (hosts.length === enough) break;
      if (name === undefined) continue;
      evaluated += 1;
      const reasons = reasonsOf(name);
      if (reasons === undefined) hosts.push(name);
      for (const reason of reasons ?? []) rejections[reason] = (rejections[reason] ?? 0) + 1;
    }
    return { hosts, evaluated, rejections };
  }

  stop(evaluated: number): void {
    this.#lookedAt += evaluated;
  }
}

/** An engine that looks for enough, and beside it what it should do: one that is shown only what was found, and asked about all of it. */
class Pair {
  readonly engine: SchedulingEngine<JobObject, MachineObject>;
  readonly #plain: SchedulingEngine<JobObject, MachineObject>;
  readonly #percentage: number | 'adaptive';
  #search = new PlainSearch();
  readonly #forks: PlainSearch[] = [];
  #found: readonly string[] | undefined;

  constructor(percentage: number | 'adaptive') {
    this.#percentage = percentage;
    const found: Plugin<JobObject, MachineObject> = {
      name: 'Found',
      preFilter: () => (this.#found === undefined ? SKIP : { hosts: new Set(this.#found) }),
    };
    this.engine = new SchedulingEngine({ plugins, model, seed: 3, percentageOfNodesToScore: percentage });
    this.#plain = new SchedulingEngine({ plugins: [...plugins, found], model });
  }

  get forks(): number {
    return this.#forks.length;
  }

  each(work: (engine: SchedulingEngine<JobObject, MachineObject>) => void): void {
    work(this.engine);
    work(this.#plain);
  }

  setMachine(object: MachineObject): void {
    this.each((engine) => engine.set(Machine, object));
    this.#search.add(object.metadata.name);
  }

  unsetMachine(name: string): void {
    this.each((engine) => engine.unset(Machine, { name }));
    this.#search.remove(name);
  }

  fork(): void {
    this.each((engine) => engine.fork());
    this.#forks.push(this.#search.copy());
  }

  rollback(): void {
    this.each((engine) => engine.rollback());
    this.#search = this.#forks.pop() as PlainSearch;
  }

  expectAgreement(wish: JobObject, places: boolean): void {
    this.#found = undefined;
    const all = this.#plain.evaluate(wish);
    expect(this.engine.evaluate(wish).feasible).toEqual(all.feasible);
    const decision = places ? this.engine.place(wish) : this.engine.schedule(wish);
    const { size } = new Set(this.#search.machines);
    // what a plugin names is looked at as a whole
    const enough = all.preFilterNodes === undefined ? sampleSize(size, this.#percentage) : size;
    const found = this.#search.find(enough, (name) => all.rejected[name]?.reasons);
    expect(decision.feasible).toBe(found.hosts.length);
    expect(Object.fromEntries(decision.rejections)).toEqual(found.rejections);
    expect(decision.message).toBe(all.message);
    if (decision.node === undefined) return;
    if (all.preFilterNodes === undefined) expect(decision.evaluated).toBe(found.evaluated);
    this.#search.stop(found.evaluated);
    this.#found = found.hosts;
    const among = this.#plain.evaluate(wish);
    expect(among.best).toContain(decision.node);
    const at = among.feasible.indexOf(decision.node);
    expect(decision.total).toBe(among.totals?.[at]);
    const scores = Object.entries(among.scores ?? {}).map(([plugin, given]) => [plugin, given[at]]);
    expect(Object.fromEntries(decision.scores)).toEqual(Object.fromEntries(scores));
    if (places) this.#plain.assume(wish, decision.node);
  }
}

function randomMachine(random: SeededRandom, at: number): MachineObject {
  const isSmall = random.integer(6) === 0;
  return machine(
    `m${at}`,
    isSmall ? random.integer(3) : 3 + random.integer(9),
    random.integer(6),
    `r${random.integer(40)}`,
  );
}

function randomJob(random: SeededRandom): JobObject {
  const one = <T>(of: number, value: T): T | undefined => (random.integer(of) === 0 ? value : undefined);
  const spec = {
    cpu: random.integer(4),
    bears: random.integer(3) === 0 ? random.integer(1_000_000) : 2 + random.integer(3),
    priority: random.integer(3),
    rack: one(8, `r${random.integer(40)}`),
    apart: one(3, `g${random.integer(3)}`),
    near: one(3, `g${random.integer(3)}`),
    only: one(8, [`m${random.integer(MACHINES)}`, `m${random.integer(MACHINES)}`, 'm999']),
  };
  return job(
    `j${random.integer(60)}`,
    Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined)) as typeof spec,
  );
}

function takeStep(pair: Pair, random: SeededRandom): void {
  const step = random.integer(20);
  const name = `m${random.integer(MACHINES)}`;
  if (step === 0) pair.setMachine(randomMachine(random, random.integer(MACHINES + 10)));
  else if (step === 1) pair.unsetMachine(name);
  else if (step === 2) {
    const { metadata, spec } = randomJob(random);
    pair.each((engine) => engine.set(Job, job(metadata.name, { ...spec, keep: name })));
  } else if (step === 3) pair.fork();
  else if (step === 4 && pair.forks > 0) pair.rollback();
  else pair.expectAgreement(randomJob(random), step > 8);
}

test(`a decision is the best among the first hosts that will do, and the next starts behind them (seed ${SEED})`, () => {
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom(1, 60, 80, 100, 'adaptive' as const), (seed, percentage) => {
      const random = new SeededRandom(seed);
      const pair = new Pair(percentage);
      for (let at = 0; at < MACHINES; at += 1) pair.setMachine(randomMachine(random, at));
      for (let at = 0; at < STEPS; at += 1) takeStep(pair, random);
      while (pair.forks > 0) {
        pair.rollback();
        pair.expectAgreement(randomJob(random), false);
      }
    }),
    { seed: SEED, numRuns: 60 },
  );
});
