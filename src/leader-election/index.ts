export type { LeaderElectionRecord } from './leader-election-record.js';
export { LeaderElector } from './leader-elector.js';
export type {
  ElectionOptions,
  Lead,
  LeaderElectionEmitter,
  LeaderElectionEvents,
  LeaderElectorOptions,
} from './leader-elector-options.js';
export { isLeadershipLost, LeadershipLostError, type LostTerm } from './leadership-lost-error.js';
export { LeaseLock, type LeaseLockOptions } from './lease-lock.js';
export type { Lock, LockEntry, LockFollower } from './lock.js';
export type { LeadShard, Shard } from './shard.js';
export { shardOf } from './shard-of.js';
export { ShardedElector } from './sharded-elector.js';
export type { ShardedElectorOptions } from './sharded-elector-options.js';
export type { Term, TermEnd } from './term.js';
export type { ElectionTiming } from './timing.js';
