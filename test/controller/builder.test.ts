import { describe, expect, it } from 'vitest';
import { type AnyResource, controller, type Reconciler } from '../../src/index.js';
import { Page, Theme, Website } from './website.js';

const nothing: Reconciler<unknown> = async () => undefined;

describe('controller', () => {
  it('gathers what it is for, owns and watches into a frozen definition', () => {
    const map = (): [] => [];
    const definition = controller('website')
      .for(Website)
      .owns(Page, { matchEveryOwner: true })
      .watches(Theme, { map })
      .options({ concurrency: 4 })
      .reconcile(nothing);
    expect(definition).toEqual({
      name: 'website',
      resource: Website,
      predicates: [],
      owned: [{ resource: Page, matchEveryOwner: true, predicates: [] }],
      mapped: [{ resource: Theme, map, predicates: [] }],
      options: { concurrency: 4 },
      reconcile: nothing,
    });
    expect(Object.isFrozen(definition)).toBe(true);
  });

  it('leaves a builder as it was when a step is taken from it', () => {
    const base = controller('website').for(Website);
    base.owns(Page).options({ concurrency: 2 });
    expect(base.reconcile(nothing)).toMatchObject({ owned: [], options: {} });
  });

  it.each(['', 'Web Site', 'UPPER', 'a'.repeat(64), '-a'])('refuses the name %j', (name) => {
    expect(() => controller(name)).toThrow(/^controller: name: expected a DNS label/);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses a concurrency of %s',
    (concurrency) => {
      expect(() => controller('website').for(Website).options({ concurrency })).toThrow(
        /^controller website: concurrency: expected a whole number above 0, got/,
      );
    },
  );

  it('types predicates by their kind', () => {
    const base = controller('website').for(Website, { predicates: [({ after }) => after?.spec.pages === 1] });
    // @ts-expect-error: a page has a number, and no pages
    base.owns(Page, { predicates: [({ after }) => after?.spec.pages === 1] });
    expect(base.reconcile(nothing).predicates).toHaveLength(1);
  });

  it('refuses what is no resource, no map function and no reconciler, naming the step', () => {
    const none = undefined as unknown as AnyResource;
    expect(() => controller('a').for(none)).toThrow('controller a: for: expected a resource');
    const base = controller('a').for(Website);
    expect(() => base.owns(none)).toThrow('controller a: owns: expected a resource');
    expect(() => base.watches(Theme, { map: 'x' as unknown as () => [] })).toThrow(
      'controller a: watches: map: expected a function, got "x"',
    );
    expect(() => base.owns(Page, { predicates: 'x' as unknown as [] })).toThrow(
      'controller a: owns: predicates: expected a list of functions, got "x"',
    );
    expect(() => base.reconcile(undefined as unknown as Reconciler<unknown>)).toThrow(
      'controller a: reconcile: expected a function',
    );
  });
});
