import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/index.js';
import { linearizabilityViolations } from '../../../src/testing/history/linearizability.js';
import type { LoggedChange, LoggedObject } from '../../../src/testing/history/logged-change.js';
import type { Effect, Operation } from '../../../src/testing/history/operation.js';
import { randomLog } from './right-history.js';

const missing = { reason: 'NotFound', because: (object: LoggedObject | undefined) => object === undefined };
const present = {
  reason: 'AlreadyExists',
  because: (object: LoggedObject | undefined) => object !== undefined,
};
const not = (revision: number) => ({
  reason: 'Conflict',
  because: (object: LoggedObject | undefined) => object?.revision !== revision,
});

type Kind<K extends Operation['kind']> = Extract<Operation, { kind: K }>;

/** A right history over a random log: every operation happens at one moment between its request and its answer. */
function rightHistory(seed: number): { log: LoggedChange[]; operations: Operation[]; random: SeededRandom } {
  const random = new SeededRandom(seed);
  const log = randomLog(random, 30);
  const operations: Operation[] = [];
  const state = new Map<string, LoggedObject>();
  let now = 100;
  let revision = 10;
  // the request of one may be before the moments of some others, and so may the answer be after them
  const around = (): { name: string; invoked: number; returned: number } => {
    now += 10;
    const name = `o${operations.length}`;
    return {
      name,
      invoked: now - random.integer(40) - random.next(),
      returned: now + random.integer(40) + random.next(),
    };
  };
  const look = (): void => {
    const place = `/n${random.integer(6)}`;
    const object = state.get(place);
    const choice = random.integer(4);
    if (choice === 0) operations.push({ ...around(), kind: 'get', place, object });
    else if (choice === 1) {
      operations.push({ ...around(), kind: 'refused', place, ...(object === undefined ? missing : present) });
    } else if (choice === 2) {
      if (object === undefined) return;
      operations.push({ ...around(), kind: 'refused', place, ...not(object.revision - 1) });
    } else {
      const matches = (each: LoggedObject): boolean => each.labels['colour'] === 'red';
      const objects = [...state.values()].filter(matches);
      operations.push({ ...around(), kind: 'list', revision, objects, matches, isOld: false });
    }
  };
  for (let index = 0; index < log.length; ) {
    for (let looks = random.integer(3); looks > 0; looks -= 1) look();
    revision = (log[index] as LoggedChange).revision;
    const effects: Effect[] = [];
    for (; log[index]?.revision === revision; index += 1) {
      const { before, after } = log[index] as LoggedChange;
      const place = `/${(after ?? before)?.name}`;
      // some say what they make of what they know, and no more
      const rule = (content: string | undefined) => (content === before?.content ? after?.content : false);
      effects.push({ place, content: random.integer(2) === 0 ? after?.content : rule });
      if (after === undefined) state.delete(place);
      else state.set(place, after);
    }
    const choice = random.integer(8);
    const isNamed = effects.some(({ content }) => typeof content === 'string');
    if (choice === 0 && isNamed) {
      operations.push({ ...around(), kind: 'uncertain', returned: Number.POSITIVE_INFINITY, effects });
    } else {
      operations.push({
        ...around(),
        kind: 'write',
        revision: choice === 1 && isNamed ? undefined : revision,
        effects,
      });
    }
  }
  // at the end somebody sees everything
  const matches = (): boolean => true;
  const all = {
    name: 'end',
    kind: 'list',
    revision,
    objects: [...state.values()],
    matches,
    isOld: false,
  } as const;
  operations.push({ ...all, invoked: 8_000, returned: 8_001 });
  // what never happened, and need not have
  operations.push({
    ...around(),
    kind: 'uncertain',
    returned: Number.POSITIVE_INFINITY,
    effects: [{ place: '/n1', content: 'never' }],
  });
  return { log, operations, random };
}

/** One thing that can be wrong with a history; undefined where there is no place for it. */
type Mutation = (history: {
  readonly log: LoggedChange[];
  readonly operations: Operation[];
  readonly random: SeededRandom;
}) => { readonly log?: LoggedChange[]; readonly operations?: Operation[] } | undefined;

function pick<K extends Operation['kind']>(
  { operations, random }: { readonly operations: Operation[]; readonly random: SeededRandom },
  kind: K,
  condition: (operation: Kind<K>) => boolean = () => true,
): Kind<K> | undefined {
  const all = operations.filter((each): each is Kind<K> => each.kind === kind && condition(each as Kind<K>));
  return all[random.integer(Math.max(1, all.length))];
}

const swap = (operations: Operation[], was: Operation, is: Operation): { operations: Operation[] } => ({
  operations: operations.map((each) => (each === was ? is : each)),
});

