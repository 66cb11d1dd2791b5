import type { New } from '../../resources/index.js';
import type { Event } from '../../resources/kinds/index.js';

/** An Event that is still to be created. */
export type NewEvent = New<typeof Event>;
