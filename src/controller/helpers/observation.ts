import type { NewCondition } from '../../core/index.js';

/** What was seen of one condition; its name, the time and the generation are filled in. */
export type Observation = Pick<NewCondition, 'status' | 'reason' | 'message'>;
