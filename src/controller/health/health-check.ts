/** Something that can be well or not. */
export interface HealthCheck {
  /** Unique among the checks beside it: letters and digits, with `.`, `_`, `-` and `/` between. */
  readonly name: string;
  /**
   * Throws, or rejects, where something is wrong.
   *
   * @param signal - Aborts when the time is up: the check has failed then.
   */
  check(signal: AbortSignal): void | Promise<void>;
}
