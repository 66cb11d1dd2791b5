/**
 * One thing that an implementation must do, as a test that needs no test runner.
 *
 * @example
 * ```ts
 * for (const { name, run } of storageConformance({ create })) it(name, run);
 * ```
 */
export interface ConformanceCase {
  readonly name: string;
  /** Rejects with an Error that says what was wrong, and what had happened until then. */
  readonly run: () => Promise<void>;
}

/** Fails a case. @throws Error unless `condition` holds. */
export function check(condition: boolean, message: () => string): asserts condition {
  if (!condition) throw new Error(message());
}

/** Fails a case unless two values are the same as JSON. */
export function checkSame(actual: unknown, expected: unknown, what: string): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  check(got === wanted, () => `${what}: expected ${wanted}, got ${got}`);
}
