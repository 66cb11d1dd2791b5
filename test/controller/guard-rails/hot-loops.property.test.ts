import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HotLoops } from '../../../src/controller/guard-rails/hot-loops.js';
import { VirtualClock } from '../../../src/core/index.js';
import { state, Website } from './states.js';

const SEED = 20_261_122;

/** What an object has in its status; a field that is missing is not there. */
type Content = Readonly<Record<string, number>>;

/** A write of a controller: how long after the last one, on what, after which change by somebody else, and what it sets. */
interface Step {
  readonly wait: number;
  readonly name: string;
  readonly foreign: Content | undefined;
  readonly set: Content;
  readonly created: boolean;
  readonly cached: boolean;
}

// mostly the same to and fro after short waits, so that loops come about; now and then something else
const content = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 2 }), { maxKeys: 3 });
const step: fc.Arbitrary<Step> = fc.record({
  wait: fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(0, 100, 900) },
    { weight: 1, arbitrary: fc.constantFrom(3_000, 61_000) },
  ),
  name: fc.constantFrom('x', 'x', 'x', 'y'),
  foreign: fc.oneof(
    { weight: 12, arbitrary: fc.constant({ b: 0 }) },
    { weight: 1, arbitrary: fc.option(content, { nil: undefined }) },
  ),
  set: fc.oneof(
    { weight: 20, arbitrary: fc.constant({ a: 0, b: 1, c: 0 }) },
    { weight: 1, arbitrary: content },
  ),
  created: fc.integer({ min: 0, max: 60 }).map((number) => number === 0),
  cached: fc.integer({ min: 0, max: 9 }).map((number) => number > 0),
});

/** Keeps everything that ever happened to an object, and looks through it again at each write. */
class PlainObject {
  revision = 0;
  uid = 0;
  content: Content = {};
  /** What the controller saw of its own writes last, and the writes since the last look. */
  last: { readonly at: number; readonly uid: number; readonly content: Content } | undefined;
  series: { readonly at: number; readonly before: Content; readonly after: Content }[] = [];
  readonly found: { readonly at: number; readonly field: string }[] = [];

  observe(at: number, before: Content | undefined): { field: string; pattern: string }[] {
    const last = this.last?.uid === this.uid && at - this.last.at <= 10_000 ? this.last : undefined;
    if (last === undefined) this.series = [];
    const base = before ?? last?.content;
    this.last = { at, uid: this.uid, content: this.content };
    if (base === undefined) return [];
    this.series.push({ at, before: base, after: this.content });
    this.series = this.series.filter((write) => at - write.at <= 10_000);
    if (this.series.length < 10) return [];
    const fields = ['a', 'b', 'c'].filter((field) =>
      this.series.every((write) => write.before[field] !== write.after[field]),
    );
    const untold = fields.filter(
      (field) => !this.found.some((earlier) => earlier.field === field && at - earlier.at <= 60_000),
    );
    const result = untold.map((field) => {
      const values = this.series.map(({ after }) => after[field]);
      return { field, pattern: new Set(values).size < values.length ? 'oscillating' : 'ever new' };
    });
    this.found.push(...fields.map((field) => ({ at, field })));
    this.series = [];
    return result;
  }
}

describe('HotLoops', () => {
  it(`finds what a model finds that forgets nothing (seed ${SEED})`, async () => {
    let loops = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 60, maxLength: 120 }), async (steps) => {
        const clock = new VirtualClock();
        const detector = new HotLoops({ clock });
        const objects = new Map<string, PlainObject>();
        // a field that counts up, beside those that are drawn
        let counter = 0;
        for (const { wait, name, foreign, set, created, cached } of steps) {
          if (wait > 0) await clock.advance(wait);
          const object = objects.get(name) ?? new PlainObject();
          objects.set(name, object);
          if (created) object.uid += 1;
          if (foreign !== undefined) {
            object.revision += 1;
            object.content = foreign;
          }
          const { revision, uid } = object;
          const metadata = { uid: `${uid}`, name };
          const before = cached ? object.content : undefined;
          const after = 'a' in set ? { ...set, a: (counter += 1) } : set;
          object.content = after;
          object.revision += 1;
          const expected = object.observe(clock.monotonic(), before);
          const found = detector.observe({
            controller: 'site',
            resource: Website,
            key: { name },
            before: before && state(revision, { status: before }, metadata),
            after: state(object.revision, { status: after }, metadata),
          });
          const fields = found?.fields.map(({ path, pattern }) => ({
            field: path.replace('status.', ''),
            pattern,
          }));
          expect((fields ?? []).toSorted((x, y) => (x.field < y.field ? -1 : 1))).toEqual(expected);
          loops += expected.length;
        }
      }),
      { seed: SEED, numRuns: 100 },
    );
    // the histories are such that there is something to find
    expect(loops).toBeGreaterThan(100);
  });
});
