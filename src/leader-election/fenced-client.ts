import { type Client, type Guard, intercept, withGuards } from '../client/index.js';
import { type ApiError, isConflict, parseApiVersion } from '../core/index.js';

/** What stands between a leader and its writes. */
export interface Fence {
  /** What must hold in the store when a write commits; undefined where the server cannot check it. */
  readonly guard: Guard | undefined;
  /** @throws LeadershipLostError where the lease does not count as held any more. */
  readonly check: () => void;
  /** What to tell of a write that failed because a guard on the lock did not hold. */
  readonly verify: (error: ApiError) => Promise<Error>;
}

/** A client whose writes, and calls of subresources, fail once a lease is lost; other reads and watches are as before. */
export function fencedClient(client: Client, { guard, check, verify }: Fence): Client {
  const guarded = guard === undefined ? client : withGuards(client, [guard]);
  const fenced = async <T>(write: () => Promise<T>): Promise<T> => {
    check();
    try {
      return await write();
    } catch (error) {
      throw isConflict(error) && isAbout(error, guard) ? await verify(error) : error;
    }
  };
  return intercept(guarded, {
    create: (next, ...args) => fenced(() => next(...args)),
    update: (next, ...args) => fenced(() => next(...args)),
    patch: (next, ...args) => fenced(() => next(...args)),
    apply: (next, ...args) => fenced(() => next(...args)),
    delete: (next, ...args) => fenced(() => next(...args)),
    deleteCollection: (next, ...args) => fenced(() => next(...args)),
    // some are written without a body
    subresource: (next, ...args) => fenced(() => next(...args)),
  });
}

/** Whether a Conflict names the object of a guard. */
function isAbout({ details }: ApiError, guard: Guard | undefined): boolean {
  if (guard === undefined) return false;
  return details.name === guard.name && details.group === parseApiVersion(guard.apiVersion).group;
}
