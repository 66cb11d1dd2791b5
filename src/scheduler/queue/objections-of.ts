import { type ApiObject, preview } from '../../core/index.js';
import type { Failure } from './attempt.js';
import type { QueuePlugin } from './queue-plugin.js';
import type { Objection } from './waiting-group.js';

/**
 * The plugins that said no, in the order of the profile; none where the failure is an error.
 *
 * @throws TypeError where a plugin is named that the profile does not have.
 */
export function objectionsOf<W extends ApiObject, H extends ApiObject>(
  plugins: readonly QueuePlugin<W, H>[],
  { rejectedBy = [], pendingPlugins = [], error = false }: Failure,
): readonly Objection<W, H>[] {
  const pending = new Set(pendingPlugins);
  const names = new Set([...rejectedBy, ...pending]);
  const objections: Objection<W, H>[] = [];
  for (const plugin of plugins) {
    if (names.delete(plugin.name)) objections.push({ plugin, pending: pending.has(plugin.name) });
  }
  for (const name of names) {
    throw new TypeError(
      `Expected rejectedBy to name plugins of the workload's profile, got ${preview(name)}`,
    );
  }
  return error ? [] : objections;
}
