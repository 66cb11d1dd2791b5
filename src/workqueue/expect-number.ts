import { preview } from '../core/index.js';

/**
 * The value itself, where it is a finite number.
 *
 * @throws RangeError naming the option, what was expected and what came.
 */
export function expectFinite(option: string, value: number, expected = 'a finite number'): number {
  return expectThat(Number.isFinite(value), option, value, expected);
}

/**
 * The value itself, where it is a finite number of at least `least`.
 *
 * @throws RangeError naming the option, what was expected and what came.
 */
export function expectAtLeast(option: string, value: number, least: number): number {
  const good = Number.isFinite(value) && value >= least;
  return expectThat(good, option, value, `a finite number of at least ${least}`);
}

/**
 * The value itself, where it is finite and greater than zero.
 *
 * @throws RangeError naming the option, what was expected and what came.
 */
export function expectPositive(option: string, value: number): number {
  return expectThat(Number.isFinite(value) && value > 0, option, value, 'a finite number greater than 0');
}

/**
 * The value itself, where it is a whole number of at least `least`.
 *
 * @throws RangeError naming the option, what was expected and what came.
 */
export function expectWhole(option: string, value: number, least: number): number {
  const good = Number.isSafeInteger(value) && value >= least;
  return expectThat(good, option, value, `a whole number of at least ${least}`);
}

function expectThat(good: boolean, option: string, value: number, expected: string): number {
  if (good) return value;
  throw new RangeError(`Expected ${option} to be ${expected}, got ${preview(value)}`);
}