const mutations: Readonly<Record<string, Mutation>> = {
  'a write that was lost': (history) => {
    const write = pick(history, 'write', ({ revision }) => revision !== undefined);
    return write && { log: history.log.filter(({ revision }) => revision !== write.revision) };
  },
  'a write without a revision that was lost': (history) => {
    const write = pick(history, 'write', ({ revision }) => revision === undefined);
    const effect = write?.effects.find(({ content }) => typeof content === 'string');
    return (
      effect && {
        log: history.log.filter(({ after }) => after?.content !== effect.content || after === undefined),
      }
    );
  },
  'a write that nobody asked for': (history) => {
    const write = pick(history, 'write');
    return write && { operations: history.operations.filter((each) => each !== write) };
  },
  'a write that happened twice': (history) => {
    const write = pick(
      history,
      'write',
      ({ effects, revision }) => effects.length === 1 && revision !== undefined,
    );
    const change = history.log.find(({ revision }) => revision === write?.revision);
    return change && { log: [...history.log, { ...change, revision: 9_000 }] };
  },
  'two writes with one revision': (history) => {
    const write = pick(history, 'write', ({ revision }) => revision !== undefined);
    return write && { operations: [...history.operations, { ...write, name: 'again' }] };
  },
  'a write with the revision of another': (history) => {
    const write = pick(history, 'write', ({ revision }) => revision !== undefined);
    return write && swap(history.operations, write, { ...write, revision: (write.revision ?? 0) + 1_000 });
  },
  'a write of something else': (history) => {
    const write = pick(history, 'write', ({ revision }) => revision !== undefined);
    const [effect, ...rest] = write?.effects ?? [];
    if (write === undefined || effect === undefined) return undefined;
    return swap(history.operations, write, { ...write, effects: [{ ...effect, content: 'else' }, ...rest] });
  },
  'a write that happened before it was asked for': (history) => {
    const write = pick(history, 'write', ({ revision }) => (revision ?? Number.POSITIVE_INFINITY) < 25);
    return write && swap(history.operations, write, { ...write, invoked: 9_000, returned: 9_001 });
  },
  'a get of an old state': (history) => {
    const old = history.log.find(
      ({ after, revision }) =>
        after !== undefined && history.log.some((each) => each.revision > revision && each.before === after),
    )?.after;
    if (old === undefined) return undefined;
    const place = `/${old.name}`;
    const get = { name: 'old', invoked: 9_000, returned: 9_001, kind: 'get', place, object: old } as const;
    return { operations: [...history.operations, get] };
  },
  'a get of what was deleted': (history) => {
    const gone = history.log.findLast(({ after, before }) => {
      const name = before?.name;
      return (
        after === undefined &&
        !history.log.some(
          (each) =>
            each.after?.name === name && each.before === undefined && each.revision > (before?.revision ?? 0),
        )
      );
    })?.before;
    if (gone === undefined) return undefined;
    const get = {
      name: 'old',
      invoked: 9_000,
      returned: 9_001,
      kind: 'get',
      place: `/${gone.name}`,
      object: gone,
    } as const;
    return { operations: [...history.operations, get] };
  },
  'a get that misses what is there': (history) => {
    const last = history.log.at(-1)?.after;
    if (last === undefined) return undefined;
    const get = {
      name: 'blind',
      invoked: 9_000,
      returned: 9_001,
      kind: 'get',
      place: `/${last.name}`,
      object: undefined,
    } as const;
    return { operations: [...history.operations, get] };
  },
  'a get of what never was': (history) => {
    const get = pick(history, 'get', ({ object }) => object !== undefined);
    if (get?.object === undefined) return undefined;
    return swap(history.operations, get, { ...get, object: { ...get.object, content: 'else' } });
  },
  'a get of the future': (history) => {
    const last = history.log.at(-1)?.after;
    if (last === undefined) return undefined;
    const get = {
      name: 'early',
      invoked: 1,
      returned: 2,
      kind: 'get',
      place: `/${last.name}`,
      object: last,
    } as const;
    return { operations: [...history.operations, get] };
  },
  'a list of an old state': (history) => {
    const list = pick(history, 'list', ({ revision }) => revision < 30);
    return list && swap(history.operations, list, { ...list, invoked: 9_000, returned: 9_001 });
  },
  'a list of the future': (history) => {
    const list = pick(history, 'list', ({ revision }) => revision > 30);
    return list && swap(history.operations, list, { ...list, invoked: 1, returned: 2 });
  },
  'a list without something': (history) => {
    const list = pick(history, 'list', ({ objects }) => objects.length > 0);
    return list && swap(history.operations, list, { ...list, objects: list.objects.slice(1) });
  },
  'a list with something twice': (history) => {
    const list = pick(history, 'list', ({ objects }) => objects.length > 0);
    return list && swap(history.operations, list, { ...list, objects: [...list.objects, ...list.objects] });
  },
  'a list of two moments': (history) => {
    const list = pick(history, 'list', ({ objects }) => objects.length > 0);
    const [first, ...rest] = list?.objects ?? [];
    if (list === undefined || first === undefined) return undefined;
    return swap(history.operations, list, {
      ...list,
      objects: [{ ...first, revision: first.revision + 1 }, ...rest],
    });
  },
  'a list with another revision than that of its state': (history) => {
    const list = pick(history, 'list', ({ revision, objects }) => {
      const next = history.log.find((change) => change.revision > revision);
      return next?.after?.labels['colour'] === 'red' && !objects.includes(next.after);
    });
    const next = history.log.find(({ revision }) => revision > (list?.revision ?? 0));
    return list && next && swap(history.operations, list, { ...list, revision: next.revision });
  },
  'a refusal for what was there': (history) => {
    const last = history.log.at(-1)?.after;
    if (last === undefined) return undefined;
    const refused = {
      name: 'r',
      invoked: 9_000,
      returned: 9_001,
      kind: 'refused',
      place: `/${last.name}`,
      ...missing,
    } as const;
    return { operations: [...history.operations, refused] };
  },
  'a refusal for what was not there': (history) => {
    const refused = {
      name: 'r',
      invoked: 9_000,
      returned: 9_001,
      kind: 'refused',
      place: '/x',
      ...present,
    } as const;
    return { operations: [...history.operations, refused] };
  },
  'a conflict with what was expected': (history) => {
    const last = history.log.at(-1)?.after;
    if (last === undefined) return undefined;
    const refused = {
      name: 'r',
      invoked: 9_000,
      returned: 9_001,
      kind: 'refused',
      place: `/${last.name}`,
      ...not(last.revision),
    } as const;
    return { operations: [...history.operations, refused] };
  },
};

