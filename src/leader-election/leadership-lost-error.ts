import { ApiError } from '../core/index.js';

/** Which term an error is about. */
export interface LostTerm {
  /** The name of the lock. */
  readonly lock: string;
  readonly identity: string;
  readonly number: number;
}

/**
 * A term is over: whoever acted in it must not act any more, and what it tried to write was not written.
 *
 * It has the reason Forbidden, and not Conflict: to try again in the same term is of no use.
 */
export class LeadershipLostError extends ApiError {
  /** The term that is over. */
  readonly term: LostTerm;
  /** Who leads now, as far as is known; undefined where nobody is known to. */
  readonly holder: string | undefined;

  constructor(
    term: LostTerm,
    why: string,
    options: { readonly holder?: string | undefined; readonly cause?: unknown } = {},
  ) {
    super({
      reason: 'Forbidden',
      message: `${JSON.stringify(term.identity)} does not lead ${term.lock} any more in term ${term.number}: ${why}`,
      cause: options.cause,
    });
    this.name = 'LeadershipLostError';
    this.term = term;
    this.holder = options.holder;
  }
}

/** True where a write was refused, or a term ended, because its leader leads no more. */
export function isLeadershipLost(error: unknown): error is LeadershipLostError {
  return error instanceof LeadershipLostError;
}
