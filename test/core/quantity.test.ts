import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Quantity } from '../../src/core/index.js';

/** An independent model: the amount as a fraction. */
interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const ZERO: Rational = { numerator: 0n, denominator: 1n };

const SCALES: Readonly<Record<string, Rational>> = {
  ...Object.fromEntries(
    ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'].map((suffix, index) => [
      suffix,
      power(10n, (index - 3) * 3),
    ]),
  ),
  ...Object.fromEntries(
    ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'].map((suffix, index) => [suffix, power(1024n, index + 1)]),
  ),
};

function power(base: bigint, exponent: number): Rational {
  return exponent >= 0
    ? { numerator: base ** BigInt(exponent), denominator: 1n }
    : { numerator: 1n, denominator: base ** BigInt(-exponent) };
}

/** The nearest fraction of the denominator `unit` that is not nearer to zero. */
function awayFromZero({ numerator, denominator }: Rational, unit: bigint): Rational {
  const scaled = numerator * unit;
  const rest = scaled % denominator;
  const whole = scaled / denominator;
  const away = rest === 0n ? 0n : scaled < 0n ? -1n : 1n;
  return { numerator: whole + away, denominator: unit };
}

function compare(a: Rational, b: Rational): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function sum(a: Rational, b: Rational, sign: bigint): Rational {
  return {
    numerator: a.numerator * b.denominator + sign * b.numerator * a.denominator,
    denominator: a.denominator * b.denominator,
  };
}

/** Texts of every form. */
const texts: fc.Arbitrary<string> = fc
  .record({
    sign: fc.constantFrom('', '-', '+'),
    zeros: fc.constantFrom('', '0', '00'),
    whole: fc.oneof(fc.bigInt(0n, 5_000n), fc.bigInt(0n, 10n ** 22n)),
    fraction: fc.oneof(
      fc.constantFrom('', '.'),
      fc.stringMatching(/^\.[0-9]{1,4}$/),
      fc.stringMatching(/^\.[0-9]{1,14}$/),
    ),
    suffix: fc.oneof(
      fc.constantFrom(...Object.keys(SCALES)),
      fc.integer({ min: -30, max: 30 }).map((exponent) => `e${exponent}`),
      fc.integer({ min: 0, max: 30 }).map((exponent) => `E+${exponent}`),
    ),
  })
  .map(({ sign, zeros, whole, fraction, suffix }) => `${sign}${zeros}${whole}${fraction}${suffix}`);

/** The amount that a text stands for, read by rules of its own: to the nano, and at most 2^63 - 1 if it is binary. */
function model(text: string): Rational {
  const match = /^([-+]?)([0-9]*)\.?([0-9]*)(.*)$/.exec(text);
  const [, sign = '', whole = '', fraction = '', suffix = ''] = match ?? [];
  const scale = SCALES[suffix] ?? power(10n, Number(suffix.slice(1)));
  const exact = {
    numerator: BigInt(whole + fraction) * scale.numerator,
    denominator: scale.denominator * 10n ** BigInt(fraction.length),
  };
  const rounded = awayFromZero(exact, 10n ** 9n);
  const limit = { numerator: 2n ** 63n - 1n, denominator: 1n };
  const { numerator, denominator } = suffix.endsWith('i') && compare(rounded, limit) > 0 ? limit : rounded;
  return { numerator: sign === '-' ? -numerator : numerator, denominator };
}

/** The amount that a quantity prints. */
function amount(quantity: Quantity): Rational {
  return model(quantity.toJSON());
}

