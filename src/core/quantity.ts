import { preview } from './preview.js';
import {
  binarySuffix,
  decimalSuffix,
  type QuantityFormat,
  type QuantityText,
  readQuantityText,
} from './quantity-text.js';

/** The smallest step of an amount is ten to the power of this: a nano. */
const NANO = -9;

/** The largest amount that a text with `Ki`, `Mi`, ... can stand for; larger ones are cut to it. */
const BINARY_LIMIT = 9_223_372_036_854_775_807_000_000_000n;

/** Up to this many digits a number holds exactly. */
const EXACT_DIGITS = 15;

const POWERS_OF_TEN: readonly number[] = /* @__PURE__ */ Object.freeze([
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
  1e20, 1e21, 1e22,
]);

/**
 * An exact amount of a resource, such as `100m` CPU or `512Mi` memory.
 *
 * - Immutable. Amounts are whole multiples of 10^-9 of any size; what is finer is rounded away from zero.
 * - Three ways to write one: decimal (`n u m k M G T P E`), binary (`Ki Mi Gi Ti Pi Ei`), exponent (`e3`, `E-3`).
 *   An amount keeps its way of writing; sums take that of the first term, or of the second if the first is zero.
 * - A text has at most 64 characters and an exponent from -30 to 30. A binary text stands for at most 2^63 - 1.
 *
 * Source: `resource.Quantity` in k8s.io/apimachinery; unlike it, whole values never wrap around at 64 bits.
 */
export class Quantity {
  /** How the amount is written. */
  readonly format: QuantityFormat;
  // the amount is coefficient * 10^scale if nanos is undefined: coefficient is a safe integer, not -0; scale >= -9
  readonly #coefficient: number;
  readonly #scale: number;
  // else the amount is nanos * 10^-9
  readonly #nanos: bigint | undefined;
  // the text it was read from, where Kubernetes takes that for the canonical one
  readonly #text: string | undefined;

  private constructor(
    format: QuantityFormat,
    coefficient: number,
    scale: number,
    nanos: bigint | undefined,
    text: string | undefined,
  ) {
    this.format = format;
    this.#coefficient = coefficient;
    this.#scale = scale;
    this.#nanos = nanos;
    this.#text = text;
  }

  /**
   * The amount that a text stands for; a number stands for the text that JavaScript prints of it.
   *
   * @throws TypeError naming the text and what was expected.
   */
  static parse(text: string | number): Quantity {
    const quantity = Quantity.#read(text);
    if (typeof quantity !== 'string') return quantity;
    throw new TypeError(
      `Expected a quantity such as "100m" or "512Mi", with ${quantity}, got ${preview(text)}`,
    );
  }

  /** The amount that a text stands for, or undefined where {@link Quantity.parse} would throw. */
  static tryParse(text: string | number): Quantity | undefined {
    const quantity = Quantity.#read(text);
    return typeof quantity === 'string' ? undefined : quantity;
  }

  /** The amount, or what was expected of the text. */
  static #read(input: string | number): Quantity | string {
    if (typeof input !== 'string' && typeof input !== 'number') return 'a string or a number';
    const text = String(input);
    const parts = readQuantityText(text);
    if (typeof parts === 'string') return parts;
    const plain = isPlain(parts);
    if (!parts.hasDigit && !plain) return 'at least one digit';

