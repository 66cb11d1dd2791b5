import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deepFreeze, edit, frozenCopy, jsonEqual, NotJsonError } from '../../src/core/index.js';

interface Site {
  spec: { image: string; ports: { n: number }[]; note?: string };
  metadata: { labels: Record<string, string> };
}
const site: Site = deepFreeze({
  spec: { image: 'nginx', ports: [{ n: 80 }, { n: 443 }] },
  metadata: { labels: { app: 'a' } },
});

describe('edit', () => {
  it('changes what the recipe changes and leaves the original as it was', () => {
    const before = JSON.stringify(site);
    const next = edit(site, (draft) => {
      draft.spec.image = 'apache';
      draft.spec.ports.push({ n: 8080 });
    });
    expect(next.spec).toEqual({ image: 'apache', ports: [{ n: 80 }, { n: 443 }, { n: 8080 }] });
    expect(JSON.stringify(site)).toBe(before);
  });

  it('keeps the very parts that the recipe left alone', () => {
    const next = edit(site, (draft) => {
      draft.spec.ports[1]!.n = 444;
    });
    expect(next.metadata).toBe(site.metadata);
    expect(next.spec.ports[0]).toBe(site.spec.ports[0]);
    expect(next.spec).not.toBe(site.spec);
  });

  it('gives back the object itself when nothing changes in the end', () => {
    expect(edit(site, () => undefined)).toBe(site);
    const back = edit(site, (draft) => {
      draft.spec.image = 'apache';
      draft.spec.image = 'nginx';
      draft.spec.ports = draft.spec.ports.map((port) => ({ ...port }));
    });
    expect(back).toBe(site);
  });

  it('freezes the result, and nothing of it is the draft', () => {
    let kept: Site | undefined;
    const next = edit(site, (draft) => {
      draft.metadata.labels['tier'] = 'web';
      kept = draft;
    });
    expect(Object.isFrozen(next.metadata.labels)).toBe(true);
    kept!.metadata.labels['tier'] = 'db';
    expect(next.metadata.labels['tier']).toBe('web');
  });

  it('removes what the recipe deletes or sets to undefined', () => {
    const noted = edit(site, (draft) => {
      draft.spec.note = 'x';
    });
    const deleted = edit(noted, (draft) => {
      delete draft.spec.note;
    });
    expect(Object.keys(deleted.spec)).toEqual(['image', 'ports']);
    const cleared = edit(noted, (draft) => {
      (draft.spec as { note?: string | undefined }).note = undefined;
    });
    expect(Object.hasOwn(cleared.spec, 'note')).toBe(false);
  });

  it('refuses a recipe that returns something, and one that waits', () => {
    const push = ((draft: Site) => draft.spec.ports.push({ n: 1 })) as unknown as (draft: Site) => void;
    expect(() => edit(site, push)).toThrow(
      new TypeError('edit: expected the recipe to change its draft and return nothing, got number'),
    );
    const wait = (() => Promise.resolve()) as unknown as () => undefined;
    expect(() => edit(site, wait)).toThrow('got a promise: an edit cannot wait');
  });

  it('throws what the recipe throws', () => {
    const error = new Error('no');
    expect(() =>
      edit(site, () => {
        throw error;
      }),
    ).toThrow(error);
  });

  it('refuses what is not JSON, naming the field', () => {
    const put = (value: unknown) => (): unknown =>
      edit(site as unknown as { spec: { x?: unknown } }, (draft) => {
        draft.spec.x = value;
      });
    expect(put(new Date(0))).toThrow(NotJsonError);
    expect(put(new Date(0))).toThrow('spec.x: Invalid value: a Date: expected JSON');
    expect(put(Number.NaN)).toThrow('spec.x: Invalid value: NaN: expected a finite number');
  });

  it('treats __proto__ as any other key', () => {
    const hostile = frozenCopy(JSON.parse('{"data":{"__proto__":{"a":1},"b":{"c":1}}}'), '') as {
      data: Record<string, Record<string, number>>;
    };
    expect(edit(hostile, () => undefined)).toBe(hostile);
    const next = edit(hostile, (draft) => {
      const inner = Object.getOwnPropertyDescriptor(draft.data, '__proto__')?.value as Record<string, number>;
      inner['a'] = 2;
    });
    expect(JSON.stringify(next)).toBe('{"data":{"__proto__":{"a":2},"b":{"c":1}}}');
    expect(next.data['b']).toBe(hostile.data['b']);
    expect(JSON.stringify(hostile)).toContain('"a":1');
  });

  it('does what the same changes do to a structured clone', () => {
    type Step = readonly [
      path: readonly (string | number)[],
      change: 'set' | 'delete' | 'push',
      value: unknown,
    ];
    const step: fc.Arbitrary<Step> = fc.tuple(
      fc.array(fc.constantFrom<string | number>('a', 'b', 0, 1), { minLength: 1, maxLength: 3 }),
      fc.constantFrom('set', 'delete', 'push'),
      fc.oneof(fc.integer({ min: 0, max: 2 }), fc.constantFrom('x', null), fc.constant([]), fc.constant({})),
    );
    const apply = (root: object, [path, change, value]: Step): void => {
      let at = root as Record<string | number, unknown>;
      for (const key of path.slice(0, -1)) {
        const next = at[key];
        if (typeof next !== 'object' || next === null) return;
        at = next as Record<string | number, unknown>;
      }
      const last = path.at(-1) as string | number;
      if (Array.isArray(at)) {
        if (change === 'push') at.push(structuredClone(value));
        else if (typeof last === 'number' && last < at.length) {
          if (change === 'set') at[last] = structuredClone(value);
          else at.splice(last, 1);
        }
      } else if (change === 'delete') delete at[last];
      else at[last] = structuredClone(value);
    };
    const tree = fc.object({ key: fc.constantFrom('a', 'b', '0', '1'), maxDepth: 3, values: [fc.integer()] });
    fc.assert(
      fc.property(tree, fc.array(step, { maxLength: 6 }), (value, steps) => {
        const original = frozenCopy(value, '') as Record<string, unknown>;
        const text = JSON.stringify(original);
        const model = structuredClone(original);
        for (const one of steps) apply(model, one);
        const next = edit(original, (draft) => {
          for (const one of steps) apply(draft, one);
        });
        expect(next).toEqual(model);
        expect(JSON.stringify(original)).toBe(text);
        expect(next === original).toBe(jsonEqual(model, original));
      }),
    );
  });
});
