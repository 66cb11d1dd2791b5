import { describe, expect, test } from 'vitest';
import { Quantity } from '../../src/core/index.js';
import { readVectors } from './read-vectors.js';

interface ParseCase {
  readonly value: string;
  readonly expect: {
    readonly error?: string;
    readonly result?: {
      readonly canonical: string;
      readonly dec: string;
      readonly float: number;
      readonly format: string;
      readonly milli: string;
      readonly sign: number;
      readonly value: string;
    };
  };
}

type ArithmeticCase =
  | {
      readonly op: 'quantity-cmp';
      readonly a: string;
      readonly b: string;
      readonly expect: { readonly result: number };
    }
  | {
      readonly op: 'quantity-add' | 'quantity-sub';
      readonly a: string;
      readonly b: string;
      readonly expect: { readonly result: string };
    };

/** A decimal text of at most nine places as a multiple of 10^-9. */
function nanos(decimal: string): bigint {
  const [whole = '', fraction = ''] = decimal.replace('-', '').split('.');
  const amount = BigInt(whole + fraction.slice(0, 9).padEnd(9, '0'));
  return decimal.startsWith('-') ? -amount : amount;
}

/**
 * What Kubernetes may answer where it asks for a value of 64 bits: the value if it fits, else what is left of it, or 0.
 *
 * Undefined for the negative amounts that it keeps as big decimals (printed with nine places): those it truncates before it
 * divides and rounds the wrong way, so that its answer says nothing.
 */
function answers(value: bigint, dec: string): string[] | undefined {
  if (dec.startsWith('-') && dec.split('.')[1]?.length === 9) return undefined;
  const wrapped = BigInt.asIntN(64, value);
  return wrapped === value ? [String(value)] : [String(wrapped), '0'];
}

describe('parse', () => {
  test.each(readVectors<ParseCase>('quantity'))(
    '$value is read as in Kubernetes',
    ({ value, expect: { result } }) => {
      const quantity = Quantity.tryParse(value);
      if (result === undefined) {
        expect(quantity).toBeUndefined();
        return;
      }
      expect({
        canonical: quantity?.toString(),
        format: quantity?.format,
        sign: quantity?.sign,
      }).toEqual({ canonical: result.canonical, format: result.format, sign: result.sign });

      const exact = nanos(result.dec);
      const magnitude = exact < 0n ? -exact : exact;
      const rounded = (unit: bigint) => ((magnitude + unit - 1n) / unit) * (exact < 0n ? -1n : 1n);
      expect(quantity?.value()).toBe(rounded(10n ** 9n));
      expect(quantity?.milliValue()).toBe(rounded(10n ** 6n));
      expect(answers(rounded(10n ** 9n), result.dec) ?? [result.value]).toContain(result.value);
      expect(answers(rounded(10n ** 6n), result.dec) ?? [result.milli]).toContain(result.milli);
      expect(quantity?.toNumber()).toBe(Number(result.dec));
      expect(Math.abs(Number(result.dec) - result.float)).toBeLessThanOrEqual(Math.abs(result.float) * 1e-15);
    },
  );
});

describe('arithmetic', () => {
  test.each(readVectors<ArithmeticCase>('quantity-arithmetic'))(
    '$op of $a and $b is as in Kubernetes',
    (item) => {
      const a = Quantity.parse(item.a);
      const b = Quantity.parse(item.b);
      switch (item.op) {
        case 'quantity-cmp':
          expect(a.cmp(b)).toBe(item.expect.result);
          return;
        case 'quantity-add':
          expect(a.add(b).toString()).toBe(item.expect.result);
          return;
        case 'quantity-sub':
          expect(a.sub(b).toString()).toBe(item.expect.result);
      }
    },
  );
});
