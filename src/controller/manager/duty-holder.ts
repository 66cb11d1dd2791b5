import type { Duty } from '../runner/duty.js';

/** Who works while there is a duty, and rests while there is none. */
export interface DutyHolder {
  begin(duty: Duty): void;
  /**
   * Tells what runs for a duty to stop, and resolves when it has; the duty's signal has aborted before.
   *
   * @param patience - How many milliseconds it may take.
   */
  end(duty: Duty, patience: number): Promise<void>;
}
