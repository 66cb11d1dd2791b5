export type { ClusterEvent } from './cluster-event.js';
export type {
  ClusterIndex,
  ClusterView,
  IndexDefinition,
  ObjectTable,
  ResourceColumn,
  Topology,
} from './cluster-view.js';
export { definePlugin } from './define-plugin.js';
export type { DryRun, PreemptionSurvey, RoomNeeded, Trial } from './dry-run.js';
export { fitMessage, fitMessageForAll, NO_HOSTS } from './fit-message.js';
export type { Amounts, HostInfo, WorkloadInfo } from './infos.js';
export type { Placement, Verdict } from './placement.js';
export {
  type BindContext,
  type FilterPlan,
  type PermitWait,
  type Plugin,
  type Queued,
  type Reads,
  type ScorePlan,
  SKIP,
} from './plugin.js';
export {
  isRejection,
  pending,
  type Rejection,
  type RejectionCode,
  unresolvable,
  unschedulable,
} from './rejection.js';
export type { Remedy } from './remedy.js';
export type { SchedulingModel } from './scheduling-model.js';
