export type { Gang } from './gang.js';
export { GangBook } from './gang-book.js';
export { GANG_SCHEDULING, gangScheduling } from './gang-scheduling.js';
export type { GroupDecision } from './group-decision.js';
export type { GroupOptions } from './group-options.js';
export { placeGroup } from './place-group.js';
export { PodGroup } from './pod-group.js';
export { podGroupOf } from './pod-group-of.js';
export { type Party, type Victim, wholeGroups } from './whole-groups.js';
