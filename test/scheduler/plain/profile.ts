import { balancedAllocation } from './balanced-allocation.js';
import { dynamicResources, dynamicResourcesScore } from './dynamic-resources.js';
import { imageLocality } from './image-locality.js';
import { interPodAffinity } from './inter-pod-affinity.js';
import { interPodAffinityScore } from './inter-pod-affinity-score.js';
import { nodeAffinity, nodeAffinityScore } from './node-affinity.js';
import { nodeDeclaredFeatures } from './node-declared-features.js';
import { nodeName } from './node-name.js';
import { nodePorts } from './node-ports.js';
import { nodeResourcesFit, nodeResourcesFitScore } from './node-resources-fit.js';
import { nodeUnschedulable } from './node-unschedulable.js';
import { nodeVolumeLimits } from './node-volume-limits.js';
import type { FilterPlugin, ScorePlugin } from './plugin.js';
import { podTopologySpread } from './pod-topology-spread.js';
import { podTopologySpreadScore } from './pod-topology-spread-score.js';
import { taintToleration, taintTolerationScore } from './taint-toleration.js';
import { volumeBinding } from './volume-binding.js';
import { volumeRestrictions } from './volume-restrictions.js';
import { volumeZone } from './volume-zone.js';

/** In the order in which they are asked. */
export const FILTERS: readonly FilterPlugin[] = [
  nodeUnschedulable,
  nodeName,
  taintToleration,
  nodeAffinity,
  nodePorts,
  nodeResourcesFit,
  volumeRestrictions,
  nodeVolumeLimits,
  volumeBinding,
  volumeZone,
  podTopologySpread,
  interPodAffinity,
  dynamicResources,
  nodeDeclaredFeatures,
];

export const SCORES: readonly ScorePlugin[] = [
  taintTolerationScore,
  nodeAffinityScore,
  nodeResourcesFitScore,
  // scores only where storage capacity counts, which is behind a feature gate that is off
  { name: 'VolumeBinding', weight: 1, score: () => undefined },
  podTopologySpreadScore,
  interPodAffinityScore,
  dynamicResourcesScore,
  balancedAllocation,
  imageLocality,
];
