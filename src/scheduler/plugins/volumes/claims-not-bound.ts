/** What became of the claims of a Pod that could not all be bound. */
export class ClaimsNotBound extends Error {
  override readonly name = 'ClaimsNotBound';
  /** The claims that are bound, by `namespace/name`. */
  readonly bound: readonly string[];
  /** Those that are not; what was written for them stays, and counts when the Pod is tried again. */
  readonly unbound: readonly string[];

  /** @param cause - What went wrong first. */
  constructor(bound: readonly string[], unbound: readonly string[], cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`Claims ${unbound.join(', ')} could not be bound: ${why}`, { cause });
    this.bound = bound;
    this.unbound = unbound;
  }
}
