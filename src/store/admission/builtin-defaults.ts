import type { AdmissionPlugin, AdmissionRequest } from './admission-plugin.js';
import { CORE_DEFAULTS } from './defaults/core-defaults.js';
import { type DefaultTable, type Filler, fillerOf } from './defaults/default-table.js';
import { OTHER_DEFAULTS } from './defaults/other-defaults.js';
import { WORKLOAD_DEFAULTS } from './defaults/workload-defaults.js';
import type { StoredObject } from '../stored-object.js';

/**
 * Fills in what Kubernetes fills in where a writer leaves it out: a Pod's `restartPolicy` is Always, a Deployment has one replica.
 *
 * - A store without it keeps the built-in kinds as they were written. Kinds of your own have their defaults from their schemas.
 * - What is in a `status` is for controllers to say, and has no defaults. Neither has what a cluster hands out (cluster IPs, node ports,
 *   a Job's selector), nor what Kubernetes fills in by name alone (service accounts, tolerations, storage classes).
 * - It should be the first plugin, so that the others see complete objects.
 *
 * Source: the defaults.go files in pkg/apis/<group>/<version> of k8s.io/kubernetes.
 */
export function builtinDefaults(): AdmissionPlugin {
  const tables = new Map<string, Map<string, DefaultTable>>();
  for (const group of [CORE_DEFAULTS, WORKLOAD_DEFAULTS, OTHER_DEFAULTS]) {
    for (const [name, table] of Object.entries(group)) {
      const [apiVersion, kind] = name.split(' ') as [string, string];
      const versions = tables.get(kind) ?? new Map<string, DefaultTable>();
      tables.set(kind, versions.set(apiVersion, table));
    }
  }
  // made when its table is first needed
  const fillers = new Map<DefaultTable, Filler>();
  const tableOf = ({ resource }: AdmissionRequest): DefaultTable | undefined =>
    tables.get(resource.kind)?.get(resource.apiVersion);
  return Object.freeze<AdmissionPlugin>({
    name: 'BuiltinDefaults',
    handles: (request) =>
      request.object !== undefined && request.subresource === undefined && tableOf(request) !== undefined,
    mutate: (request) => {
      const table = tableOf(request) as DefaultTable;
      let filler = fillers.get(table);
      if (filler === undefined) {
        filler = fillerOf(table);
        fillers.set(table, filler);
      }
      const filled = filler(request.object) as StoredObject;
      return filled === request.object ? undefined : filled;
    },
  });
}
