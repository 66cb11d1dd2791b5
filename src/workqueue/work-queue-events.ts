import type { EventEmitter } from 'eventemitter3';

/** The events of a queue, with what their listeners are given. All durations are in milliseconds. */
export interface WorkQueueEvents<T> {
  /** A run of the item was asked for where none was waiting. */
  added: [item: T, priority: number];
  /** The item is wished for later, or earlier than it was, that long from now. */
  delayed: [item: T, delay: number];
  /** The item was handed out; it had waited that long. */
  started: [item: T, waited: number];
  /** The run of the item is done; it took that long. */
  done: [item: T, took: number];
}

/**
 * Where to listen to a queue's events.
 *
 * Listeners are called in a later microtask, in the order of the events, and must not throw: nobody is there to catch it.
 */
export type WorkQueueEmitter<T> = Pick<EventEmitter<WorkQueueEvents<T>>, 'on' | 'once' | 'off'>;
