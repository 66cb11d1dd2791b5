export type { Attempt, Failure } from './attempt.js';
export type { InspectedWorkload, QueuePlace } from './inspection.js';
export type { QueuePlugin } from './queue-plugin.js';
export { SchedulingQueue } from './scheduling-queue.js';
export type { SchedulingQueueOptions } from './scheduling-queue-options.js';
