/** How a {@link Quantity} is written: with `k`, `M`, `m`; with `Ki`, `Mi`; or with `e3`. */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/** The parts of a quantity's text. */
export interface QuantityText {
  readonly negative: boolean;
  /** Whether there is any digit, be it a leading zero. */
  readonly hasDigit: boolean;
  /** The digits without leading zeros of the whole part, as a number; exact up to 15 digits. */
  readonly mantissa: number;
  /** How many digits there are, without leading zeros of the whole part. */
  readonly digits: number;
  /** How many of the digits stand after the point. */
  readonly fraction: number;
  /** How many zeros end the digits. */
  readonly trailingZeros: number;
  /** Where the digits begin and end in the text, with their point and without leading zeros. */
  readonly start: number;
  readonly end: number;
  readonly suffix: QuantitySuffix;
}

/** What the digits are multiplied with: `base` to the power of `exponent`. */
interface QuantitySuffix {
  readonly base: 2 | 10;
  readonly exponent: number;
  readonly format: QuantityFormat;
}

/** The longest text that is read, in characters. */
const TEXT_LENGTH = 64;

/** The largest power of ten that is read, up or down. */
const EXPONENT_LIMIT = 30;

const ZERO = 48;
const NINE = 57;
const PLUS = 43;
const MINUS = 45;
const POINT = 46;
const UPPER_E = 69;
const LOWER_E = 101;

const NO_SUFFIX: QuantitySuffix = { base: 10, exponent: 0, format: 'DecimalSI' };

const SUFFIXES: ReadonlyMap<string, QuantitySuffix> = /* @__PURE__ */ new Map<string, QuantitySuffix>([
  ['n', { base: 10, exponent: -9, format: 'DecimalSI' }],
  ['u', { base: 10, exponent: -6, format: 'DecimalSI' }],
  ['m', { base: 10, exponent: -3, format: 'DecimalSI' }],
  ['k', { base: 10, exponent: 3, format: 'DecimalSI' }],
  ['M', { base: 10, exponent: 6, format: 'DecimalSI' }],
  ['G', { base: 10, exponent: 9, format: 'DecimalSI' }],
  ['T', { base: 10, exponent: 12, format: 'DecimalSI' }],
  ['P', { base: 10, exponent: 15, format: 'DecimalSI' }],
  ['E', { base: 10, exponent: 18, format: 'DecimalSI' }],
  ['Ki', { base: 2, exponent: 10, format: 'BinarySI' }],
  ['Mi', { base: 2, exponent: 20, format: 'BinarySI' }],
  ['Gi', { base: 2, exponent: 30, format: 'BinarySI' }],
  ['Ti', { base: 2, exponent: 40, format: 'BinarySI' }],
  ['Pi', { base: 2, exponent: 50, format: 'BinarySI' }],
  ['Ei', { base: 2, exponent: 60, format: 'BinarySI' }],
]);

const DECIMAL_SUFFIXES: readonly string[] = /* @__PURE__ */ Object.freeze([
  'n',
  'u',
  'm',
  '',
  'k',
  'M',
  'G',
  'T',
  'P',
  'E',
]);
const BINARY_SUFFIXES: readonly string[] = /* @__PURE__ */ Object.freeze([
  '',
  'Ki',
  'Mi',
  'Gi',
  'Ti',
  'Pi',
  'Ei',
]);

/** The suffix of ten to the power of a multiple of three; undefined where there is none. */
export function decimalSuffix(exponent: number): string | undefined {
  return DECIMAL_SUFFIXES[exponent / 3 + 3];
}

/** The suffix of 1024 to a power; undefined where there is none. */
export function binarySuffix(power: number): string | undefined {
  return BINARY_SUFFIXES[power];
}

/** The parts of a quantity's text, or what was expected instead of it. */
export function readQuantityText(text: string): QuantityText | string {
  const length = text.length;
  if (length === 0) return 'a number that is not empty';
  if (length > TEXT_LENGTH) return `at most ${TEXT_LENGTH} characters`;

  let position = 0; // everything before it is read
  const first = text.charCodeAt(0);
  if (first === PLUS || first === MINUS) position = 1;
  const afterSign = position;
  while (position < length && text.charCodeAt(position) === ZERO) position += 1;

  const start = position;
  let mantissa = 0;
  let digits = 0;
  let trailingZeros = 0;
  let point = -1;
  for (; position < length; position += 1) {
    const code = text.charCodeAt(position);
    if (code === POINT && point === -1) {
      point = position;
      continue;
    }
    if (code < ZERO || code > NINE) break;
    mantissa = mantissa * 10 + (code - ZERO);
    digits += 1;
    trailingZeros = code === ZERO ? trailingZeros + 1 : 0;
  }

  const suffix = position === length ? NO_SUFFIX : readSuffix(text.slice(position));
  if (typeof suffix === 'string') return suffix;
  return {
    negative: first === MINUS,
    hasDigit: digits > 0 || start > afterSign,
    mantissa,
    digits,
    fraction: point === -1 ? 0 : position - point - 1,
    trailingZeros,
    start,
    end: position,
    suffix,
  };
}

function readSuffix(text: string): QuantitySuffix | string {
  const known = SUFFIXES.get(text);
  if (known !== undefined) return known;
  const first = text.charCodeAt(0);
  if ((first !== LOWER_E && first !== UPPER_E) || !/^.[-+]?[0-9]+$/.test(text)) {
    return 'digits and then one of n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei, or an exponent such as e3';
  }
  const exponent = Number(text.slice(1));
  if (Math.abs(exponent) > EXPONENT_LIMIT) return `an exponent from -${EXPONENT_LIMIT} to ${EXPONENT_LIMIT}`;
  return { base: 10, exponent, format: 'DecimalExponent' };
}
