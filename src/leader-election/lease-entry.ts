import type { Lease, LeaseSpec } from '../resources/kinds/index.js';
import type { LeaderElectionRecord } from './leader-election-record.js';
import type { LockEntry } from './lock.js';

/** What a Lease says; fields that are absent mean what they mean to client-go: nobody, at once, and the first term. */
export function leaseEntry(lease: Lease): LockEntry {
  const {
    holderIdentity = '',
    leaseDurationSeconds = 0,
    acquireTime = '',
    renewTime = '',
    leaseTransitions = 0,
  } = lease.spec ?? {};
  return {
    record: {
      holderIdentity,
      leaseDuration: leaseDurationSeconds * 1_000,
      acquireTime,
      renewTime,
      leaderTransitions: leaseTransitions,
    },
    id: lease.metadata.uid,
    source: lease,
  };
}

/** A record as the fields of a Lease: with the duration in whole seconds. */
export function leaseSpec(record: LeaderElectionRecord): LeaseSpec {
  return {
    holderIdentity: record.holderIdentity,
    leaseDurationSeconds: record.leaseDuration / 1_000,
    acquireTime: record.acquireTime,
    renewTime: record.renewTime,
    leaseTransitions: record.leaderTransitions,
  };
}
