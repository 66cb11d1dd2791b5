import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/index.js';
import type { LoggedChange, LoggedObject } from '../../../src/testing/history/logged-change.js';
import {
  type WatchedEvent,
  type WatchHistory,
  type WatchRule,
  watchViolations,
} from '../../../src/testing/history/watch-rules.js';
import { randomLog, rightWatch } from './right-history.js';

type Told = Extract<WatchedEvent, { object: unknown }>;

/** One thing that a watch can do wrong: what it then would have told, or undefined where there is no place for it. */
type Mutation = (
  watch: WatchHistory,
  log: readonly LoggedChange[],
  random: SeededRandom,
) => Partial<WatchHistory> | undefined;

const isTold = (event: WatchedEvent | undefined): event is Told =>
  event !== undefined && event.type !== 'BOOKMARK';

/** The index of a random event of which something is so; undefined where there is none. */
function pick(
  events: readonly WatchedEvent[],
  random: SeededRandom,
  condition: (event: WatchedEvent, index: number) => boolean,
): number | undefined {
  const indexes = events.flatMap((event, index) => (condition(event, index) ? [index] : []));
  return indexes[random.integer(Math.max(1, indexes.length))];
}

/** The events with that at an index replaced. */
function replaced(
  events: readonly WatchedEvent[],
  index: number,
  change: (event: Told) => Partial<Told>,
): WatchedEvent[] {
  return events.map((event, at) => (at === index && isTold(event) ? { ...event, ...change(event) } : event));
}

const single = (events: readonly WatchedEvent[], index: number): boolean => {
  const event = events[index];
  const before = events[index - 1];
  return isTold(event) && !event.more && !(isTold(before) && before.more);
};

