import type { Node, Pod } from '../../resources/kinds/index.js';
import type { Plugin } from '../framework/index.js';
import { defaultBinder } from './default-binder.js';
import { defaultPreemption } from './default-preemption.js';
import { dynamicResources } from './dynamic-resources.js';
import { imageLocality } from './image-locality.js';
import { interPodAffinity } from './inter-pod-affinity.js';
import { nodeAffinity } from './node-affinity.js';
import { nodeDeclaredFeatures } from './node-declared-features.js';
import { nodeName } from './node-name.js';
import { nodePorts } from './node-ports.js';
import { nodeResourcesBalancedAllocation } from './node-resources-balanced-allocation.js';
import { nodeResourcesFit } from './node-resources-fit.js';
import { nodeUnschedulable } from './node-unschedulable.js';
import { nodeVolumeLimits } from './node-volume-limits.js';
import { podTopologySpread } from './pod-topology-spread.js';
import { prioritySort } from './priority-sort.js';
import { schedulingGates } from './scheduling-gates.js';
import { taintToleration } from './taint-toleration.js';
import { volumeBinding } from './volume-binding.js';
import { volumeRestrictions } from './volume-restrictions.js';
import { volumeZone } from './volume-zone.js';

/**
 * The plugins of kube-scheduler's default profile, in its order and with its weights.
 *
 * To change one, replace it by name: `defaultPlugins().map((plugin) => (plugin.name === 'NodeResourcesFit' ? nodeResourcesFit({...}) : plugin))`.
 *
 * Source: the default profile of kube-scheduler 1.36.
 */
export function defaultPlugins(): readonly Plugin<Pod, Node>[] {
  return [
    schedulingGates(),
    prioritySort(),
    nodeUnschedulable(),
    nodeName(),
    taintToleration(),
    nodeAffinity(),
    nodePorts(),
    nodeResourcesFit(),
    volumeRestrictions(),
    nodeVolumeLimits(),
    volumeBinding(),
    volumeZone(),
    podTopologySpread(),
    interPodAffinity(),
    dynamicResources(),
    defaultPreemption(),
    nodeResourcesBalancedAllocation(),
    imageLocality(),
    defaultBinder(),
    nodeDeclaredFeatures(),
  ];
}