    const { base, exponent, format } = parts.suffix;
    const kept = plain && isCanonical(parts) ? text : undefined;
    const small = smallAmount(parts);
    if (small !== undefined) {
      const scale = base === 10 ? exponent - parts.fraction : -parts.fraction;
      const belowOne = base === 2 && small !== 0 && small < 10 ** parts.fraction;
      const coefficient = parts.negative && small !== 0 ? -small : small;
      return new Quantity(belowOne ? 'DecimalSI' : format, coefficient, scale, undefined, kept);
    }
    const nanos = nanosOf(text, parts);
    const belowOne = base === 2 && nanos !== 0n && nanos < 10n ** 9n;
    return Quantity.#ofNanos(parts.negative ? -nanos : nanos, belowOne ? 'DecimalSI' : format, kept);
  }

  static #ofNanos(nanos: bigint, format: QuantityFormat, text?: string): Quantity {
    const coefficient = Number(nanos);
    return Number.isSafeInteger(coefficient)
      ? new Quantity(format, coefficient, NANO, undefined, text)
      : new Quantity(format, 0, 0, nanos, text);
  }

  /** -1, 0 or 1: whether the amount is below, at or above zero. */
  get sign(): -1 | 0 | 1 {
    if (this.#nanos !== undefined) return this.#nanos < 0n ? -1 : 1;
    return this.#coefficient < 0 ? -1 : this.#coefficient > 0 ? 1 : 0;
  }

  get isZero(): boolean {
    return this.sign === 0;
  }

  add(other: Quantity): Quantity {
    return this.#plus(other, 1);
  }

  sub(other: Quantity): Quantity {
    return this.#plus(other, -1);
  }

  /** -1, 0 or 1: whether this amount is less than, equal to or more than the other, however they are written. */
  cmp(other: Quantity): -1 | 0 | 1 {
    const scale = Math.min(this.#scale, other.#scale);
    const left = this.#at(scale);
    const right = other.#at(scale);
    if (left !== undefined && right !== undefined) return left < right ? -1 : left > right ? 1 : 0;
    const leftNanos = this.#toNanos();
    const rightNanos = other.#toNanos();
    return leftNanos < rightNanos ? -1 : leftNanos > rightNanos ? 1 : 0;
  }

  /** Whether both are the same amount: `1`, `1000m` and `1e0` are. */
  equals(other: Quantity): boolean {
    return this.cmp(other) === 0;
  }

  /** The amount in whole units, rounded away from zero. */
  value(): bigint {
    return this.#inUnitsOf(0);
  }

  /** The amount in thousandths, rounded away from zero. */
  milliValue(): bigint {
    return this.#inUnitsOf(-3);
  }

  /** The number nearest to the amount. */
  toNumber(): number {
    if (this.#nanos !== undefined) return Number(`${this.#nanos}e${NANO}`);
    const power = POWERS_OF_TEN[Math.abs(this.#scale)];
    if (power === undefined) return Number(`${this.#coefficient}e${this.#scale}`);
    return this.#scale < 0 ? this.#coefficient / power : this.#coefficient * power;
  }

  /**
   * The canonical text: no fraction, the largest suffix that allows it, in the way the amount is written.
   *
   * - A binary amount below 1024, or not whole, is written in decimals.
   * - A text that was read with its suffix well chosen is kept as it was, sign and leading zeros included.
   * - As in Kubernetes, an amount that even the largest suffix leaves with zeros at its end (a multiple of 10^21, or of
   *   2^70 for a binary one) has lost its suffix here; {@link toJSON} keeps it.
   */
  toString(): string {
    return this.#text ?? this.#print(false);
  }

  /** {@link toString}, except that every amount below 10^50 reads back as what it was. */
  toJSON(): string {
    return this.#text ?? this.#print(true);
  }

  #print(readable: boolean): string {
    if (this.sign === 0) return '0';
    if (this.format === 'BinarySI') {
      const text = this.#printBinary(readable);
      if (text !== undefined) return text;
    }
    return this.#printDecimal(readable);
  }

  /** Undefined where a binary suffix does not fit the amount. */
  #printBinary(readable: boolean): string | undefined {
    const nanos = this.#toNanos();
    if (nanos % 10n ** 9n !== 0n) return undefined;
    let whole = nanos / 10n ** 9n;
    if (whole > -1024n && whole < 1024n) return undefined;
    if (readable && (nanos > BINARY_LIMIT || nanos < -BINARY_LIMIT)) return undefined;
    let power = 0;
    while (whole % 1024n === 0n) {
      whole /= 1024n;
      power += 1;
    }
    return `${whole}${binarySuffix(power) ?? ''}`;
  }

  #printDecimal(readable: boolean): string {
    const text = String(this.#nanos ?? this.#coefficient);
    let digits = text.replace(/0+$/, '');
    let exponent = (this.#nanos === undefined ? this.#scale : NANO) + text.length - digits.length;
    const inExponents = this.format === 'DecimalExponent';
    const largest = inExponents ? 30 : 18;
    const aligned = Math.floor(exponent / 3) * 3;
    const written = readable ? Math.min(aligned, largest) : aligned;
    digits += '0'.repeat(exponent - written);
    exponent = written;
    if (!inExponents) return digits + (decimalSuffix(exponent) ?? '');
    return exponent === 0 ? digits : `${digits}e${exponent}`;
  }

  #plus(other: Quantity, sign: 1 | -1): Quantity {
    const format = this.isZero ? other.format : this.format;
    const scale = Math.min(this.#scale, other.#scale);
    const left = this.#at(scale);
    const right = other.#at(scale);
    if (left !== undefined && right !== undefined) {
      const sum = left + sign * right;
      if (Number.isSafeInteger(sum)) return new Quantity(format, sum, scale, undefined, undefined);
    }
    return Quantity.#ofNanos(this.#toNanos() + BigInt(sign) * other.#toNanos(), format);
  }

  /** The amount as a multiple of 10^scale, which is not above its own; undefined where a number cannot hold it. */
  #at(scale: number): number | undefined {
    if (this.#nanos !== undefined) return undefined;
    const power = POWERS_OF_TEN[this.#scale - scale];
    if (power === undefined) return undefined;
    const multiple = this.#coefficient * power;
    return Number.isSafeInteger(multiple) ? multiple : undefined;
  }

  #toNanos(): bigint {
    return this.#nanos ?? BigInt(this.#coefficient) * 10n ** BigInt(this.#scale - NANO);
  }

  /** The amount as a multiple of 10^scale, rounded away from zero. */
  #inUnitsOf(scale: 0 | -3): bigint {
    if (this.#nanos === undefined && this.#scale >= scale) {
      return BigInt(this.#coefficient) * 10n ** BigInt(this.#scale - scale);
    }
    const nanos = this.#toNanos();
    const unit = 10n ** BigInt(scale - NANO);
    return nanos < 0n ? -dividedUp(-nanos, unit) : dividedUp(nanos, unit);
  }
}

/** Whether Kubernetes reads the text without big numbers; only such a text is kept, and may lack digits. */
function isPlain(parts: QuantityText): boolean {
  const whole = Math.max(1, parts.digits - parts.fraction);
  const { base, exponent } = parts.suffix;
  return base === 10
    ? whole + parts.fraction <= 18 && exponent - parts.fraction >= NANO
    : parts.fraction === 0 && whole + (exponent * 3) / 10 <= 14;
}

/** Whether Kubernetes takes the text, which is plain, for canonical without a closer look. */
function isCanonical(parts: QuantityText): boolean {
  if (parts.suffix.base === 2) return parts.mantissa % 8 !== 0;
  const scale = parts.suffix.exponent - parts.fraction;
  return scale % 3 === 0 && parts.digits > parts.fraction && parts.trailingZeros < 3;
}

/** The coefficient of an amount that a number holds exactly; undefined of any other. */
function smallAmount(parts: QuantityText): number | undefined {
  if (parts.digits > EXACT_DIGITS) return undefined;
  const { base, exponent } = parts.suffix;
  if (base === 10) return exponent - parts.fraction < NANO ? undefined : parts.mantissa;
  const coefficient = parts.mantissa * 2 ** exponent;
  return -parts.fraction >= NANO && Number.isSafeInteger(coefficient) ? coefficient : undefined;
}

/** The amount in nanos, without its sign. */
function nanosOf(text: string, parts: QuantityText): bigint {
  const digits = BigInt(text.slice(parts.start, parts.end).replace('.', ''));
  const { base, exponent } = parts.suffix;
  if (base === 10) {
    const shift = exponent - parts.fraction - NANO;
    return shift >= 0 ? digits * 10n ** BigInt(shift) : dividedUp(digits, 10n ** BigInt(-shift));
  }
  const nanos = dividedUp((digits << BigInt(exponent)) * 10n ** 9n, 10n ** BigInt(parts.fraction));
  return nanos > BINARY_LIMIT ? BINARY_LIMIT : nanos;
}

/** The quotient of two amounts that are not negative, rounded up. */
function dividedUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}
