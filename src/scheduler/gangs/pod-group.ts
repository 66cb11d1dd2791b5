import type { ObjectMeta } from '../../core/index.js';
import { defineResource, type NewOf, type Resource } from '../../resources/index.js';

/** Pods that are placed together, or not at all: those of its namespace that name it. */
export interface PodGroup {
  readonly apiVersion: 'scheduling.x-k8s.io/v1alpha1';
  readonly kind: 'PodGroup';
  readonly metadata: ObjectMeta<'Namespaced'>;
  readonly spec: {
    /** How many Pods have to be placed for any of them to be: a whole number of at least 1. */
    readonly minMember: number;
    /** How long the group may take to be bound once it was placed, in seconds. */
    readonly scheduleTimeoutSeconds?: number;
    /** A label of nodes: all Pods of the group go to nodes with the same value of it. */
    readonly topologyKey?: string;
  };
  readonly status?: {
    readonly phase?: string;
    /** How many Pods are placed, and how many of these run. */
    readonly scheduled?: number;
    readonly running?: number;
  };
}

/**
 * The kind PodGroup, scheduling.x-k8s.io/v1alpha1.
 *
 * Source: the PodGroup of the scheduler-plugins project, with the topology key beside it.
 */
export const PodGroup: Resource<PodGroup, NewOf<PodGroup>> = /* @__PURE__ */ defineResource<PodGroup>({
  group: 'scheduling.x-k8s.io',
  version: 'v1alpha1',
  kind: 'PodGroup',
  status: true,
});
