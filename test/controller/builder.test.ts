import { describe, expect, it } from 'vitest';
import { type AnyResource, controller, type ControllerOptions, type Reconciler } from '../../src/index.js';
import { Page, Theme, Website } from './website.js';

const reference = { apiVersion: 'example.com/v1', kind: 'Website', name: 'w', uid: '1' };

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
    expect(definition).toMatchObject({
      name: 'website',
      resource: Website,
      stores: 'home',
      kinds: [
        { resource: Website, stores: 'home', predicates: [] },
        { resource: Page, stores: 'home', predicates: [] },
        { resource: Theme, stores: 'home', predicates: [], targets: map },
      ],
      sources: [],
      options: { concurrency: 4 },
      reconcile: nothing,
    });
    expect(Object.isFrozen(definition)).toBe(true);
  });

  it('leaves a builder as it was when a step is taken from it', () => {
    const base = controller('website').for(Website);
    base.owns(Page).options({ concurrency: 2 });
    expect(base.reconcile(nothing)).toMatchObject({ kinds: [{ resource: Website }], options: {} });
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

  it.each([
    [
      { reconcileTimeout: 0 },
      /^controller website: reconcileTimeout: expected more than 0 milliseconds, got 0/,
    ],
    [
      { readYourWrites: 'never' },
      /^controller website: readYourWrites: expected 'wait', 'overlay' or 'off', got/,
    ],
    [{ flowOf: 'namespace' }, /^controller website: flowOf: expected a function, got "namespace"/],
    [{ rateLimiter: {} }, /^controller website: rateLimiter: expected a function/],
  ])('refuses the options %j', (options, message) => {
    expect(() =>
      controller('website')
        .for(Website)
        .options(options as ControllerOptions),
    ).toThrow(message);
  });

  it('refuses a selector that is none, and stores that are none', () => {
    expect(() => controller('a').for(Website, { labelSelector: 'a in' })).toThrow(/a in/);
    const stores = 'some' as 'home';
    expect(() => controller('a').for(Website, { stores })).toThrow(
      "controller a: for Website: stores: expected 'home', 'added' or 'every', got \"some\"",
    );
  });

  it('watches by the owners of a kind, or by one key', () => {
    const page = { metadata: { name: 'p', namespace: 'x', ownerReferences: [reference] } };
    const base = controller('a').for(Website);
    const [, byOwner] = base.watches(Page, { ownerOf: Website }).reconcile(nothing).kinds;
    expect([...(byOwner?.targets(page, { store: undefined }) ?? [])]).toEqual([
      { name: 'w', namespace: 'x' },
    ]);
    const [, byKey] = base
      .watches(Page, { key: ({ spec }) => (spec.number > 0 ? { name: 'k' } : undefined) })
      .reconcile(nothing).kinds;
    const targets = (number: number): unknown[] => [
      ...(byKey?.targets({ ...page, spec: { number } } as typeof page, { store: undefined }) ?? []),
    ];
    expect([targets(0), targets(1)]).toEqual([[], [{ name: 'k' }]]);
  });

  it('takes an object with a method, which keeps its state', async () => {
    class Counting {
      runs = 0;
      async reconcile(): Promise<void> {
        this.runs += 1;
      }
    }
    const counting = new Counting();
    const definition = controller('a').for(Website).reconcile(counting);
    await definition.reconcile(undefined as never);
    expect(counting.runs).toBe(1);
  });

  it('types predicates by their kind', () => {
    const base = controller('website').for(Website, { predicates: [({ after }) => after?.spec.pages === 1] });
    // @ts-expect-error: a page has a number, and no pages
    base.owns(Page, { predicates: [({ after }) => after?.spec.pages === 1] });
    expect(base.reconcile(nothing).kinds[0]?.predicates).toHaveLength(1);
  });

  it('refuses what is no resource, no map function and no reconciler, naming the step', () => {
    const none = undefined as unknown as AnyResource;
    expect(() => controller('a').for(none)).toThrow('controller a: for: expected a resource');
    const base = controller('a').for(Website);
    expect(() => base.owns(none)).toThrow('controller a: owns: expected a resource');
    expect(() => base.watches(Theme, { map: 'x' as unknown as () => [] })).toThrow(
      'controller a: watches: expected a function as map or key, or a resource as ownerOf, got "x"',
    );
    expect(() => base.owns(Page, { predicates: 'x' as unknown as [] })).toThrow(
      'controller a: owns Page: predicates: expected a list of functions, got "x"',
    );
    expect(() => base.reconcile(undefined as unknown as Reconciler<unknown>)).toThrow(
      'controller a: reconcile: expected a function',
    );
  });
});
