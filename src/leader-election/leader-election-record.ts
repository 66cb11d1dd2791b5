/**
 * What a lock keeps: who holds it, since when, and for how long.
 *
 * The times are those of the clock of whoever wrote them. They are for people: nobody compares them with a clock of his own.
 *
 * Source: `LeaderElectionRecord` of client-go.
 */
export interface LeaderElectionRecord {
  /** Empty where nobody holds the lock. */
  readonly holderIdentity: string;
  /** For how long after a change of the record nobody else may take the lock, in milliseconds. */
  readonly leaseDuration: number;
  /** When the term began: RFC 3339 with six fraction digits. */
  readonly acquireTime: string;
  /** When the holder renewed it last, in the same form. */
  readonly renewTime: string;
  /** The number of the term: one more for each. */
  readonly leaderTransitions: number;
}

/** Whether two records say the same in every field. */
export function sameRecord(a: LeaderElectionRecord, b: LeaderElectionRecord): boolean {
  return (
    a.renewTime === b.renewTime &&
    a.holderIdentity === b.holderIdentity &&
    a.leaderTransitions === b.leaderTransitions &&
    a.acquireTime === b.acquireTime &&
    a.leaseDuration === b.leaseDuration
  );
}
