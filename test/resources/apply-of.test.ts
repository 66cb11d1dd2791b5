import { describe, expectTypeOf, it } from 'vitest';
import type { ApplyOf } from '../../src/resources/index.js';

describe('ApplyOf', () => {
  it('makes every property optional, at any depth', () => {
    interface Site {
      readonly image: string;
      readonly inner: { readonly deep: { readonly n: number } };
      readonly ports: readonly { readonly n: number; readonly name: string }[];
      readonly labels: Readonly<Record<string, string>>;
    }
    expectTypeOf({}).toExtend<ApplyOf<Site>>();
    expectTypeOf({ inner: { deep: {} } }).toExtend<ApplyOf<Site>>();
    expectTypeOf<{ ports: [{ n: 1 }, { name: 'a' }] }>().toExtend<ApplyOf<Site>>();
    expectTypeOf<{ image: undefined }>().toExtend<ApplyOf<Site>>();
    expectTypeOf<{ image: number }>().not.toExtend<ApplyOf<Site>>();
    expectTypeOf<{ ports: [{ n: 'x' }] }>().not.toExtend<ApplyOf<Site>>();
    expectTypeOf<{ labels: { a: number } }>().not.toExtend<ApplyOf<Site>>();
    expectTypeOf<Site>().toExtend<ApplyOf<Site>>();
  });

  it('keeps leaves, tuples, unions and what nobody knows', () => {
    type Branded = string & { readonly __brand: 'a' };
    expectTypeOf<ApplyOf<'a' | 1 | null>>().toEqualTypeOf<'a' | 1 | null>();
    expectTypeOf<ApplyOf<Branded>>().toEqualTypeOf<Branded>();
    expectTypeOf<ApplyOf<unknown>>().toEqualTypeOf<unknown>();
    expectTypeOf<ApplyOf<readonly [string, { readonly a: number }]>>().toEqualTypeOf<
      readonly [string, { readonly a?: number | undefined }]
    >();
    expectTypeOf<ApplyOf<{ readonly a: string } | { readonly b: number }>>().toEqualTypeOf<
      { readonly a?: string | undefined } | { readonly b?: number | undefined }
    >();
    expectTypeOf<ApplyOf<string[]>>().toEqualTypeOf<readonly string[]>();
  });
});
