export { HOST_CHANGED } from './change-log.js';
export { Cluster } from './cluster.js';
export type { HostSlot } from './host-slot.js';
export type { PlacedWorkload } from './placed-workload.js';