/** The log of objects that get these contents, one after the other; `-` deletes. */
function logOf(...changes: readonly (readonly [string, string])[]): LoggedChange[] {
  const state = new Map<string, LoggedObject>();
  return changes.map(([name, content], index) => {
    const revision = index + 1;
    const before = state.get(name);
    const after = content === '-' ? undefined : { namespace: '', name, revision, labels: {}, content };
    if (after === undefined) state.delete(name);
    else state.set(name, after);
    return { revision, before, after };
  });
}

/** From `invoked` to `returned`. */
const during = (invoked: number, returned: number) => ({ name: 'o', invoked, returned });
const wrote = (
  name: string,
  content: string | undefined,
  revision: number,
  invoked = revision * 10,
): Operation => ({
  ...during(invoked, invoked + 1),
  kind: 'write',
  revision,
  effects: [{ place: `/${name}`, content }],
});
/** Held objects are marked, others deleted. */
const remove = (content: string | undefined) => {
  if (content === undefined || content === 'marked') return content;
  return content === 'held' ? 'marked' : undefined;
};
const removal = (name: string): Effect => ({ place: `/${name}`, content: remove });
const object = (name: string, content: string, revision: number): LoggedObject => ({
  namespace: '',
  name,
  revision,
  labels: {},
  content,
});

describe('the check of linearizability, of writes that go by a rule,', () => {
  const first = wrote('a', 'held', 1);
  const log = logOf(['a', 'held'], ['a', 'marked']);
  const mark = { ...during(20, 25), kind: 'write', revision: 2, effects: [removal('a')] } as const;

  it('takes one that finds what it would make for one that leaves no trace', () => {
    const again = { ...mark, ...during(30, 35) };
    expect(linearizabilityViolations(log, [first, mark, again])).toEqual([]);
    expect(linearizabilityViolations(log, [first, again, mark])).toEqual([]);
    const without = { ...again, revision: undefined };
    expect(linearizabilityViolations(log, [first, mark, without])).toEqual([]);
  });

  it('finds one that was answered before anybody had made what it found', () => {
    const early = { ...mark, ...during(12, 15) };
    const uncertain = { ...mark, kind: 'uncertain', ...during(20, Number.POSITIVE_INFINITY) } as const;
    const seen = { ...during(16, 17), kind: 'get', place: '/a', object: object('a', 'held', 1) } as const;
    expect(linearizabilityViolations(log, [first, early, seen])).not.toEqual([]);
    expect(linearizabilityViolations(log, [first, uncertain, { ...seen, ...during(12, 15) }])).toEqual([]);
  });

  it('finds one that made something else', () => {
    const gone = logOf(['a', 'held'], ['a', '-']);
    expect(linearizabilityViolations(gone, [first, mark])).not.toEqual([]);
    expect(linearizabilityViolations(gone, [first, { ...mark, revision: undefined }])).not.toEqual([]);
  });

  it('shares commits that nobody knows the writer of among those that may be', () => {
    const lives = logOf(['a', 'x'], ['a', '-'], ['a', 'y'], ['a', '-']);
    const writes = [wrote('a', 'x', 1), wrote('a', 'y', 3)];
    const never = Number.POSITIVE_INFINITY;
    const one = { ...during(15, never), kind: 'uncertain', effects: [removal('a')] } as const;
    const other = { ...one, ...during(16, never) };
    expect(linearizabilityViolations(lives, [...writes, one, other])).toEqual([]);
    expect(linearizabilityViolations(lives, [...writes, one])).not.toEqual([]);
    // the second was over before the second life began
    const short = { ...other, ...during(16, 17) };
    expect(linearizabilityViolations(lives, [...writes, short, one])).toEqual([]);
    expect(linearizabilityViolations(lives, [...writes, short, { ...short, name: 'p' }])).not.toEqual([]);
  });
});

