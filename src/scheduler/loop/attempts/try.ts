import type { ApiObject } from '../../../core/index.js';
import type { PlacedWorkload } from '../../cluster/index.js';
import type { Attempt } from '../../queue/index.js';
import type { WorkingProfile } from '../profiles.js';

/** An attempt under way. */
export interface Try<W extends ApiObject, H extends ApiObject> {
  readonly attempt: Attempt<W>;
  readonly workload: PlacedWorkload<W, H>;
  readonly profile: WorkingProfile<W, H>;
  /** When it began, by the monotonic clock. */
  readonly start: number;
}
