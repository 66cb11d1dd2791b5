import type { ApiObject } from '../../core/index.js';
import type { Plugin } from '../framework/index.js';

/** What the queue needs of a plugin. */
export type QueuePlugin<W extends ApiObject, H extends ApiObject> = Pick<
  Plugin<W, H>,
  'name' | 'reads' | 'preEnqueue' | 'wakes'
>;

/** What the queue calls of a plugin. */
export type QueueStep = 'less' | 'preEnqueue' | 'reads.part' | 'wakes';