describe('parse', () => {
  test('reads amounts exactly, and rounds what is finer than a nano away from zero', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const quantity = Quantity.parse(text);
        const expected = model(text);
        expect(quantity.value()).toBe(awayFromZero(expected, 1n).numerator);
        expect(quantity.milliValue()).toBe(awayFromZero(expected, 1_000n).numerator);
        expect(quantity.sign).toBe(compare(expected, ZERO));
        expect(quantity.isZero).toBe(expected.numerator === 0n);
        expect(compare(amount(quantity), expected)).toBe(0);
      }),
      { numRuns: 1_000 },
    );
  });

  test('reads the same amount whether or not a number holds all the digits', () => {
    fc.assert(
      fc.property(
        fc.bigInt(0n, 10n ** 13n),
        fc.stringMatching(/^[0-9]{0,5}$/),
        fc.constantFrom(...Object.keys(SCALES), 'e3', 'E-2'),
        fc.constantFrom('', '-'),
        (whole, fraction, suffix, sign) => {
          const short = Quantity.parse(`${sign}${whole}.${fraction}${suffix}`);
          const long = Quantity.parse(`${sign}${whole}.${fraction.padEnd(25, '0')}${suffix}`);
          expect(long.cmp(short)).toBe(0);
          expect(long.format).toBe(short.format);
          expect(long.toNumber()).toBe(short.toNumber());
          expect(long.value()).toBe(short.value());
          expect(long.milliValue()).toBe(short.milliValue());
          const zero = Quantity.parse(`0.${'0'.repeat(25)}`);
          expect(short.add(zero).toString()).toBe(long.add(zero).toString());
        },
      ),
      { numRuns: 500 },
    );
  });

  test('takes a number for its text', () => {
    expect(Quantity.parse(2).toString()).toBe('2');
    expect(Quantity.parse(0.1).toString()).toBe('100m');
    expect(Quantity.parse(-0).toString()).toBe('0');
    expect(Quantity.parse(1e-7).equals(Quantity.parse('100n'))).toBe(true);
    expect(Quantity.parse(1e21).value()).toBe(10n ** 21n);
  });

  test.each([
    '',
    ' ',
    '1 ',
    '--1',
    '+-1',
    '1.2.3',
    '1Ki1',
    '0x10',
    '1e',
    '1e+',
    '1e3.5',
    '1ee3',
    '1K',
    '1mi',
    '1_000',
    '1,5',
    'NaN',
    'Infinity',
    'Pi',
    '.Ei',
    '९',
    '１',
    '1\n',
    '1e31',
    '1e-31',
    '1e2147483647',
    '1E-2147483648',
    '1'.repeat(65),
    `1${'0'.repeat(1_000_000)}`,
    '__proto__',
  ])('rejects %j, naming it', (text) => {
    expect(Quantity.tryParse(text)).toBeUndefined();
    expect(() => Quantity.parse(text)).toThrow(TypeError);
    expect(() => Quantity.parse(text)).toThrow(/^Expected a quantity such as .*, with .*, got "/);
  });

  test.each([[Number.NaN], [Number.POSITIVE_INFINITY], [null], [undefined], [{}], [true], [1n]])(
    'rejects %s',
    (value) => {
      expect(Quantity.tryParse(value as never)).toBeUndefined();
      expect(() => Quantity.parse(value as never)).toThrow(TypeError);
    },
  );

  test('reads a text of 64 characters and an exponent of 30', () => {
    expect(Quantity.parse('9'.repeat(64)).value()).toBe(10n ** 64n - 1n);
    expect(Quantity.parse('1e30').value()).toBe(10n ** 30n);
    expect(Quantity.parse('1e-30').toString()).toBe('1e-9');
  });
});

