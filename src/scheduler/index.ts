export type {
  Amounts,
  BindContext,
  ClusterEvent,
  ClusterIndex,
  ClusterView,
  DryRun,
  FilterPlan,
  HostInfo,
  IndexDefinition,
  ObjectTable,
  PermitWait,
  Placement,
  Plugin,
  PreemptionSurvey,
  Queued,
  Reads,
  Rejection,
  RejectionCode,
  Remedy,
  ResourceColumn,
  RoomNeeded,
  SchedulingModel,
  ScorePlan,
  Topology,
  Trial,
  Verdict,
  WorkloadInfo,
} from './framework/index.js';
export { definePlugin, pending, SKIP, unresolvable, unschedulable } from './framework/index.js';
export type { Decision } from './engine/decision.js';
export type { HostPercentage } from './engine/sample-size.js';
export type { Evaluation } from './engine/evaluate.js';
export type { Counterfactual, Explanation, HostExplanation, PluginScore } from './engine/explanation.js';
export { PluginError } from './engine/plugin-error.js';
export {
  type DrainPlan,
  SchedulingEngine,
  type SchedulingEngineOptions,
} from './engine/scheduling-engine.js';
export {
  type Gang,
  GangBook,
  gangScheduling,
  type GroupDecision,
  type GroupOptions,
  PodGroup,
  podGroupOf,
} from './gangs/index.js';
export { Scheduler } from './loop/scheduler.js';
export type { SchedulerElection, SchedulerOptions, SchedulerProfile } from './loop/scheduler-options.js';
export type { WaitingWorkload } from './loop/bindings/waiting-room.js';
export type { AttemptReport, WorkloadWriter } from './loop/reports/workload-writer.js';
export { podModel } from './pods/pod-model.js';
export { defaultBinder } from './plugins/default-binder.js';
export { defaultPlugins } from './plugins/default-plugins.js';
export { defaultPreemption } from './plugins/default-preemption.js';
export { dynamicResources } from './plugins/dynamic-resources.js';
export { imageLocality } from './plugins/image-locality.js';
export { interPodAffinity, type InterPodAffinityArgs } from './plugins/inter-pod-affinity.js';
export { nodeAffinity, type NodeAffinityArgs } from './plugins/node-affinity.js';
export { nodeDeclaredFeatures } from './plugins/node-declared-features.js';
export { nodeName } from './plugins/node-name.js';
export { nodePorts } from './plugins/node-ports.js';
export { nodeResourcesBalancedAllocation } from './plugins/node-resources-balanced-allocation.js';
export { nodeResourcesFit, type NodeResourcesFitArgs } from './plugins/node-resources-fit.js';
export { nodeUnschedulable } from './plugins/node-unschedulable.js';
export { nodeVolumeLimits } from './plugins/node-volume-limits.js';
export { podTopologySpread } from './plugins/pod-topology-spread.js';
export type { PodTopologySpreadArgs } from './plugins/counts/spread-defaults.js';
export type { ResourceWeight, ScoringStrategy } from './plugins/room/scoring-strategy.js';
export type { ShapePoint } from './plugins/room/shape.js';
export { prioritySort } from './plugins/priority-sort.js';
export { schedulingGates } from './plugins/scheduling-gates.js';
export { taintToleration } from './plugins/taint-toleration.js';
export { volumeBinding, type VolumeBindingArgs } from './plugins/volume-binding.js';
export { volumeRestrictions } from './plugins/volume-restrictions.js';
export { volumeZone } from './plugins/volume-zone.js';
export type { InspectedWorkload, QueuePlace } from './queue/index.js';
