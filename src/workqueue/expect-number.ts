import { preview } from '../core/index.js';

/**
 * The value itself, where it is a finite number of at least `least`.
 *
 * @throws RangeError naming the option, what was expected and what came.
 */
export function expectAtLeast(option: string, value: number, least: number): number {
  if (Number.isFinite(value) && value >= least) return value;
  throw new RangeError(
    `Expected ${option} to be a finite number of at least ${least}, got ${preview(value)}`,
  );
}

/**
 * The value itself, where it is finite and greater than zero.
 *
 * @throws RangeError naming the option, what was expected and what came.
 */
export function expectPositive(option: string, value: number): number {
  if (Number.isFinite(value) && value > 0) return value;
  throw new RangeError(`Expected ${option} to be a finite number greater than 0, got ${preview(value)}`);
}

/**
 * The value itself, where it is a whole number of at least `least`.
 *
 * @throws RangeError naming the option, what was expected and what came.
 */
export function expectWhole(option: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new RangeError(`Expected ${option} to be a whole number of at least ${least}, got ${preview(value)}`);
}
