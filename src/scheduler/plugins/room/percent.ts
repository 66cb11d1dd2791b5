/** Below it, the quotient of two floating point numbers cannot be rounded up to a whole percent that it does not reach. */
const EXACT = 2 ** 46;

/** How many whole percent a part is of a whole, exactly: both whole numbers, the part not the larger. */
export function percentOf(part: number, whole: number): number {
  return whole < EXACT ? Math.trunc((part * 100) / whole) : Number((BigInt(part) * 100n) / BigInt(whole));
}
