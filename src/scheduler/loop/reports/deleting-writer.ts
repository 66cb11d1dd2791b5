import type { Client } from '../../../client/index.js';
import { type ApiObject, isNotFound, keyOf } from '../../../core/index.js';
import type { AnyResource } from '../../../resources/index.js';
import type { WorkloadWriter } from './workload-writer.js';

/** Lets workloads of any kind go by deleting them, and writes nothing else. */
export function deletingWriter<W extends ApiObject>(resource: AnyResource): WorkloadWriter<W> {
  return {
    async evict(client: Client, victim: W, _preemptor: W, signal: AbortSignal): Promise<void> {
      const { uid } = victim.metadata;
      try {
        await client.delete(resource, keyOf(victim), { preconditions: { uid }, signal });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    },
  };
}
