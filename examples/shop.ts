/**
 * A small cluster in one process: a shop of three tiers, read from real manifests, run by controllers that are written with keelson.
 *
 * Run it with `npm run demo`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { type Client, edit, formatKey, Manager, ObjectStore, waitFor } from 'keelson';
import { builtinKinds, builtinScheme, Deployment, Job, Pod } from 'keelson/kinds';
import { applyManifests, type ManifestFile } from './shop/apply-manifests.js';
import { createNodes } from './shop/create-nodes.js';
import { deploymentController } from './shop/deployment-controller.js';
import { endOf, jobController } from './shop/job-controller.js';
import { narrator } from './shop/narrator.js';
import { podRunner } from './shop/pod-runner.js';
import { isReady } from './shop/pods.js';
import { replicaSetController } from './shop/replica-set-controller.js';
import { scheduler } from './shop/scheduler.js';
import { table } from './shop/table.js';

const NAMESPACE = 'shop';

/** Runs the shop on a store that serves the built-in kinds, and prints what happens. Time passes by the clock of the client. */
export async function shop(client: Client, print: (line: string) => void): Promise<void> {
  const { tell, logger } = narrator(client.clock, print);
  const controllers = [
    deploymentController,
    replicaSetController,
    jobController,
    scheduler(),
    podRunner({ second: 20 }),
  ];
  const manager = new Manager({ client, controllers, logger });
  await manager.start();
  try {
    tell('you', `add the nodes ${(await createNodes(client)).join(', ')}`);
    await applyManifests(client, builtinScheme, readManifests(), ({ resource, key, outcome }) => {
      tell('you', `${outcome} ${resource.kind} ${formatKey(key)}`);
    });
    await Promise.all([
      ...['database', 'cache', 'api', 'web'].map((name) => rolledOut(client, name)),
      migrated(client),
    ]);
    await manager.idle();
    tell('you', 'see that everything runs');

    tell('you', 'roll web to shop/web:2.1.0');
    await change(client, 'web', (draft) => {
      for (const container of draft.spec.template.spec?.containers ?? []) container.image = 'shop/web:2.1.0';
    });
    await rolledOut(client, 'web');
    await manager.idle();

    tell('you', 'scale api to 4 replicas');
    await change(client, 'api', (draft) => {
      draft.spec.replicas = 4;
    });
    await rolledOut(client, 'api');
    await manager.idle();
    tell('you', 'are done; this is what runs where:');
    print('');
    for (const line of table(await whatRunsWhere(client))) print(line);
  } finally {
    await manager.stop();
  }
}

function readManifests(): readonly ManifestFile[] {
  const folder = new URL('manifests/', import.meta.url);
  const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  return names.sort().map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }));
}

async function change(
  client: Client,
  name: string,
  recipe: Parameters<typeof edit<Deployment>>[1],
): Promise<void> {
  const deployment = await client.get(Deployment, { namespace: NAMESPACE, name });
  await client.update(Deployment, edit(deployment, recipe));
}

/** Waits until all replicas of a Deployment are of its newest template, and available. */
async function rolledOut(client: Client, name: string): Promise<void> {
  await waitFor(client, Deployment, { namespace: NAMESPACE, name }, (deployment) => {
    if (deployment === undefined) return false;
    const { metadata, spec, status } = deployment;
    if (status === undefined || status.observedGeneration !== metadata.generation) return false;
    const counts = [status.replicas, status.updatedReplicas, status.availableReplicas];
    return counts.every((count) => count === (spec.replicas ?? 1));
  });
}

async function migrated(client: Client): Promise<void> {
  const key = { namespace: NAMESPACE, name: 'migrate-database' };
  const job = await waitFor(client, Job, key, (found) => found !== undefined && endOf(found) !== undefined);
  if (job === undefined || endOf(job)?.type !== 'Complete') throw new Error('the database was not migrated');
}

async function whatRunsWhere(client: Client): Promise<readonly (readonly string[])[]> {
  const { items } = await client.listAll(Pod, { namespace: NAMESPACE });
  const rows = items.map((pod) => [
    pod.spec.nodeName ?? '',
    pod.metadata.name,
    pod.spec.containers.map(({ image }) => image).join(', '),
    isReady(pod) ? 'Ready' : (pod.status?.phase ?? 'Pending'),
  ]);
  return [['NODE', 'POD', 'IMAGE', 'STATE'], ...rows.sort((a, b) => (a.join(' ') < b.join(' ') ? -1 : 1))];
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const store = new ObjectStore({ resources: builtinKinds });
  await shop(store.client(), (line) => console.log(line));
  await store.close();
}