const mutations: Readonly<Record<string, readonly [readonly WatchRule[], Mutation]>> = {
  'drops an event in the middle': [
    ['reliable', 'resumable'],
    ({ events }, _log, random) => {
      const index = pick(events, random, (_event, at) => single(events, at) && at < events.length - 1);
      return index === undefined ? undefined : { events: events.toSpliced(index, 1) };
    },
  ],
  'drops the first event': [
    ['resumable'],
    ({ events }) => {
      const index = events.findIndex(isTold);
      return index === -1 || index === events.length - 1 ? undefined : { events: events.toSpliced(index, 1) };
    },
  ],
  'drops everything that a bookmark at the end covers': [
    ['resumable'],
    ({ events }) => {
      const last = events.findLast(isTold);
      if (last === undefined) return undefined;
      return { events: [{ type: 'BOOKMARK', revision: last.object.revision }] };
    },
  ],
  'drops one of several of a commit': [
    ['reliable', 'resumable', 'atomic'],
    ({ events }, _log, random) => {
      const index = pick(events, random, (event) => isTold(event) && event.more);
      return index === undefined ? undefined : { events: events.toSpliced(index, 1) };
    },
  ],
  'repeats an event': [
    ['unique'],
    ({ events }, _log, random) => {
      const index = pick(events, random, isTold);
      return index === undefined
        ? undefined
        : { events: events.toSpliced(index, 0, events[index] as WatchedEvent) };
    },
  ],
  'repeats everything from some event on': [
    ['unique', 'ordered'],
    ({ events }, _log, random) => {
      const index = pick(events, random, isTold);
      return index === undefined ? undefined : { events: [...events, ...events.slice(index)] };
    },
  ],
  'swaps two events': [
    ['ordered'],
    ({ events }, _log, random) => {
      const index = pick(events, random, (_event, at) => single(events, at) && single(events, at + 1));
      if (index === undefined) return undefined;
      return { events: events.toSpliced(index, 2, events[index + 1] as Told, events[index] as Told) };
    },
  ],
  'goes back in time': [
    ['ordered', 'unique'],
    ({ events }) => {
      const index = events.findIndex(isTold);
      return index === -1 || events.length < 3 ? undefined : { events: [...events, events[index] as Told] };
    },
  ],
  'splits a commit': [
    ['atomic'],
    ({ events }, _log, random) => {
      const index = pick(events, random, (event) => isTold(event) && event.more);
      return index === undefined ? undefined : { events: replaced(events, index, () => ({ more: false })) };
    },
  ],
  'says that more follows where nothing does': [
    ['atomic'],
    ({ events }, _log, random) => {
      const index = pick(events, random, (_event, at) => single(events, at) && at < events.length - 1);
      return index === undefined ? undefined : { events: replaced(events, index, () => ({ more: true })) };
    },
  ],
  'sets a bookmark into a commit': [
    ['atomic'],
    ({ events }, _log, random) => {
      const index = pick(events, random, (event) => isTold(event) && event.more);
      if (index === undefined) return undefined;
      const { revision } = (events[index] as Told).object;
      return { events: events.toSpliced(index + 1, 0, { type: 'BOOKMARK', revision }) };
    },
  ],
  'sets a bookmark before what it covers': [
    ['bookmarkable'],
    ({ events }, _log, random) => {
      const index = pick(events, random, (_event, at) => single(events, at));
      if (index === undefined) return undefined;
      const { revision } = (events[index] as Told).object;
      return { events: events.toSpliced(index, 0, { type: 'BOOKMARK', revision }) };
    },
  ],
  'sets a bookmark that is old': [
    ['bookmarkable'],
    ({ events }) => {
      const last = events.findLast(isTold);
      if (last === undefined || last.more) return undefined;
      return { events: [...events, { type: 'BOOKMARK', revision: last.object.revision - 1 }] };
    },
  ],
  'sets bookmarks that go back': [
    ['bookmarkable'],
    ({ events }) =>
      [...events].some(isTold)
        ? {
            events: [...events, { type: 'BOOKMARK', revision: 9_000 }, { type: 'BOOKMARK', revision: 8_000 }],
          }
        : undefined,
  ],
  'tells of something that it is not about': [
    ['filter'],
    ({ events, from, matches }, log) => {
      const change = log.findLast(
        ({ before, after, revision }) =>
          revision > from &&
          after !== undefined &&
          !matches(after) &&
          (before === undefined || !matches(before)),
      );
      if (change?.after === undefined) return undefined;
      return { events: [...events, { type: 'ADDED', object: change.after, more: false }] };
    },
  ],
  'tells of what is from before it began': [
    ['resumable'],
    ({ events, from, matches }, log) => {
      const change = log.findLast(
        ({ after, revision }) => revision <= from && after !== undefined && matches(after),
      );
      if (change?.after === undefined) return undefined;
      return { events: [{ type: 'ADDED', object: change.after, more: false }, ...events] };
    },
  ],
  'calls what is new changed': [
    ['type'],
    ({ events }, _log, random) => {
      const index = pick(events, random, ({ type }) => type === 'ADDED');
      return index === undefined
        ? undefined
        : { events: replaced(events, index, () => ({ type: 'MODIFIED' })) };
    },
  ],
  'calls what has changed new': [
    ['type'],
    ({ events }, _log, random) => {
      const index = pick(events, random, ({ type }) => type === 'MODIFIED');
      return index === undefined ? undefined : { events: replaced(events, index, () => ({ type: 'ADDED' })) };
    },
  ],
  'calls what is gone changed': [
    ['type'],
    ({ events }, _log, random) => {
      const index = pick(events, random, ({ type }) => type === 'DELETED');
      return index === undefined
        ? undefined
        : { events: replaced(events, index, () => ({ type: 'MODIFIED' })) };
    },
  ],
  'gives a deletion the revision of the last write': [
    ['state', 'ordered', 'type'],
    ({ events }, log, random) => {
      const index = pick(events, random, ({ type }) => type === 'DELETED');
      if (index === undefined) return undefined;
      const { object } = events[index] as Told;
      const change = log.find(
        ({ revision, before }) => revision === object.revision && before?.name === object.name,
      );
      const revision = change?.before?.revision ?? 0;
      return { events: replaced(events, index, (event) => ({ object: { ...event.object, revision } })) };
    },
  ],
  'shows an old state': [
    ['state'],
    ({ events }, log, random) => {
      const index = pick(events, random, ({ type }) => type === 'MODIFIED');
      if (index === undefined) return undefined;
      const { object } = events[index] as Told;
      const change = log.find(
        ({ revision, after }) => revision === object.revision && after?.name === object.name,
      );
      const content = change?.before?.content ?? '';
      return { events: replaced(events, index, (event) => ({ object: { ...event.object, content } })) };
    },
  ],
  'tells of what never happened': [
    ['state'],
    ({ events }) => {
      const object: LoggedObject = { namespace: '', name: 'x', revision: 9_000, labels: {}, content: '' };
      return { events: [...events, { type: 'ADDED', object, more: false }] };
    },
  ],
  'begins without something that was there': [
    ['resumable'],
    ({ initial = [] }) => (initial.length === 0 ? undefined : { initial: initial.slice(1) }),
  ],
  'begins with something twice': [
    ['unique'],
    ({ initial = [] }) =>
      initial.length === 0 ? undefined : { initial: [...initial, initial[0] as LoggedObject] },
  ],
  'begins with something that was gone': [
    ['resumable'],
    ({ initial = [] }) => ({
      initial: [...initial, { namespace: '', name: 'x', revision: 5, labels: {}, content: '' }],
    }),
  ],
  'begins with an old state': [
    ['resumable'],
    ({ initial = [] }) => {
      const [first, ...rest] = initial;
      return first === undefined
        ? undefined
        : { initial: [{ ...first, revision: first.revision - 1 }, ...rest] };
    },
  ],
};

const SEEDS = Array.from({ length: 80 }, (_, index) => index + 1);

function make(seed: number): { log: LoggedChange[]; watch: WatchHistory; random: SeededRandom } {
  const random = new SeededRandom(seed);
  const log = randomLog(random, 25);
  const from = 10 + random.integer(12);
  const watch = rightWatch(log, from, random.next() < 0.5 ? 'red' : undefined, random);
  return { log, watch, random };
}

describe('the rules of watches', () => {
  it('find nothing wrong with watches that are right', () => {
    for (const seed of SEEDS) {
      const { log, watch } = make(seed);
      expect(watchViolations(log, [watch])).toEqual([]);
    }
  });

  it('find nothing wrong with a watch that was cut off', () => {
    for (const seed of SEEDS) {
      const { log, watch, random } = make(seed);
      const events = watch.events.slice(0, random.integer(watch.events.length + 1));
      expect(watchViolations(log, [{ ...watch, events }])).toEqual([]);
    }
  });

  for (const [name, [rules, mutate]] of Object.entries(mutations)) {
    it(`find a watch that ${name}`, () => {
      let mutants = 0;
      for (const seed of SEEDS) {
        const { log, watch, random } = make(seed);
        const change = mutate(watch, log, random);
        if (change === undefined) continue;
        mutants += 1;
        const found = watchViolations(log, [{ ...watch, ...change }]).map(({ rule }) => rule);
        expect(
          found.filter((rule) => rules.includes(rule)),
          `seed ${seed}: found ${found.join(', ')}`,
        ).not.toEqual([]);
      }
      expect(mutants).toBeGreaterThan(10);
    });
  }
});
