import type { Clock } from '../../core/index.js';
import { HealthChecks } from '../health/index.js';
import type { Leadership } from './leadership.js';

/** What {@link managerChecks} look at. */
interface ManagerChecksOptions {
  readonly clock: Clock;
  /** That of all controllers that have none of their own; undefined without one. */
  readonly leadership: Leadership | undefined;
  readonly isReady: () => boolean;
}

/** What a manager tells of itself from the start: whether it is well, and whether it can do its work. */
export function managerChecks({ clock, leadership, isReady }: ManagerChecksOptions): {
  readonly health: HealthChecks;
  readonly ready: HealthChecks;
} {
  const health = new HealthChecks({ clock });
  health.add({ name: 'ping', check: () => undefined });
  if (leadership !== undefined) health.add({ name: 'leader-election', check: () => leadership.check() });
  const ready = new HealthChecks({ clock });
  ready.add({
    name: 'started',
    check: () => {
      if (!isReady()) throw new Error('expected a manager that has started and does not stop');
    },
  });
  return { health, ready };
}
