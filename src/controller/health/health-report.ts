/** What came of one check. */
export interface HealthResult {
  readonly name: string;
  readonly state: 'ok' | 'failed' | 'excluded';
  /** What it threw, where it failed. */
  readonly error?: unknown;
}

/** What came of all checks. */
export interface HealthReport {
  /** No check failed. */
  readonly healthy: boolean;
  /** In the order in which the checks were added. */
  readonly results: readonly HealthResult[];
  /** What was to be excluded and is none of the checks. */
  readonly unknown: readonly string[];
}