describe('the check of linearizability, of what is done to each of a selection,', () => {
  const log = logOf(['a', 'x'], ['b', 'held'], ['b', 'marked'], ['a', '-'], ['c', 'y']);
  const writes = [wrote('a', 'x', 1), wrote('b', 'held', 2), wrote('c', 'y', 5)];
  const each = {
    ...during(25, 45),
    kind: 'each',
    revision: 4,
    objects: [object('a', 'x', 1), object('b', 'held', 2)],
    matches: () => true,
    content: remove,
  } as const;

  it('finds nothing wrong where all is done, by whomever', () => {
    expect(linearizabilityViolations(log, [...writes, each])).toEqual([]);
    const other = { ...during(26, 30), kind: 'write', revision: 3, effects: [removal('b')] } as const;
    expect(linearizabilityViolations(log, [...writes, each, other])).toEqual([]);
  });

  it('finds what was left out', () => {
    const left = log.filter(({ revision }) => revision !== 4);
    expect(linearizabilityViolations(left, [...writes, each])).toEqual([
      expect.stringContaining('/a was left'),
    ]);
  });

  it('finds what was not done before the answer', () => {
    const late = { ...each, ...during(25, 26), revision: 2 };
    const seen = { ...during(30, 31), kind: 'get', place: '/a', object: object('a', 'x', 1) } as const;
    const end = { ...during(60, 61), kind: 'uncertain', effects: [removal('a')] } as const;
    expect(linearizabilityViolations(log, [...writes, late, seen, end])).not.toEqual([]);
  });

  it('finds a selection that never was', () => {
    for (const objects of [each.objects.slice(1), [...each.objects, object('c', 'y', 5)], []]) {
      expect(linearizabilityViolations(log, [...writes, { ...each, objects }])).not.toEqual([]);
    }
  });

  it('finds what was done to more than the selection', () => {
    const more = logOf(['a', 'x'], ['b', 'held'], ['a', '-'], ['b', 'marked']);
    const one = {
      ...each,
      objects: [object('a', 'x', 1)],
      matches: ({ name }: LoggedObject) => name === 'a',
    };
    expect(linearizabilityViolations(more, [...writes.slice(0, 2), one])).not.toEqual([]);
  });
});

const SEEDS = Array.from({ length: 80 }, (_, index) => index + 1);

describe('the check of linearizability', () => {
  it('finds nothing wrong with histories that are right', () => {
    for (const seed of SEEDS) {
      const { log, operations } = rightHistory(seed);
      expect(linearizabilityViolations(log, operations)).toEqual([]);
    }
  });

  it('takes a list that may be old for what it is', () => {
    for (const seed of SEEDS) {
      const { log, operations } = rightHistory(seed);
      const old = operations.map(
        (each): Operation =>
          each.kind === 'list' ? { ...each, isOld: true, invoked: 9_000, returned: 9_001 } : each,
      );
      expect(linearizabilityViolations(log, old)).toEqual([]);
    }
  });

  for (const [name, mutate] of Object.entries(mutations)) {
    it(`finds ${name}`, () => {
      let mutants = 0;
      for (const seed of SEEDS) {
        const history = rightHistory(seed);
        const change = mutate(history);
        if (change === undefined) continue;
        mutants += 1;
        const { log, operations } = { ...history, ...change };
        expect(linearizabilityViolations(log, operations), `seed ${seed}`).not.toEqual([]);
      }
      expect(mutants).toBeGreaterThan(10);
    });
  }
});