describe('toString', () => {
  test.each([
    ['0.5Gi', '512Mi'],
    ['1.5', '1500m'],
    ['0.1m', '100u'],
    ['1000', '1k'],
    ['1024', '1024'],
    ['1024Ki', '1Mi'],
    ['1000Ki', '1000Ki'],
    ['0.0001Ki', '102400u'],
    ['0.5Ki', '512'],
    ['10e5', '1e6'],
    ['1e1', '10'],
    ['-0.25', '-250m'],
    ['00', '0'],
    ['0Gi', '0'],
    ['012', '012'],
  ])('prints %s as %s', (text, canonical) => {
    expect(Quantity.parse(text).toString()).toBe(canonical);
  });

  test('prints what reads back as the same amount in JSON', () => {
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        for (const quantity of [
          Quantity.parse(a),
          Quantity.parse(a).add(Quantity.parse(b)),
          Quantity.parse(a).sub(Quantity.parse(b)),
        ]) {
          fc.pre(quantity.toNumber() < 1e40 && quantity.toNumber() > -1e40);
          expect(Quantity.parse(JSON.parse(JSON.stringify(quantity)) as string).cmp(quantity)).toBe(0);
          const magnitude = Math.abs(quantity.toNumber());
          const lossless = magnitude < (quantity.format === 'BinarySI' ? 2 ** 62 : 1e21);
          if (lossless) expect(Quantity.parse(quantity.toString()).cmp(quantity)).toBe(0);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('prints an amount beyond the largest suffix without one, but not in JSON', () => {
    const quantity = Quantity.parse('5754790000000E');
    expect(quantity.toString()).toBe('5754790');
    expect(quantity.toJSON()).toBe('5754790000000E');
    const binary = Quantity.parse('4Ei').add(Quantity.parse('4Ei'));
    expect(binary.toString()).toBe('8Ei');
    expect(Quantity.parse(binary.toJSON()).value()).toBe(2n ** 63n);
  });
});

describe('arithmetic', () => {
  test('adds, subtracts and compares as fractions do', () => {
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        const left = Quantity.parse(a);
        const right = Quantity.parse(b);
        expect(left.cmp(right)).toBe(compare(model(a), model(b)));
        expect(right.cmp(left)).toBe(compare(model(b), model(a)));
        expect(left.equals(right)).toBe(compare(model(a), model(b)) === 0);
        expect(compare(amount(left.add(right)), sum(model(a), model(b), 1n))).toBe(0);
        expect(compare(amount(left.sub(right)), sum(model(a), model(b), -1n))).toBe(0);
        expect(left.sub(left).isZero).toBe(true);
        expect(left.add(right).sub(right).equals(left)).toBe(true);
        expect(left.add(right).equals(right.add(left))).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  test('leaves both terms as they were', () => {
    const one = Quantity.parse('1');
    const half = Quantity.parse('500m');
    expect(one.add(half).toString()).toBe('1500m');
    expect([one.toString(), half.toString()]).toEqual(['1', '500m']);
  });

  test('writes a sum as the first term, or as the second where the first is zero', () => {
    expect(Quantity.parse('1Gi').add(Quantity.parse('1M')).format).toBe('BinarySI');
    expect(Quantity.parse('0').add(Quantity.parse('1Gi')).toString()).toBe('1Gi');
    expect(Quantity.parse('1M').sub(Quantity.parse('1M')).add(Quantity.parse('2e3')).toString()).toBe('2e3');
  });
});

describe('values', () => {
  test('round away from zero', () => {
    expect(Quantity.parse('1n').value()).toBe(1n);
    expect(Quantity.parse('-1n').value()).toBe(-1n);
    expect(Quantity.parse('1500m').value()).toBe(2n);
    expect(Quantity.parse('-1.0001').milliValue()).toBe(-1001n);
  });

  test('do not wrap around at 64 bits', () => {
    expect(Quantity.parse('9E').milliValue()).toBe(9n * 10n ** 21n);
    expect(Quantity.parse('9223372036854775808k').value()).toBe(2n ** 63n * 1_000n);
  });

  test('convert to the nearest number', () => {
    expect(Quantity.parse('100m').toNumber()).toBe(0.1);
    expect(Quantity.parse('0.3e-9').toNumber()).toBe(1e-9);
    expect(Quantity.parse('1e30').toNumber()).toBe(1e30);
    expect(Quantity.parse('-12345678901234567890').toNumber()).toBe(Number('-12345678901234567890'));
  });
});
